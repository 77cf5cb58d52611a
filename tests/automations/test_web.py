"""Requests to services: patience, one address, bounds."""

from __future__ import annotations

import unittest
from typing import Any, Dict, List

from gatelet import Failed, Mistake, Outage, Refusal, Web
from gatelet.play import Service
from gatelet.web import LONGEST_WAIT, TRIES, retry_after


class Asking(unittest.TestCase):
    def serve(self, *exchanges: Dict[str, Any]) -> Web:
        self.service = Service(list(exchanges))
        self.addCleanup(self.service.server_close)
        self.addCleanup(self.service.shutdown)
        self.pauses: List[float] = []
        return Web(self.service.address + "/v1", "a-token", self.pauses.append)

    def tearDown(self) -> None:
        if hasattr(self, "service"):
            self.assertEqual(self.service.mistakes, [])

    def test_a_busy_service_is_asked_again_when_it_says(self) -> None:
        busy = {"ask": "POST /v1/a", "status": 429, "headers": {"retry-after": "7"}}
        web = self.serve(busy, {**busy, "headers": {}}, {"ask": "POST /v1/a", "with": {"authorization": "Bearer a-token"}, "body": {"x": 1}, "answer": {"ok": True}})
        self.assertEqual(web.ask("POST", "/a", {"x": 1}).body, {"ok": True})
        self.assertEqual(self.pauses[0], 7.0)
        self.assertEqual(len(self.pauses), 2)

    def test_a_read_is_repeated_after_a_loss_and_a_change_is_not(self) -> None:
        web = self.serve({"ask": "GET /v1/a", "status": 502}, {"ask": "GET /v1/a", "answer": [1]}, {"ask": "PUT /v1/a", "status": 503})
        self.assertEqual(web.get("/a").body, [1])
        with self.assertRaises(Outage) as caught:
            web.ask("PUT", "/a", {})
        self.assertTrue(caught.exception.retry)
        self.assertEqual(len(self.pauses), 1)

    def test_patience_ends(self) -> None:
        web = self.serve(*[{"ask": "GET /v1/a", "status": 429, "headers": {"retry-after": "1"}}] * TRIES)
        with self.assertRaises(Outage):
            web.get("/a")
        web = self.serve(*[{"ask": "GET /v1/a", "status": 502}] * TRIES)
        with self.assertRaises(Outage) as caught:
            web.get("/a")
        self.assertIn("away (status 502)", caught.exception.message)
        web = self.serve({"ask": "GET /v1/a", "status": 429, "headers": {"retry-after": "3600"}})
        with self.assertRaises(Outage):
            web.get("/a")
        self.assertLess(sum(self.pauses), LONGEST_WAIT)

    def test_a_refusal_says_what_the_service_said(self) -> None:
        told = [({"error": {"code": "Denied", "message": "not you"}}, "Denied"), ([{"errorCode": "INVALID", "message": "bad"}], "INVALID"), ("<html>", "")]
        for answer, code in told:
            with self.subTest(code=code):
                web = self.serve({"ask": "GET /v1/a", "status": 403, "answer": answer})
                with self.assertRaises(Refusal) as caught:
                    web.get("/a")
                self.assertEqual((caught.exception.status, caught.exception.service_code), (403, code))
                self.assertFalse(caught.exception.retry)

    def test_every_page_is_read(self) -> None:
        web = self.serve(
            {"ask": "GET /v1/a?n=2", "answer": {"value": [1, 2], "next": "{http}/v1/a?skip=2"}},
            {"ask": "GET /v1/a?skip=2", "answer": {"value": [3]}},
        )
        self.assertEqual(list(web.pages("/a?n=2", "value", "next")), [1, 2, 3])

    def test_the_token_goes_to_no_other_address(self) -> None:
        for link in ("https://evil.example/v1/a", "http://127.0.0.1:1/v1/a"):
            with self.subTest(link=link):
                web = self.serve({"ask": "GET /v1/a", "answer": {"value": [], "next": link}})
                with self.assertRaises(Failed) as caught:
                    list(web.pages("/a", "value", "next"))
                self.assertEqual(caught.exception.code, "bad_answer")
        # Without a scheme it is a path, and stays here.
        web = self.serve({"ask": "GET /v1/a", "answer": {"value": [], "next": "//evil.example/a"}}, {"ask": "GET /v1/evil.example/a", "answer": {"value": [7]}})
        self.assertEqual(list(web.pages("/a", "value", "next")), [7])
        web = self.serve({"ask": "GET /v1/a", "status": 302, "headers": {"location": "{http}/v1/b"}})
        with self.assertRaises(Refusal):
            web.get("/a")

    def test_pages_that_lead_in_a_circle_end(self) -> None:
        web = self.serve({"ask": "GET /v1/a", "answer": {"value": [1], "next": "/a"}})
        with self.assertRaises(Failed):
            list(web.pages("/a", "value", "next"))

    def test_what_is_no_json_is_a_bad_answer(self) -> None:
        with self.assertRaises(Failed) as caught:
            self.serve({"ask": "GET /v1/a", "answer": "<html>"}).get("/a")
        self.assertEqual(caught.exception.code, "bad_answer")

    def test_an_address_without_tls_is_refused(self) -> None:
        for base in ("http://graph.example/v1", "ftp://x", ""):
            with self.subTest(base=base), self.assertRaises(Mistake):
                Web(base, "a-token")

    def test_retry_after_is_a_number_or_a_time_by_the_services_clock(self) -> None:
        date = "Sun, 22 Nov 2026 12:00:00 GMT"
        given = {"5": 5.0, "0": 0.0, "-3": 0.0, "Sun, 22 Nov 2026 12:00:30 GMT": 30.0, "Sun, 22 Nov 2026 11:00:00 GMT": 0.0, "soon": None, "": None}
        self.assertEqual({value: retry_after(value, date) for value in given}, given)
        self.assertIsNone(retry_after("Sun, 22 Nov 2026 12:00:30 GMT", None))


