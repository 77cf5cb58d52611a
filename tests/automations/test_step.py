"""Steps: what is repeated after a crash, and what is not."""

from __future__ import annotations

import contextlib
import io
import itertools
import unittest
from typing import Any, Callable, Optional

from gatelet import Conflict, Mistake, Run, Seen, Step, Stopped, Unclear, key
from gatelet.gateway import Gateway
from stage import Crash, Target, attempts, crash, once_at, started, stop


def script_a(target: Target) -> Callable[[Run], Any]:
    return lambda run: run.once("one", "A", "Create", lambda step: target.by_token(step.token))


def script_b(target: Target) -> Callable[[Run], Any]:
    def effect(step: Step) -> None:
        if not target.if_absent("ours"):
            raise Conflict("it is there")

    def probe() -> Seen:
        return Seen.done() if target.there == "ours" else Seen.not_done()

    return lambda run: run.once("one", "B", "Put", effect, probe=probe)


def script_c(target: Target) -> Callable[[Run], Any]:
    def probe() -> Seen:
        return Seen.done() if target.there else Seen.not_done()

    return lambda run: run.once("one", "C", "Assign", lambda _: target.blindly(), probe=probe)


def script_d(target: Target) -> Callable[[Run], Any]:
    return lambda run: run.once("one", "D", "Send", lambda _: target.blindly())


SAFE = {"A": script_a, "B": script_b, "C": script_c}


class Crashes(unittest.TestCase):
    def lost(self, script: Any, point: int, when: str) -> "tuple[list[str], Target, Gateway]":
        target, gateway = Target(), Gateway()
        once_at(point, when, gateway, crash)
        return attempts(gateway, script(target)), target, gateway

    def test_a_step_of_class_a_b_or_c_happens_once_wherever_the_attempt_is_lost(self) -> None:
        for cls, point, when in itertools.product(SAFE, range(1, 5), ("before", "after")):
            with self.subTest(cls=cls, point=point, when=when):
                ends, target, gateway = self.lost(SAFE[cls], point, when)
                self.assertEqual(target.happened, 1)
                self.assertEqual(gateway.ledger["one"].state, "done")
                # The last message is the result; its answer is lost after everything was said.
                self.assertEqual(ends[0], "crashed")
                self.assertEqual(ends[-1], "done")

    def test_it_happens_once_when_the_attempt_is_lost_right_after_the_effect(self) -> None:
        for cls, script in SAFE.items():
            with self.subTest(cls=cls):
                target, gateway = Target(), Gateway()
                losses = iter([True])
                target.lose = lambda: crash() if next(losses, False) else None
                self.assertEqual(attempts(gateway, script(target)), ["crashed", "done"])
                self.assertEqual((target.happened, gateway.ledger["one"].state), (1, "done"))

    def test_it_happens_once_when_the_attempt_is_lost_again_and_again(self) -> None:
        for cls, script in SAFE.items():
            with self.subTest(cls=cls):
                target, gateway = Target(), Gateway()
                losses = itertools.count()
                target.lose = lambda: crash() if next(losses) < 3 else None
                self.assertEqual(attempts(gateway, script(target), most=6)[-1], "done")
                self.assertEqual(target.happened, 1)

    def test_a_step_of_class_d_happens_at_most_once_and_a_person_is_asked(self) -> None:
        for point, when in itertools.product(range(1, 5), ("before", "after")):
            with self.subTest(point=point, when=when):
                target, gateway = Target(), Gateway()
                once_at(point, when, gateway, crash)
                with contextlib.redirect_stderr(io.StringIO()):
                    ends = attempts(gateway, script_d(target))
                self.assertLessEqual(target.happened, 1)
                # Lost after its begin was kept and before its end was: nobody knows.
                begun = (point, when) in ((2, "after"), (3, "before"))
                self.assertEqual(gateway.ledger["one"].state, "begun" if begun else "done")
                self.assertEqual(ends[-1], "stopped" if begun else "done")

    def test_a_script_refuses_to_repeat_class_d_even_if_a_gateway_asks_for_it(self) -> None:
        gateway, target = Gateway(), Target()
        run = started(gateway)
        gateway.before = lambda message: {"a": "begin", "token": "t", "repeated": True} if message["m"] == "intent" else None
        with self.assertRaises(Unclear):
            script_d(target)(run)
        self.assertEqual(target.happened, 0)

    def test_a_step_of_class_r_is_read_anew(self) -> None:
        gateway, reads = Gateway(), []

        def script(run: Run) -> int:
            with run.step("read", "R", "Read") as step:
                self.assertFalse(step.skipped)
                reads.append(1)
                step.done(len(reads))
            return len(reads)

        once_at(4, "before", gateway, crash)
        self.assertEqual(attempts(gateway, script), ["crashed", "done"])
        self.assertEqual((len(reads), gateway.result), (2, 2))

    def test_nothing_happens_after_stop_wherever_it_comes(self) -> None:
        for (cls, script), point in itertools.product({**SAFE, "D": script_d}.items(), range(1, 5)):
            with self.subTest(cls=cls, point=point), contextlib.redirect_stderr(io.StringIO()):
                target, gateway = Target(), Gateway()
                once_at(point, "before", gateway, stop)
                try:
                    ends = attempts(gateway, script(target))
                except Stopped:
                    ends = ["stopped"]
                self.assertEqual(ends, ["stopped"])
                # hello, intent, done, result: only the last two come after the effect.
                self.assertEqual(target.happened, 0 if point <= 2 else 1)


class Semantics(unittest.TestCase):
    def test_a_skipped_step_gives_what_it_gave_before(self) -> None:
        gateway = Gateway()
        self.assertEqual(started(gateway).once("one", "D", "Send", lambda _: {"id": 7}), {"id": 7})
        gateway.next_attempt()
        again = started(gateway).once("one", "D", "Send", lambda _: self.fail("it was repeated"))
        self.assertEqual(again, {"id": 7})

    def test_a_skipped_step_gives_no_token_and_takes_no_evidence(self) -> None:
        gateway = Gateway()
        started(gateway).once("one", "A", "Create", lambda step: step.token)
        gateway.next_attempt()
        with self.assertRaises(Mistake), started(gateway).step("one", "A", "Create") as step:
            self.assertTrue(step.skipped)
            _ = step.token

    def test_the_token_is_the_same_in_every_attempt(self) -> None:
        gateway, tokens = Gateway(), []

        def script(run: Run) -> None:
            with run.step("one", "A", "Create") as step:
                tokens.append(step.token)
                if len(tokens) == 1:
                    raise Crash

        self.assertEqual(attempts(gateway, script), ["crashed", "done"])
        self.assertEqual(len(tokens), 2)
        self.assertEqual(len(set(tokens)), 1)

    def test_class_a_without_its_token_is_a_mistake(self) -> None:
        gateway = Gateway()
        with self.assertRaises(Mistake):
            started(gateway).once("one", "A", "Create", lambda _: None)
        self.assertEqual(gateway.ledger["one"].state, "begun")

    def test_class_c_without_a_probe_is_a_mistake_before_anything_is_sent(self) -> None:
        gateway = Gateway()
        with self.assertRaises(Mistake):
            started(gateway).step("one", "C", "Assign")
        self.assertEqual(gateway.ledger, {})

    def test_a_conflict_that_is_not_ours_is_undone_and_raised(self) -> None:
        target, gateway = Target(), Gateway()
        target.there = "somebody else's"
        with self.assertRaises(Conflict):
            script_b(target)(started(gateway))
        self.assertEqual((target.happened, gateway.ledger["one"].state), (0, "undone"))

    def test_a_probe_that_cannot_tell_leaves_the_step_to_a_person(self) -> None:
        for cls in ("B", "C"):
            with self.subTest(cls=cls):
                target, gateway = Target(), Gateway()

                def effect(_: Step) -> None:
                    target.blindly()
                    raise Conflict("who knows") if cls == "B" else Crash

                def script(run: Run) -> None:
                    run.once("one", cls, "Change", effect, probe=Seen.unknown)

                attempts(gateway, script)
                self.assertEqual(target.happened, 1)
                self.assertEqual(gateway.ledger["one"].state, "begun")
                self.assertEqual((gateway.failure or {})["code"], "outcome_unknown")

    def test_what_a_probe_finds_is_kept_as_proof_and_value(self) -> None:
        target, gateway = Target(), Gateway()
        losses = iter([True])
        target.lose = lambda: crash() if next(losses, False) else None

        def script(run: Run) -> Any:
            seen = lambda: Seen.done("v", etag="e") if target.there else Seen.not_done()  # noqa: E731
            return run.once("one", "C", "Assign", lambda _: target.blindly(), probe=seen)

        attempts(gateway, script)
        entry = gateway.ledger["one"]
        self.assertEqual((entry.value, entry.evidence, gateway.result), ("v", {"etag": "e"}, "v"))

    def test_an_exception_leaves_an_effect_open_and_a_read_undone(self) -> None:
        for cls, state in (("B", "begun"), ("D", "begun"), ("R", "undone")):
            with self.subTest(cls=cls):
                gateway = Gateway()
                with self.assertRaises(ValueError), started(gateway).step("one", cls, "Do"):  # type: ignore[arg-type]
                    raise ValueError
                self.assertEqual(gateway.ledger["one"].state, state)

    def test_a_step_that_was_undone_begins_anew(self) -> None:
        gateway = Gateway()
        with started(gateway).step("one", "D", "Send") as step:
            step.undone()
        gateway.next_attempt()
        with started(gateway).step("one", "D", "Send") as step:
            self.assertFalse(step.skipped or step.repeated)

    def test_params_tell_steps_apart_and_stay_in_the_script(self) -> None:
        gateway = Gateway()
        started(gateway).once("one", "D", "Send", lambda _: None, params={"b": "hidden-value", "a": 1})
        self.assertNotIn("hidden-value", str(gateway.heard))
        gateway.next_attempt()
        started(gateway).once("one", "D", "Send", lambda _: None, params={"a": 1, "b": "hidden-value"})
        with self.assertRaises(Mistake):
            started_again(gateway).once("one", "D", "Send", lambda _: None, params={"a": 2})

    def test_an_attempt_ends_no_step_that_an_earlier_one_has_begun(self) -> None:
        gateway = Gateway()
        step = started(gateway).step("one", "B", "Put")
        step.__enter__()
        started_again(gateway)
        with self.assertRaises(Mistake):
            step.__exit__(None, None, None)
        self.assertEqual(gateway.ledger["one"].state, "begun")

    def test_a_value_that_is_too_long_is_refused(self) -> None:
        with self.assertRaises(Mistake):
            started().once("one", "D", "Send", lambda _: "x" * 9000)

    def test_keys_are_made_of_any_names_and_differ_when_the_names_do(self) -> None:
        self.assertEqual(key("block", "my.bucket-1"), "block-my.bucket-1")
        names = ["Ä", "ä ", "x" * 80, "x" * 81, "a b", "a-b", ""]
        keys = [key("step", name) for name in names]
        self.assertEqual(len(set(keys)), len(names))
        for one in keys:
            self.assertRegex(one, r"^[a-z0-9._-]{1,64}$")


def started_again(gateway: Gateway, attempt: Optional[int] = 2) -> Run:
    gateway.next_attempt()
    return started(gateway, attempt=attempt)
