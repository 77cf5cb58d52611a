"""Counts the letters of each line: what a script is given and says stands in docs/reference/automation-python.md."""

from typing import Any, Dict, List

from gatelet import Run, main


def run(run: Run) -> List[Dict[str, Any]]:
    lines = run.inputs()["lines"]
    rows = []
    # A step is what people see in the run. This one reads only, so it may be repeated.
    with run.step("count", "R", "Count the letters") as step:
        for done, line in enumerate(lines, 1):
            rows.append({"line": line, "letters": len(line)})
            run.progress(done, len(lines), "lines")
        step.done(len(rows))
    run.log(f"counted {len(rows)} lines")
    return rows


if __name__ == "__main__":
    main(run)
