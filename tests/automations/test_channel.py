"""The two ways on which messages travel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, List, Optional

from gatelet import Mistake, Stopped
from gatelet.channel import LINE_BYTES, PipeChannel, encoded
from gatelet.gateway import Gateway
from gatelet.https import HttpsChannel, Letters
from gatelet.play import command, spawned
from letterbox import KEY, WAIT, Letterbox
from stage import AUTOMATIONS, PROJECT

SCRIPT = """
import os, sys
from gatelet import main

def run(run):
    with run.step("look", "R", "Look") as step:
        step.done(1)
    print("printed")
    return {"environment": sorted(os.environ), "arguments": sys.argv[1:], "flags": list(sys.flags)[:1] + [sys.flags.isolated],
            "inputs": dict(run.inputs()), "wide": os.get_inheritable(3)}

if __name__ == "__main__":
    main(run)
"""


def folder_of(case: unittest.TestCase, script: str) -> Path:
    scratch = tempfile.TemporaryDirectory()
    case.addCleanup(scratch.cleanup)
    (Path(scratch.name) / "main.py").write_text(script, "utf-8")
    return Path(scratch.name)


class Pipes(unittest.TestCase):
    def execute(self, script: str, gateway: Gateway, **start: Any) -> "tuple[int, str]":
        folder = folder_of(self, script)
        output = folder / "output"
        status = spawned(command(folder), {"v": 1, "run": "r", **start}, gateway, output)
        return status, output.read_text("utf-8")

    def test_a_script_in_a_process_of_its_own_gets_everything_through_the_pipe(self) -> None:
        gateway = Gateway()
        status, output = self.execute(SCRIPT, gateway, inputs={"word": "hidden-input"})
        self.assertEqual((status, output), (0, "printed\n"))
        kinds = [message["m"] for message in gateway.heard]
        self.assertEqual(kinds, ["hello", "intent", "done", "result"])
        result = gateway.result
        self.assertEqual(result["inputs"], {"word": "hidden-input"})
        self.assertEqual(result["arguments"], [])
        self.assertNotIn("PATH", result["environment"])
        self.assertEqual(result["flags"][1], 1)
        self.assertFalse(result["wide"], "what the script starts must not speak for it")

    def test_a_script_that_cannot_be_loaded_says_so(self) -> None:
        for script, code in (("def run(:", "unexpected"), ("import nothing_of_that_name", "unexpected"), ("x = 1", "mistake_in_script")):
            with self.subTest(script=script):
                gateway = Gateway()
                status, _ = self.execute(script, gateway)
                self.assertEqual((status, (gateway.failure or {}).get("code")), (1, code))

    def test_no_line_of_the_script_runs_before_hello_was_answered(self) -> None:
        gateway = Gateway()
        gateway.before = lambda _: {"a": "stop", "reason": "attempt_taken"}
        status, output = self.execute("print('ran')", gateway)
        self.assertEqual((status, output), (75, "stopped: attempt_taken\n"))

    def test_a_gateway_that_is_gone_ends_the_script(self) -> None:
        hears, tells = os.pipe()
        listens, says = os.pipe()
        channel = PipeChannel(os.fdopen(says, "wb", buffering=0), os.fdopen(hears, "rb"))
        os.close(tells)
        os.close(listens)
        for _ in range(2):
            with self.assertRaises(Stopped) as caught:
                channel.ask({"m": "log", "text": ""})
            self.assertEqual(caught.exception.reason, "channel_lost")

    def test_half_an_answer_and_nonsense_are_no_answer(self) -> None:
        for said in (b'{"a":"go"}', b"nonsense\n", b"[]\n"):
            with self.subTest(said=said):
                hears, tells = os.pipe()
                os.write(tells, said)
                os.close(tells)
                channel = PipeChannel(open(os.devnull, "wb", buffering=0), os.fdopen(hears, "rb"))
                with self.assertRaises(Stopped):
                    channel.ask({"m": "hello"})

    def test_a_message_that_is_too_long_is_not_sent(self) -> None:
        with self.assertRaises(Mistake):
            encoded({"m": "result", "value": "x" * LINE_BYTES})


class Https(unittest.TestCase):
    def setUp(self) -> None:
        self.gateway = Gateway()
        self.server = Letterbox(self.gateway)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.pauses: List[float] = []
        self.channel = self.opened()

    def opened(self) -> HttpsChannel:
        """A new channel, whose pauses pass at once."""
        return HttpsChannel(Letters(self.server.url, KEY, self.pauses.append, lambda: sum(self.pauses)))

    def reason(self, message: Optional[Dict[str, Any]] = None) -> str:
        with self.assertRaises(Stopped) as caught:
            self.channel.ask(message or {"m": "hello"})
        return caught.exception.reason

    def test_the_same_script_runs_over_requests_in_a_second_process(self) -> None:
        start = {"v": 1, "run": "r", "inputs": {"word": "x"}}
        document = json.dumps({"url": self.server.url, "key": KEY, "start": start})
        words = ["-I", "-S", "-B", "-X", "utf8", str(AUTOMATIONS / "python"), "--https"]
        folder = folder_of(self, SCRIPT.replace('"wide": os.get_inheritable(3)', '"wide": False'))
        ended = subprocess.run([sys.executable, *words, str(folder)], input=document, text=True, capture_output=True, env={}, cwd=PROJECT)
        self.assertEqual((ended.returncode, ended.stdout), (0, "printed\n"), ended.stderr)
        self.assertEqual([message["m"] for message in self.gateway.heard], ["hello", "intent", "done", "result"])
        self.assertEqual(self.gateway.result["inputs"], {"word": "x"})
        self.assertEqual({one["authorization"] for one in self.server.asked}, {f"Attempt {KEY}"})
        self.assertEqual({one["path"] for one in self.server.asked}, {"/attempts/acme/r/1"})

    def test_a_letter_is_posted_until_it_is_answered_and_heard_once(self) -> None:
        for moods in ([503, 429], [0], [500, 0, 502], [WAIT, WAIT], [WAIT, 0, 503]):
            with self.subTest(moods=moods):
                self.gateway.next_attempt()
                self.gateway.heard, self.server.letters, self.server.answers = [], [], []
                self.channel, self.server.moods = self.opened(), list(moods)
                self.assertEqual(self.channel.ask({"m": "hello"}), {"a": "go"})
                self.assertEqual(self.channel.ask({"m": "log", "text": "x"}), {"a": "go"})
                self.assertEqual([message["m"] for message in self.gateway.heard], ["hello", "log"])
                self.assertEqual([letter["n"] for letter in self.server.letters], [1, 2])

    def test_an_invocation_names_itself_once(self) -> None:
        self.channel.ask({"m": "hello"})
        self.channel.ask({"m": "log", "text": "x"})
        first, second = self.server.letters
        self.assertGreaterEqual(len(first["nonce"]), 16)
        self.assertNotIn("nonce", second)
        self.assertNotEqual(self.opened()._letters._nonce, first["nonce"])

    def test_an_attempt_that_does_not_count_any_more_ends(self) -> None:
        for status in (400, 401, 404, 409, 413):
            with self.subTest(status=status):
                self.channel = self.opened()
                self.server.moods, before = [status], len(self.server.asked)
                self.assertEqual((self.reason(), len(self.server.asked) - before), ("attempt_refused", 1))
                self.assertEqual(self.reason(), "attempt_refused", "and says nothing more")
                self.assertEqual(len(self.server.asked) - before, 1)

    def test_a_gateway_that_stays_away_ends_the_script(self) -> None:
        self.server.moods = [503] * 40
        self.assertEqual(self.reason(), "channel_lost")
        self.assertGreater(sum(self.pauses), Letters.PATIENCE)

    def test_the_key_follows_no_redirect(self) -> None:
        for status in (302, 303, 307, 308):
            with self.subTest(status=status):
                self.channel = self.opened()
                self.server.moods, self.server.asked = [status], []
                self.reason()
                self.assertEqual([one["path"] for one in self.server.asked], ["/attempts/acme/r/1"])

    def test_the_key_goes_out_only_over_tls(self) -> None:
        for url in ("http://gateway.internal/attempts", "http://127.0.0.1.evil.example/", "ftp://x", "//x"):
            with self.subTest(url=url), self.assertRaises(Mistake):
                Letters(url, KEY)
