"""Asks Azure Monitor Logs."""

from __future__ import annotations

import json
from typing import Any, Dict, List

from gatelet import Refusal, Run, Web, main, tables

LOGS = "https://api.loganalytics.azure.com"
# The service gives a query up after so many seconds.
WAIT = 150
# What is shown of the answer: rows, letters of a cell, bytes in all. The file has everything.
ROWS, LETTERS, BYTES = 100, 60, 40_000


def run(run: Run) -> str:
    """One request that reads. It may be repeated."""
    asked = run.inputs()
    found = run.credentials("workspace")
    logs = Web(found.get("endpoint", LOGS), found["access_token"], say=run.log, patience=WAIT + 15)
    with run.step("query", "R", "Ask the workspace") as step:
        body = {"query": asked["query"], "timespan": asked.get("timespan", "P1D")}
        try:
            path = f"/v1/workspaces/{asked['workspace']}/query"
            answer = logs.ask("POST", path, body, {"prefer": f"wait={WAIT}"}, reads=True).body
        except Refusal as refusal:
            if refusal.status in (400, 404):
                run.fail("bad_query", refusal.message)
            raise
        found_tables = [table for table in answer.get("tables", []) if table.get("columns")]
        step.done({table["name"]: len(table["rows"]) for table in found_tables[:20]})
    with run.step("report", "R", "Write the answer", quiet=True):
        for table in found_tables:
            rows = [dict(zip(names(table), row)) for row in table["rows"]]
            name = "".join(letter for letter in table["name"] if letter.isalnum()) or "table"
            run.artifact(f"{name}.csv", tables.written({one: one for one in names(table)}, rows), "text/csv")
    parts = [drawn(table) for table in found_tables]
    if answer.get("error"):
        told = answer["error"]
        parts.insert(0, f"INCOMPLETE: {told.get('code')}: {told.get('message')}")
    text = "\n\n".join(parts) or "The query answered no table."
    return text.encode()[:BYTES].decode("utf-8", "ignore")


def names(table: Dict[str, Any]) -> List[str]:
    """The names of the columns."""
    return [str(column["name"]) for column in table["columns"]]


def drawn(table: Dict[str, Any]) -> str:
    """A table for people, in letters of one width."""
    lines = [names(table)] + [[cell(value) for value in row] for row in table["rows"][:ROWS]]
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    shown = ["  ".join(one.ljust(width) for one, width in zip(line, widths)).rstrip() for line in lines]
    shown.insert(1, "  ".join("-" * width for width in widths))
    more = len(table["rows"]) - ROWS
    if more > 0:
        shown.append(f"… and {more} more, in the file")
    return "\n".join(shown)


def cell(value: Any) -> str:
    """A value in one line."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= LETTERS else text[: LETTERS - 1] + "…"


if __name__ == "__main__":
    main(run)
