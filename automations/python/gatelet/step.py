"""One step of a run: announced before its effect, proved after it, and not repeated where that would harm."""

from __future__ import annotations

import hashlib
import json
import re
from types import TracebackType
from typing import Any, Callable, Dict, Literal, Mapping, NamedTuple, Optional, Type

from gatelet.channel import Channel, Message
from gatelet.failures import Conflict, Mistake, Unclear

EffectClass = Literal["A", "B", "C", "D", "R"]

KEY = re.compile(r"[a-z0-9._-]{1,64}")
KEY_LETTERS = 64
TITLE_LETTERS = 200


class Seen(NamedTuple):
    """What a probe saw. Make one with `done`, `not_done` or `unknown`."""

    state: Literal["done", "not_done", "unknown"]
    value: Any = None
    evidence: Mapping[str, Any] = {}

    @classmethod
    def done(cls, value: Any = None, **evidence: Any) -> Seen:
        """The effect is there, and this proves it."""
        return cls("done", value, evidence)

    @classmethod
    def not_done(cls) -> Seen:
        """The effect is certainly not there."""
        return cls("not_done")

    @classmethod
    def unknown(cls) -> Seen:
        """Neither can be said."""
        return cls("unknown")


Probe = Callable[[], Seen]


def key(*parts: object) -> str:
    """A step's key for any names: readable, short enough, and different for different names."""
    text = "-".join(str(part) for part in parts)
    plain = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-")
    if plain == text and KEY.fullmatch(plain):
        return plain
    digest = hashlib.sha256("\0".join(str(part) for part in parts).encode()).hexdigest()[:12]
    return f"{plain[: KEY_LETTERS - len(digest) - 1]}-{digest}".lstrip("-")


def digest_of(params: Any) -> str:
    """SHA-256 over what a step is called with. Only the digest leaves the script."""
    text = json.dumps(params, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


class Step:
    """A step under way: `with run.step(...) as step`, or the argument of the effect in `run.once`."""

    def __init__(self, channel: Channel, intent: Message, probe: Optional[Probe]) -> None:
        self._channel, self._intent, self._probe = channel, intent, probe
        self._class: str = intent["class"]
        self._evidence: Dict[str, Any] = {}
        self._token = ""
        self._token_used = False
        self._over = False
        # An earlier attempt may have begun it.
        self.repeated = False
        # The effect is there already: leave it alone, and go on with `value`.
        self.skipped = False
        # What the step gave, now or in the earlier attempt.
        self.value: Any = None

    @property
    def key(self) -> str:
        """Its name within the run."""
        return str(self._intent["key"])

    @property
    def token(self) -> str:
        """The same UUID in every attempt of this run, for a target that takes a repeated request only once."""
        self._not_skipped()
        self._token_used = True
        return self._token

    def evidence(self, **facts: Any) -> None:
        """Notes what proves the effect: request ids, versions, ETags. Small, and never a secret."""
        self._not_skipped()
        self._evidence.update(facts)

    def done(self, value: Any = None) -> None:
        """Sets what the step gives, for the script and for an attempt that skips it."""
        self._not_skipped()
        self.value = value

    def undone(self) -> None:
        """Says that there was certainly no effect, such as after a refusal. Another attempt begins it anew."""
        self._not_skipped()
        self._end({"m": "undone", "key": self.key})

    def __enter__(self) -> Step:
        answer = self._channel.ask(self._intent)
        if answer.get("a") == "skip":
            if self._class == "R":
                # Reading again is free, and the script may need more than what was kept.
                self._over = True
            else:
                self._skip(answer.get("value"))
            return self
        if answer.get("a") != "begin":
            raise Mistake(f"step {self.key}: the gateway answered {answer.get('a')!r}")
        self._token, self.repeated = str(answer["token"]), bool(answer["repeated"])
        if self.repeated:
            self._look_back()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        _: Optional[TracebackType],
    ) -> bool:
        if self.skipped:
            return False
        if isinstance(error, Conflict) and self._class == "B" and self._probe is not None:
            return self._settle_conflict(self._probe())
        if error is not None:
            if self._class == "R" and not self._over:
                self._end({"m": "undone", "key": self.key})
            return False
        if self._over:
            return False
        if self._class == "A" and not self._token_used:
            raise Mistake(f"step {self.key} is of class A and its token was not sent to the target")
        self._prove()
        return False

    def _look_back(self) -> None:
        """What an earlier attempt may have done is looked up (C) or left to a person (D)."""
        if self._class == "D":
            raise Unclear(f"step {self.key} was begun before and cannot be repeated safely")
        if self._class != "C" or self._probe is None:
            return
        seen = self._probe()
        if seen.state == "unknown":
            raise Unclear(f"step {self.key} was begun before, and its probe cannot tell how it ended")
        if seen.state == "done":
            self._found(seen)

    def _settle_conflict(self, seen: Seen) -> bool:
        """A condition that does not hold is our own success if the effect is there."""
        if seen.state == "done":
            self._found(seen)
            return True
        if seen.state == "not_done":
            self._end({"m": "undone", "key": self.key})
            return False
        raise Unclear(f"step {self.key} met a conflict, and its probe cannot tell whose it is")

    def _found(self, seen: Seen) -> None:
        self.value = seen.value
        self._evidence.update(seen.evidence)
        self._prove()
        self.skipped = True

    def _prove(self) -> None:
        done = {"m": "done", "key": self.key, "evidence": self._evidence, "value": self.value}
        self._end(done)

    def _end(self, message: Message) -> None:
        if not self._over:
            self._over = True
            self._channel.ask(message)

    def _skip(self, value: Any) -> None:
        self.skipped, self._over, self.value = True, True, value

    def _not_skipped(self) -> None:
        if self.skipped:
            raise Mistake(f"step {self.key} is skipped: look at `skipped` before its effect")


def intent_of(
    name: str, cls: EffectClass, title: str, params: Any, probe: Optional[Probe], quiet: bool
) -> Message:
    """The message that announces a step, checked before anything is sent."""
    if not KEY.fullmatch(name):
        raise Mistake(f"a step's key is 1 to 64 of a-z 0-9 . _ -, and {name!r} is not")
    if cls not in ("A", "B", "C", "D", "R"):
        raise Mistake(f"a step's class is A, B, C, D or R, and {cls!r} is not")
    if cls == "C" and probe is None:
        raise Mistake(f"step {name} is of class C and has no probe")
    try:
        digest = digest_of(params)
    except (TypeError, ValueError) as error:
        raise Mistake(f"step {name}: params is not JSON: {error}") from None
    title = title[:TITLE_LETTERS]
    return {"m": "intent", "key": name, "class": cls, "title": title, "params": digest, "quiet": quiet}
