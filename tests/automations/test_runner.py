"""The runner that is a function of its own: what it does with a script, and what is left of it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from typing import Any, Dict, List
from unittest import mock
from urllib.request import Request, urlopen

from gatelet.gateway import Gateway
from gatelet_runner import child, handle, talk
from letterbox import KEY, Letterbox
from stage import AUTOMATIONS

HANDLE = sys.modules["gatelet_runner.handle"]
BEGUN = "import os, signal, subprocess, sys, time\nfrom gatelet import main\ndef run(run):\n"
# Longer than any test waits, and shorter than anybody would.
LONG = 60


def script(*lines: str) -> str:
    """A script whose function has these lines."""
    return BEGUN + "".join(f"    {line}\n" for line in lines) + "main(run)\n"


class Attempt(unittest.TestCase):
    def setUp(self) -> None:
        self.gateway = Gateway()
        self.box = Letterbox(self.gateway)
        self.addCleanup(self.box.server_close)
        self.addCleanup(self.box.shutdown)
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        quick: List[Any] = [(talk, "PULSE_EVERY", 0.05), (talk, "TELL_EVERY", 0.02), (child, "GRACE", 0.3), (tempfile, "tempdir", scratch.name)]
        for module, name, value in quick:
            patch = mock.patch.object(module, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.addCleanup(HANDLE._spoiled.clear)

    def event(self, text: str, **more: Any) -> Dict[str, Any]:
        files = {"main.py": base64.b64encode(text.encode()).decode()}
        start = {"v": 1, "run": "r", "inputs": {"word": "hidden-input"}}
        return {"v": 1, "url": self.box.url, "key": KEY, "script": files, "timeout_s": LONG, "start": start, **more}

    def carried_out(self, text: str, **more: Any) -> Dict[str, Any]:
        answer = handle(self.event(text, **more))
        self.assertEqual(list(self.scratch.iterdir()), [], "nothing of it is left on the disk")
        return answer

    def kinds(self) -> List[str]:
        return [message["m"] for message in self.gateway.heard]

    def test_a_script_is_carried_out_and_its_words_become_letters(self) -> None:
        text = script(
            "print('printed')",
            "with run.step('look', 'R', 'Look') as step:",
            "    step.done(1)",
            "return {'environment': sorted(os.environ), 'words': sys.argv[1:], 'word': run.inputs()['word'],",
            "        'open': sorted(map(int, os.listdir('/proc/self/fd')))[:5],",
            "        'group': os.getpgrp() == os.getpid(), 'here': os.getcwd() == os.environ['HOME']}",
        )
        os.environ["CANARY"] = "of-the-runner"
        self.addCleanup(os.environ.pop, "CANARY")
        self.assertEqual(self.carried_out(text), {"exit": {"status": 0}})
        self.assertEqual(self.kinds(), ["hello", "intent", "done", "result"])
        self.assertEqual((self.box.output(), self.box.ends()), (["printed"], [{"status": 0}]))
        result = self.gateway.result
        self.assertEqual(set(result["environment"]) - set(child.KEPT) - {"LC_CTYPE"}, {"HOME", "LANG", "TMPDIR"})
        self.assertEqual((result["words"], result["word"]), ([], "hidden-input"))
        self.assertEqual(result["open"], [0, 1, 2, 3, 4])
        self.assertTrue(result["group"] and result["here"])

    def test_how_a_script_ends_is_told_twice(self) -> None:
        ends = (
            ("raise ValueError('no')", {"status": 1}),
            ("os._exit(3)", {"status": 3}),
            ("os.kill(os.getpid(), signal.SIGKILL)", {"signal": 9}),
        )
        for line, end in ends:
            with self.subTest(line=line):
                self.gateway.next_attempt()
                self.box.letters, self.box.answers = [], []
                self.assertEqual(self.carried_out(script(line)), {"exit": end})
                self.assertEqual(self.box.ends(), [end])

    def test_a_script_that_takes_too_long_or_is_not_wanted_any_more_is_ended_with_all_that_it_started(self) -> None:
        # It ignores what asks it to end, and leaves a process in a session of its own.
        text = script(
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
            "left = subprocess.Popen(['sleep', '3600'], start_new_session=True)",
            "print(left.pid, flush=True)",
            "time.sleep(3600)",
        )
        for reason, timeout in (("timed_out", 1.5), ("cancelled", LONG)):
            with self.subTest(reason=reason):
                self.gateway.next_attempt()
                self.box.letters, self.box.answers = [], []
                stopper = threading.Thread(target=self.stop_once_it_prints, daemon=True)
                if reason == "cancelled":
                    stopper.start()
                self.assertEqual(self.carried_out(text, timeout_s=timeout), {"exit": {"stopped": reason}})
                [pid] = self.box.output()
                self.assertFalse(Path(f"/proc/{pid}").exists(), "a process is left")

    def stop_once_it_prints(self) -> None:
        while not self.box.output():
            time.sleep(0.01)
        self.box.stop = "cancelled"

    def test_a_second_invocation_that_is_not_let_in_runs_no_line(self) -> None:
        self.gateway.before = lambda _: {"a": "stop", "reason": "attempt_taken"}
        self.assertEqual(self.carried_out("print('ran')"), {"exit": {"stopped": "attempt_taken"}})
        self.assertNotIn("ran", self.box.output())

    def test_output_is_cut_by_the_line_and_told_to_the_end(self) -> None:
        self.carried_out(script("for n in range(3000): print(n)", "print('x' * 100000)", r"print('\x01' * 16000)", "print('end')"))
        lines = self.box.output()
        self.assertEqual(lines[:3000], [str(n) for n in range(3000)])
        self.assertRegex(lines[3000], r"^x{16384} \[83616 more bytes\]$")
        self.assertEqual(lines[-1], "end")
        self.assertTrue(all(len(json.dumps(letter)) < 512 * 1024 for letter in self.box.letters))

    def test_what_the_runner_does_not_understand_or_have_is_refused_before_anything_begins(self) -> None:
        outside = {"../main.py": ""}
        locked = {"main.py": "", "requirements.lock": base64.b64encode(b"boto3==1.0").decode()}
        for more in ({"v": 2}, {"script": outside}, {"script": locked}, {"url": "http://elsewhere.example/"}):
            with self.subTest(more=more):
                self.assertEqual(list(self.carried_out("print('ran')", **more)), ["refused"])
        self.assertEqual(self.box.letters, [])

    def test_packages_that_were_prepared_are_found_by_their_lock(self) -> None:
        lock = b"one==1"
        place = self.scratch.parent / f"libraries-{os.getpid()}"
        folder = place / hashlib.sha256(lock).hexdigest()
        folder.mkdir(parents=True)
        (folder / "one.py").write_text("WORD = 'packaged'\n", "utf-8")
        self.addCleanup(subprocess.run, ["rm", "-r", str(place)], check=True)
        files = {"main.py": script("import one", "return one.WORD"), "requirements.lock": lock.decode()}
        files = {name: base64.b64encode(text.encode()).decode() for name, text in files.items()}
        with mock.patch.object(HANDLE, "LIBRARIES", place):
            self.assertEqual(self.carried_out("", script=files), {"exit": {"status": 0}})
        self.assertEqual(self.gateway.result, "packaged")

    def test_one_script_runs_at_a_time(self) -> None:
        inner: List[Dict[str, Any]] = []

        def second(message: Dict[str, Any]) -> None:
            if message["m"] == "hello":
                inner.append(handle(self.event("print('ran')")))

        self.gateway.before = second
        self.carried_out(script("return 1"))
        self.assertEqual(inner, [{"refused": "another script runs here"}])

    def test_a_process_that_may_hold_something_of_a_script_carries_out_no_other(self) -> None:
        with mock.patch.object(child, "all_ended", lambda _: False):
            answer = handle(self.event(script("return 1")))
        self.assertEqual(answer, {"recycle": True}, "nobody knows how it ended")
        self.assertEqual(self.box.ends(), [])
        again = handle(self.event(script("return 2")))
        self.assertEqual((again["recycle"], "refused" in again), (True, True))


class Probe(unittest.TestCase):
    def test_the_isolation_is_what_was_tried(self) -> None:
        report = handle({"probe": True})["sandbox"]
        holds = {probe["name"]: probe["holds"] for probe in report["probes"]}
        walls = ("gateway_environment", "gateway_memory", "gateway_descriptors", "new_rights")
        self.assertEqual(report["level"], 2 if all(holds[wall] for wall in walls) else 1)
        self.assertTrue(holds["new_rights"])
        if os.geteuid() == 0:
            self.assertEqual(report["level"], 1, "root reads everything")


class Server(unittest.TestCase):
    def test_it_serves_invocations_in_a_second_process(self) -> None:
        gateway = Gateway()
        box = Letterbox(gateway)
        self.addCleanup(box.server_close)
        self.addCleanup(box.shutdown)
        server = subprocess.Popen(
            [sys.executable, "-m", "gatelet_runner"], cwd=AUTOMATIONS / "python", stdout=subprocess.PIPE, text=True, env={"PYTHONDONTWRITEBYTECODE": "1"}
        )
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        assert server.stdout is not None
        self.addCleanup(server.stdout.close)
        files = {"main.py": base64.b64encode(script("return 'done'").encode()).decode()}
        event = {"v": 1, "url": box.url, "key": KEY, "script": files, "timeout_s": LONG, "start": {"v": 1, "run": "r"}}
        request = Request(server.stdout.readline().strip(), data=json.dumps(event).encode(), method="POST")
        with urlopen(request, timeout=LONG) as answer:
            self.assertEqual(json.load(answer), {"exit": {"status": 0}})
        self.assertEqual(gateway.result, "done")


if __name__ == "__main__":
    unittest.main()
