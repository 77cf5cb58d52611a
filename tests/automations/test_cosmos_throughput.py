"""Setting a throughput: once, under its condition, against a double of Azure Resource Manager."""

from __future__ import annotations

import itertools
import threading
import unittest
from http.server import ThreadingHTTPServer
from typing import Any, Iterator

from gatelet.gateway import Gateway
from resource_manager import Manager, Setting
from stage import AUTOMATIONS, attempts, crash, once_at, script_of

SCRIPT = script_of(AUTOMATIONS / "cosmos-throughput")
SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
ASKED = {"subscription": SUBSCRIPTION, "resource_group": "rg", "account": "db", "database": "a b/c", "throughput": 800}


class Quiet(ThreadingHTTPServer):
    """A server that says nothing about connections that were lost on purpose."""

    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Stays silent."""


class Throughput(unittest.TestCase):
    def setUp(self) -> None:
        SCRIPT.PAUSE = 0.0
        self.setting = Setting()
        path = SCRIPT.path_of(ASKED).partition("?")[0]
        self.manager = type("OneManager", (Manager,), {"settings": {path: self.setting}, "lose": staticmethod(lambda: False)})
        self.server = Quiet(("127.0.0.1", 0), self.manager)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.gateway = Gateway()

    def play(self, **changed: Any) -> "list[str]":
        endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"
        credentials = {"azure": {"access_token": "a-token-of-the-test", "endpoint": endpoint}}
        return attempts(self.gateway, SCRIPT.run, inputs={**ASKED, **changed}, credentials=credentials)

    def again(self) -> "list[str]":
        ends = self.play()
        while (self.gateway.failure or {}).get("retry"):
            ends += self.play()
        return ends

    def test_it_is_set_once_wherever_the_attempt_is_lost(self) -> None:
        for point, when in itertools.product(range(1, 9), ("before", "after")):
            with self.subTest(point=point, when=when):
                self.setting.__init__()
                self.gateway = Gateway()
                once_at(point, when, self.gateway, crash)
                self.assertEqual(self.play()[-1], "done")
                self.assertEqual((self.setting.units, self.setting.changes), (800, 1))
                self.assertEqual(self.gateway.result["after"], 800)

    def test_it_is_set_once_when_the_answer_is_lost(self) -> None:
        losses: Iterator[bool] = iter([True])
        setattr(self.manager, "lose", staticmethod(lambda: next(losses, False)))
        self.assertEqual(self.again(), ["failed", "done"])
        self.assertEqual((self.setting.units, self.setting.changes), (800, 1))

    def test_a_change_of_somebody_else_in_between_stays(self) -> None:
        def meddle(message: Any) -> None:
            if message["m"] == "intent" and message["class"] == "B":
                self.setting.change(1200)

        self.gateway.after = meddle
        self.assertEqual(self.play(), ["failed"])
        self.assertEqual((self.gateway.failure or {})["code"], "changed_meanwhile")
        self.assertEqual(self.setting.units, 1200)
        self.assertEqual(self.gateway.ledger["set"].state, "undone")

    def test_azure_may_take_its_time_and_the_result_says_so(self) -> None:
        self.setting.looks_until_done = 3
        self.play()
        self.assertEqual((self.gateway.result["after"], self.gateway.result["pending"]), (800, False))
        self.gateway, self.setting.looks_until_done = Gateway(), 100
        self.play(throughput=900)
        self.assertEqual((self.gateway.result["after"], self.gateway.result["pending"]), (900, True))

    def test_what_is_set_already_is_left_alone(self) -> None:
        self.play(throughput=400)
        self.assertEqual((self.setting.changes, self.gateway.result["before"]), (0, 400))

    def test_what_azure_would_refuse_is_refused_before_anything_is_begun(self) -> None:
        self.setting.minimum = 600
        for given, code in (({"throughput": 500}, "bad_throughput"), ({"throughput": 850}, "bad_throughput"), ({"database": "other"}, "no_throughput")):
            with self.subTest(given=given):
                self.gateway = Gateway()
                self.assertEqual(self.play(**given), ["failed"])
                self.assertEqual((self.gateway.failure or {})["code"], code)
                self.assertNotIn("set", self.gateway.ledger)
        self.assertEqual(self.setting.changes, 0)

    def test_names_cannot_lead_to_another_resource(self) -> None:
        path = SCRIPT.path_of({**ASKED, "database": "../../x?y#z", "container": "a/b"})
        self.assertIn("/sqlDatabases/..%2F..%2Fx%3Fy%23z/containers/a%2Fb/throughputSettings/", path)
