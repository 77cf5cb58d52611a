"""CSV from any program."""

from __future__ import annotations

import unittest
from datetime import date

from gatelet import Failed, tables

WANTED = {"account": ["user name", "login"], "last_sign_in": ["last login"], "roles": ["groups"]}


def read(text: str, required: "tuple[str, ...]" = ("account",)) -> tables.Table:
    return tables.read(text, WANTED, list(required))


class Reading(unittest.TestCase):
    def refused(self, text: str, required: "tuple[str, ...]" = ("account",)) -> str:
        with self.assertRaises(Failed) as caught:
            read(text, required)
        self.assertEqual(caught.exception.code, "bad_csv")
        return caught.exception.message

    def test_every_delimiter_quoting_and_line_end_is_read(self) -> None:
        for delimiter in ",;\t|":
            for end in ("\n", "\r\n", "\r"):
                with self.subTest(delimiter=delimiter, end=repr(end)):
                    cells = [["User-Name", "Groups"], [f'"a{delimiter} ""b"""', "x"], ["c", "y"]]
                    text = end.join(delimiter.join(row) for row in cells) + end
                    rows = read(text).rows
                    self.assertEqual([row["account"] for row in rows], [f'a{delimiter} "b"', "c"])

    def test_a_cell_may_have_lines_and_their_numbers_are_the_editors(self) -> None:
        rows = read('account,roles\n"a\nb",x\n\nc,y\n').rows
        self.assertEqual([(row.line, row["account"]) for row in rows], [(3, "a\nb"), (5, "c")])

    def test_the_delimiter_that_a_spreadsheet_noted_counts(self) -> None:
        rows = read("sep=;\naccount;roles\na,b;c\n").rows
        self.assertEqual([(row.line, row["account"]) for row in rows], [(3, "a,b")])

    def test_columns_that_nobody_asked_for_are_named(self) -> None:
        self.assertEqual(read("login,Shoe size,Groups\na,44,x\n").unused, ["Shoe size"])

    def test_a_missing_column_is_named_with_those_that_are_there(self) -> None:
        told = self.refused("login,Shoe size\na,44\n", ("account", "roles"))
        self.assertIn("roles", told)
        self.assertIn("login, Shoe size", told)

    def test_two_columns_of_one_meaning_are_refused(self) -> None:
        self.assertIn("login, Account", self.refused("login,Account\na,b\n"))

    def test_mistakes_name_their_line(self) -> None:
        self.assertIn("Line 3", self.refused("account,roles\na,b\nc,d,e\n"))
        self.assertIn("Line 2", self.refused('account,roles\n"a"b,c\n'))
        self.assertIn("Line 2", self.refused('account,roles\n"never closed,c\n'))

    def test_what_is_no_table_is_refused(self) -> None:
        for text in ("", "\n\n", "PK\x03\x04\0\0", "nothing of that\nkind\n"):
            with self.subTest(text=text):
                self.refused(text)

    def test_a_short_line_is_filled(self) -> None:
        row = read("account,roles,last login\na\n").rows[0]
        self.assertEqual((row["account"], row["roles"], row["last_sign_in"]), ("a", "", ""))


class Dates(unittest.TestCase):
    def dates(self, *given: str) -> "list[date | None]":
        rows = read("account\tlast_sign_in\n" + "".join(f"a\t{text}\n" for text in given)).rows
        return [tables.dates(rows, "last_sign_in")[row.line] for row in rows]

    def test_every_form_that_cannot_be_misread_is_read(self) -> None:
        forms = ["2026-11-02", "2026-11-02T08:00:00Z", "2026-11-02 08:00:00.000+01:00", "02.11.2026 08:00", "2026/11/02", "2-Nov-2026", "02 November 2026"]
        self.assertEqual(self.dates(*forms), [date(2026, 11, 2)] * len(forms))

    def test_no_date_is_none_in_the_words_of_every_program(self) -> None:
        self.assertEqual(self.dates("", "never", "N/A", "-", "NULL"), [None] * 5)

    def test_slashes_are_read_as_the_rest_of_the_column_shows(self) -> None:
        self.assertEqual(self.dates("03/04/2026", "25/12/2025"), [date(2026, 4, 3), date(2025, 12, 25)])
        self.assertEqual(self.dates("03/04/2026", "12/25/2025 9:00"), [date(2026, 3, 4), date(2025, 12, 25)])

    def test_slashes_that_can_be_read_both_ways_are_refused(self) -> None:
        for given in (("03/04/2026",), ("25/12/2025", "12/25/2025")):
            with self.subTest(given=given), self.assertRaises(Failed):
                self.dates(*given)

    def test_what_is_no_date_is_named_with_its_line(self) -> None:
        with self.assertRaises(Failed) as caught:
            self.dates("2026-11-02", "soon", "2026-02-30")
        self.assertIn("line 3: soon", caught.exception.message)
        self.assertIn("line 4: 2026-02-30", caught.exception.message)


class Writing(unittest.TestCase):
    def test_no_cell_is_taken_for_a_formula(self) -> None:
        cells: "list[object]" = ["=1+1", "+1", "-1", "@x", "\tx", "plain", -1]
        rows: "list[dict[str, object]]" = [{"a": value} for value in cells]
        lines = tables.written({"a": "A"}, rows).split("\r\n")
        self.assertEqual(lines[:4], ["A", "'=1+1", "'+1", "'-1"])
        self.assertEqual((lines[6], lines[7]), ("plain", "-1"))

    def test_what_was_written_is_read_again(self) -> None:
        rows: "list[dict[str, object]]" = [{"account": 'a, "b"\nc', "roles": None}, {"account": "d", "roles": True}]
        again = read(tables.written({"account": "Account", "roles": "Roles"}, rows)).rows
        self.assertEqual([(row["account"], row["roles"]) for row in again], [('a, "b"\nc', ""), ("d", "yes")])
