"""The two ways on which messages travel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Dict, List, Optional

from gatelet import Mistake, Stopped
from gatelet.channel import LINE_BYTES, HttpsChannel, PipeChannel, encoded
from gatelet.gateway import Gateway
from gatelet.play import command, spawned
from stage import AUTOMATIONS, PROJECT

KEY = "attempt-key-that-nobody-may-see"
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


class Attempts(ThreadingHTTPServer):
    """The attempt channel over HTTP, which can be busy, gone, or closed to this attempt."""

    daemon_threads = True

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.gateway, self.moods, self.asked = gateway, list[int](), list[Dict[str, str]]()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/attempts/acme/r/1"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Attempts

    def log_message(self, *_: Any) -> None:
        """Stays silent."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        mood = self.server.moods.pop(0) if self.server.moods else 200
        if mood == 0:
            self.close_connection = True
            return
        text = b""
        if mood == 200:
            text = json.dumps(self.server.gateway.hear(json.loads(body))).encode()
        self.send_response(mood)
        if mood // 100 == 3:
            self.send_header("location", self.server.url + "/elsewhere")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self) -> None:
        self.server.asked.append({"path": self.path})
        self.send_error(404)


class Https(unittest.TestCase):
    def setUp(self) -> None:
        self.gateway = Gateway()
        self.server = Attempts(self.gateway)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.pauses: List[float] = []
        self.channel = HttpsChannel(self.server.url, KEY, self.pauses.append)

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

    def test_a_message_that_was_not_taken_is_said_again(self) -> None:
        self.server.moods = [503, 429]
        self.assertEqual(self.channel.ask({"m": "hello"}), {"a": "go"})
        self.assertEqual((len(self.gateway.heard), len(self.pauses)), (1, 2))

    def test_a_message_whose_answer_was_lost_is_not_said_again(self) -> None:
        self.server.moods = [0]
        self.assertEqual(self.reason(), "channel_lost")
        self.assertEqual((len(self.server.asked), self.reason()), (1, "channel_lost"))
        self.assertEqual(len(self.server.asked), 1)

    def test_an_attempt_that_does_not_count_any_more_ends(self) -> None:
        for status, why in ((401, "attempt_refused"), (404, "attempt_refused"), (409, "attempt_refused"), (500, "channel_lost")):
            with self.subTest(status=status):
                self.channel = HttpsChannel(self.server.url, KEY, self.pauses.append)
                self.server.moods, before = [status], len(self.server.asked)
                self.assertEqual((self.reason(), len(self.server.asked) - before), (why, 1))

    def test_a_gateway_that_stays_away_ends_the_script(self) -> None:
        self.server.moods = [503] * 20
        self.assertEqual(self.reason(), "channel_lost")
        self.assertEqual(len(self.server.asked), 1 + len(HttpsChannel.PAUSES))

    def test_the_key_follows_no_redirect(self) -> None:
        for status in (302, 303, 307, 308):
            with self.subTest(status=status):
                self.channel = HttpsChannel(self.server.url, KEY, self.pauses.append)
                self.server.moods, self.server.asked = [status], []
                self.reason()
                self.assertEqual([one["path"] for one in self.server.asked], ["/attempts/acme/r/1"])

    def test_the_key_goes_out_only_over_tls(self) -> None:
        for url in ("http://gateway.internal/attempts", "http://127.0.0.1.evil.example/", "ftp://x", "//x"):
            with self.subTest(url=url), self.assertRaises(Mistake):
                HttpsChannel(url, KEY)
