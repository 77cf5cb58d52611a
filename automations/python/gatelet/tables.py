"""Tables as people keep them: CSV from any program is read with mistakes named, and CSV is written for any program."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence

from gatelet.failures import Failed

DELIMITERS = (",", ";", "\t", "|")
# What people write for "none".
NOTHING = {"", "-", "--", "n/a", "na", "never", "none", "null", "nil", "unknown", "(never)"}
MONTHS = {name: at for at, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NAMED = 5


class Row:
    """A line of a table, with the number that an editor shows for it."""

    def __init__(self, line: int, cells: Mapping[str, str]) -> None:
        self.line, self.cells = line, cells

    def __getitem__(self, name: str) -> str:
        return self.cells[name]


class Table(NamedTuple):
    """The rows, and the columns that nobody asked for."""

    rows: List[Row]
    unused: List[str]


def bad(message: str) -> Failed:
    """A file that a person has to mend."""
    return Failed("bad_csv", message)


def read(text: str, wanted: Mapping[str, Sequence[str]], required: Sequence[str]) -> Table:
    """The rows of a CSV. `wanted` has the other names under which each column goes. Mistakes name their line."""
    if "\0" in text:
        raise bad("This is not a text file. Save the table as CSV.")
    known = {plain(other): name for name, others in wanted.items() for other in (name, *others)}
    delimiter, text, skipped = separated(text, known)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: List[str] = []
    rows: List[Row] = []
    try:
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = named(cells, known, required)
                unused = [cell.strip() for cell, name in zip(cells, header) if not name]
                continue
            line = lines.line_num + skipped
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                raise bad(f"Line {line} has {len(cells)} cells, the header has {len(header)}.")
            filled = cells + [""] * (len(header) - len(cells))
            found = {name: cell.strip() for name, cell in zip(header, filled) if name}
            rows.append(Row(line, {**dict.fromkeys(wanted, ""), **found}))
    except csv.Error as error:
        raise bad(f"Line {lines.line_num + skipped}: {error}.") from None
    if not header:
        raise bad("The file is empty.")
    return Table(rows, unused)


def separated(text: str, known: Mapping[str, str]) -> "tuple[str, str, int]":
    """The delimiter: the one that a spreadsheet has noted, or the one by which most columns are known."""
    first, _, rest = text.partition("\n")
    noted = re.fullmatch(r"\s*sep=(.)\s*", first)
    if noted:
        return noted.group(1), rest, 1
    head = next((line for line in text.splitlines() if line.strip()), "")

    def fits(delimiter: str) -> "tuple[int, int]":
        cells = next(csv.reader([head], delimiter=delimiter), [])
        return sum(plain(cell) in known for cell in cells), len(cells)

    return max(DELIMITERS, key=fits), text, 0


def plain(name: str) -> str:
    """A column's name without what differs from one program to the next."""
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def named(cells: Sequence[str], known: Mapping[str, str], required: Sequence[str]) -> List[str]:
    """Our name of each column, or nothing."""
    names = [known.get(plain(cell), "") for cell in cells]
    for name in names:
        if name and names.count(name) > 1:
            twice = [cell.strip() for cell, of in zip(cells, names) if of == name]
            raise bad(f"These columns mean the same: {', '.join(twice)}. Keep one of them.")
    missing = [name for name in required if name not in names]
    if missing:
        found = ", ".join(cell.strip() or "(empty)" for cell in cells)
        raise bad(f"No column is called {' or '.join(missing)}. The columns are: {found}.")
    return names


def dates(rows: Iterable[Row], name: str) -> Dict[int, Optional[date]]:
    """The dates of a column by line. 03/04/2026 is read by what the rest of the column shows, and refused otherwise."""
    given = {row.line: row[name] for row in rows}
    found: Dict[int, Optional[date]] = {}
    slashed: Dict[int, "tuple[int, int, int]"] = {}
    wrong: List[int] = []
    for line, text in given.items():
        if text.lower() in NOTHING:
            found[line] = None
            continue
        slash = re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})\b", text)
        if slash:
            slashed[line] = (int(slash[1]), int(slash[2]), int(slash[3]))
            continue
        day = one_date(text)
        found[line] = day
        if day is None:
            wrong.append(line)
    if slashed:
        day_first = any(first > 12 for first, _, _ in slashed.values())
        month_first = any(second > 12 for _, second, _ in slashed.values())
        if day_first == month_first:
            raise bad(f"Column {name}: is {given[min(slashed)]} a day and a month, or the other way round? Write 2026-11-22.")
        for line, (first, second, year) in slashed.items():
            found[line] = valid(year, second, first) if day_first else valid(year, first, second)
            if found[line] is None:
                wrong.append(line)
    if wrong:
        some = ", ".join(f"line {line}: {given[line][:40]}" for line in sorted(wrong)[:NAMED])
        more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        raise bad(f"Column {name} has what is no date ({some}{more}). Write 2026-11-22.")
    return found


def one_date(text: str) -> Optional[date]:
    """A date in one of the forms that cannot be misread. A time of day after it is left out."""
    found = re.match(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?=$|[T ])", text)
    if found:
        return valid(int(found[1]), int(found[2]), int(found[3]))
    found = re.match(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?=$|[ ,])", text)
    if found:
        return valid(int(found[3]), int(found[2]), int(found[1]))
    found = re.match(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ](\d{4})(?=$|[ ,])", text)
    if found and found[2].lower() in MONTHS:
        return valid(int(found[3]), MONTHS[found[2].lower()], int(found[1]))
    return None


def valid(year: int, month: int, day: int) -> Optional[date]:
    """A date of the calendar."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def written(columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> str:
    """CSV (RFC 4180) with these columns and their titles. No cell is taken for a formula."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(columns.values())
    for row in rows:
        lines.writerow([cell(row.get(name)) for name in columns])
    return text.getvalue()


def cell(value: Any) -> str:
    """A value as a spreadsheet should take it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)
    is_number = isinstance(value, (int, float))
    return "'" + text if text.startswith(FORMULA) and not is_number else text
