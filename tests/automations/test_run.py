"""What a script is given, and what it says."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import unittest
from typing import Any, Callable, Dict, Iterable, Union

from gatelet import Failed, File, Mistake, Outage, Run, Stopped
from gatelet.entry import carry_out
from gatelet.gateway import Gateway
from stage import Clock, started, stop

TOKEN = "s3cr3t-value-of-a-token"


class Given(unittest.TestCase):
    def test_inputs_cannot_be_changed(self) -> None:
        inputs = started(inputs={"days": 90}).inputs()
        self.assertEqual(inputs["days"], 90)
        with self.assertRaises(TypeError):
            inputs["days"] = 1  # type: ignore[index]

    def test_a_file_comes_as_its_bytes(self) -> None:
        encoded = base64.b64encode(b"\x00\xffbytes").decode()
        told = {"name": "a.bin", "media_type": "application/x", "base64": encoded}
        run = started(files={"one": told})
        self.assertEqual(run.file("one"), File("a.bin", "application/x", b"\x00\xffbytes"))
        self.assertTrue(run.has_file("one"))
        self.assertFalse(run.has_file("two"))

    def test_text_is_read_as_whichever_program_wrote_it(self) -> None:
        text = "Zoë;Müller"
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
            with self.subTest(encoding=encoding):
                self.assertEqual(File("a", "text/csv", text.encode(encoding)).text(), text)

    def test_what_the_manifest_does_not_declare_is_a_mistake(self) -> None:
        with self.assertRaises(Mistake):
            started().file("nothing")
        with self.assertRaises(Mistake):
            started().credentials("nothing")


class Said(unittest.TestCase):
    def setUp(self) -> None:
        self.gateway, self.clock = Gateway(), Clock()
        credentials = {"cloud": {"region": "eu", "key": json.dumps({"inner": TOKEN})}, "other": {"pin": "1234"}}
        self.run_ = started(self.gateway, self.clock, credentials=credentials)

    def test_progress_is_told_often_enough_and_not_more(self) -> None:
        for number in range(1, 101):
            self.clock.now += 0.01
            self.run_.progress(number, 100, "items")
        told = [message["done"] for message in self.gateway.heard if message["m"] == "progress"]
        self.assertEqual((told[0], told[-1]), (1, 100))
        self.assertLessEqual(len(told), 7)
        self.assertGreaterEqual(len(told), 4)

    def test_a_long_line_is_kept_whole_in_pieces(self) -> None:
        text = "ä😀" * 5000
        self.run_.log(text)
        self.assertGreater(len(self.gateway.log), 1)
        self.assertEqual("".join(self.gateway.log), text)

    def test_several_lines_are_several_lines(self) -> None:
        self.run_.log("one\ntwo")
        self.assertEqual(self.gateway.log, ["one", "two"])

    # Credentials are what they are in whatever member they stand, and inside of JSON too.
    def test_no_credential_stands_in_the_log(self) -> None:
        self.run_.log(f"it is {TOKEN}, in 1234 places")
        self.assertEqual(self.gateway.log, ["it is [cloud], in 1234 places"])

    def test_an_artifact_arrives_whole_whatever_it_is_made_of(self) -> None:
        big = bytes(range(256)) * 3000
        made: Dict[str, Union[bytes, str, Iterable[bytes]]] = {
            "bytes": big, "pieces": (big[at : at + 999] for at in range(0, len(big), 999)), "empty": b"", "text": "ä",
        }
        for name, data in made.items():
            self.run_.artifact(name, data)
        self.assertEqual(self.gateway.files["bytes"], big)
        self.assertEqual(self.gateway.files["pieces"], big)
        self.assertEqual(self.gateway.files["empty"], b"")
        self.assertEqual(self.gateway.files["text"], "ä".encode())
        last = [message["last"] for message in self.gateway.heard if message.get("name") == "bytes"]
        self.assertEqual(last, [False, False, True])

    def test_an_attempt_leaves_a_file_once_and_the_next_attempt_leaves_it_anew(self) -> None:
        self.run_.artifact("a.txt", "first")
        with self.assertRaises(Mistake):
            self.run_.artifact("a.txt", "second")
        self.gateway.next_attempt()
        started(self.gateway).artifact("a.txt", "third")
        self.assertEqual(self.gateway.files, {"a.txt": b"third"})

    def test_a_run_leaves_twenty_files_at_most(self) -> None:
        for number in range(20):
            self.run_.artifact(f"{number}.txt", "x")
        with self.assertRaises(Mistake):
            self.run_.artifact("one-more.txt", "x")

    def test_an_artifact_has_a_plain_name(self) -> None:
        for name in ("", "../a", ".hidden", "a/b", "a b", "x" * 101):
            with self.subTest(name=name), self.assertRaises(Mistake):
                self.run_.artifact(name, b"")

    def test_nothing_follows_the_result(self) -> None:
        self.run_.result([])
        more: "list[Callable[[], Any]]" = [lambda: self.run_.log("more"), lambda: self.run_.result([]), lambda: self.run_.progress(1)]
        for said in more:
            with self.assertRaises(Mistake):
                said()
        with self.assertRaises(Mistake):
            self.run_.step("late", "R", "Late")

    def test_what_is_no_json_is_a_mistake_of_the_script(self) -> None:
        for value in (float("nan"), object(), {1, 2}):
            with self.subTest(value=type(value)), self.assertRaises(Mistake):
                started().result(value)


class Ends(unittest.TestCase):
    def end(self, script: object, **start: object) -> "tuple[int, Gateway, str]":
        gateway, output = Gateway(), io.StringIO()
        with contextlib.redirect_stderr(output):
            status = carry_out(script, started(gateway, **start))  # type: ignore[arg-type]
        return status, gateway, output.getvalue()

    def test_what_the_function_returns_is_the_result(self) -> None:
        status, gateway, _ = self.end(lambda run: [{"a": 1}])
        self.assertEqual((status, gateway.result), (0, [{"a": 1}]))

    def test_a_failure_says_its_code_and_whether_to_try_again(self) -> None:
        def busy(run: Run) -> None:
            run.fail("too_busy", "Come back later.", retry=True)

        status, gateway, _ = self.end(busy)
        expected = {"m": "failure", "code": "too_busy", "message": "Come back later.", "retry": True}
        self.assertEqual((status, gateway.failure), (1, expected))

    def test_a_code_is_a_plain_word(self) -> None:
        with self.assertRaises(Mistake):
            started().fail("Not A Code", "")

    def test_an_exception_tells_its_kind_and_place_and_no_variable(self) -> None:
        def careless(run: Run) -> None:
            password = run.credentials("cloud")["key"]
            raise ValueError(f"cannot use {password}")

        status, gateway, output = self.end(careless, credentials={"cloud": {"key": TOKEN}})
        self.assertEqual((status, (gateway.failure or {})["code"]), (1, "unexpected"))
        self.assertRegex((gateway.failure or {})["message"], r"^ValueError at test_run.py:\d+ in careless$")
        self.assertNotIn(TOKEN, output + json.dumps(gateway.heard))
        self.assertIn("cannot use [cloud]", output)

    def test_what_may_go_better_is_tried_again(self) -> None:
        for error, retry in ((ConnectionResetError(), True), (TimeoutError(), True), (Outage("away"), True), (KeyError("a"), False)):
            with self.subTest(error=type(error)):

                def script(_: Run, error: BaseException = error) -> None:
                    raise error

                _, gateway, _ = self.end(script)
                self.assertIs((gateway.failure or {})["retry"], retry)

    def test_a_script_that_exits_by_itself_has_failed(self) -> None:
        status, gateway, _ = self.end(lambda _: exit(0))
        self.assertEqual((status, gateway.result, (gateway.failure or {})["code"]), (1, None, "unexpected"))

    def test_stop_goes_through_what_catches_every_exception(self) -> None:
        gateway, effects = Gateway(), []
        run = started(gateway)
        gateway.before = lambda _: stop()

        def stubborn(run: Run) -> None:
            for _ in range(3):
                try:
                    run.log("working")
                    effects.append(1)
                except Exception:
                    pass

        with contextlib.redirect_stderr(io.StringIO()) as output:
            status = carry_out(stubborn, run)
        self.assertEqual((status, effects, output.getvalue()), (75, [], "stopped: cancelled\n"))

    def test_stop_is_final_even_for_a_script_that_catches_it(self) -> None:
        gateway = Gateway()
        run = started(gateway)
        answers = iter([stop()])
        gateway.before = lambda _: next(answers, None)
        for _ in range(2):
            with self.assertRaises(Stopped):
                run.log("working")
        self.assertEqual(gateway.log, [])

    def test_an_attempt_that_was_begun_before_never_starts(self) -> None:
        gateway = Gateway()
        started(gateway)
        with self.assertRaises(Stopped):
            started(gateway)

    def test_a_failure_that_the_gateway_does_not_take_is_still_a_failure(self) -> None:
        def wrong(_: Run) -> None:
            raise Failed("Not A Code", "")

        status, gateway, output = self.end(wrong)
        self.assertEqual((status, gateway.failure), (1, None))
        self.assertIn("was not taken", output)
