"""The run as its script sees it: what it was given, and what it can say."""

from __future__ import annotations

import base64
import json
import re
import time
from types import MappingProxyType
from typing import Any, Callable, Iterable, Iterator, List, Mapping, NamedTuple, NoReturn, Optional, Union

from gatelet.channel import Channel, Message
from gatelet.failures import Failed, Mistake
from gatelet.step import EffectClass, Probe, Step, intent_of

# Bytes of an artifact in one message, before base64.
CHUNK_BYTES = 256 * 1024
# Bytes of a line of the log.
LOG_BYTES = 4000
# Progress is told at most so often, in seconds, besides its first and its last.
PROGRESS_EVERY = 0.2
# Shorter values of a credential are words that stand everywhere.
SECRET_LETTERS = 6
ARTIFACT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
CODE = re.compile(r"[a-z0-9_]{1,64}")


class File(NamedTuple):
    """A file that somebody uploaded for this run."""

    name: str
    media_type: str
    content: bytes

    def text(self) -> str:
        """Its text: UTF-8 with or without a mark, UTF-16 with one, and otherwise Windows-1252."""
        if self.content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return self.content.decode("utf-16", "replace")
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.content.decode("cp1252", "replace")


class Run:
    """One attempt of one run."""

    def __init__(
        self, channel: Channel, start: Message, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._channel, self._start, self._clock = channel, start, clock
        self._told_at: Optional[float] = None
        self._ended = False
        self.id: str = str(start.get("run", ""))
        self.attempt: int = int(start.get("attempt", 1))
        self.automation: str = str(start.get("automation", ""))
        # In milliseconds since 1970, if there is one. The gateway ends the script then.
        self.deadline_ms: Optional[int] = start.get("deadline_ms")
        # The W3C trace that this run belongs to.
        self.traceparent: str = str(start.get("traceparent") or "")

    def hello(self) -> None:
        """Says that the script has started. `main` does this."""
        self._channel.ask({"m": "hello"})

    def inputs(self) -> Mapping[str, Any]:
        """What was asked for, as the schema of the manifest allows it."""
        return MappingProxyType(self._start.get("inputs") or {})

    def file(self, name: str) -> File:
        """The uploaded file that the input `name` stands for."""
        found = (self._start.get("files") or {}).get(name)
        if found is None:
            raise Mistake(f"the manifest declares no file input `{name}`, or it was left out")
        content = base64.b64decode(found["base64"])
        return File(str(found.get("name", name)), str(found.get("media_type", "")), content)

    def has_file(self, name: str) -> bool:
        """Whether a file came for this input."""
        return name in (self._start.get("files") or {})

    def credentials(self, name: str) -> Mapping[str, str]:
        """The connection `name`: its settings and this run's credential, in one mapping. Never print it."""
        found = (self._start.get("credentials") or {}).get(name)
        if found is None:
            raise Mistake(f"the manifest declares no connection `{name}`")
        return MappingProxyType(found)

    def step(
        self,
        key: str,
        cls: EffectClass,
        title: str,
        params: Any = None,
        probe: Optional[Probe] = None,
        quiet: bool = False,
    ) -> Step:
        """Announces a step; use it with `with`, and look at `skipped` before its effect."""
        self._not_ended()
        return Step(self._channel, intent_of(key, cls, title, params, probe, quiet), probe)

    def once(
        self,
        key: str,
        cls: EffectClass,
        title: str,
        effect: Callable[[Step], Any],
        params: Any = None,
        probe: Optional[Probe] = None,
        quiet: bool = False,
    ) -> Any:
        """Calls `effect` unless it is there already, and returns what it gave, now or then."""
        with self.step(key, cls, title, params, probe, quiet) as step:
            if not step.skipped:
                step.done(effect(step))
        return step.value

    def progress(self, done: int, of: Optional[int] = None, text: str = "") -> None:
        """Tells how far the script is. Call it as often as you like."""
        self._not_ended()
        now = self._clock()
        early = self._told_at is not None and now - self._told_at < PROGRESS_EVERY
        if early and done != of:
            return
        self._told_at = now
        message: Message = {"m": "progress", "done": done, "text": text}
        if of is not None:
            message["of"] = of
        self._channel.ask(message)

    def log(self, text: object) -> None:
        """Writes lines for people. What is a credential is left out of them."""
        self._not_ended()
        for line in self.without_secrets(str(text)).splitlines() or [""]:
            for part in cut(line):
                self._channel.ask({"m": "log", "text": part})

    def artifact(
        self, name: str, data: Union[bytes, str, Iterable[bytes]], media_type: str = "application/octet-stream"
    ) -> None:
        """Leaves a file for whoever reads the run."""
        self._not_ended()
        if not ARTIFACT_NAME.fullmatch(name):
            raise Mistake(f"an artifact's name is 1 to 100 of A-Z a-z 0-9 . _ -, and {name!r} is not")
        pieces = chunks(data)
        piece = next(pieces, b"")
        last = False
        while not last:
            following = next(pieces, None)
            last = following is None
            chunk = base64.b64encode(piece).decode("ascii")
            message = {"m": "artifact", "name": name, "media_type": media_type, "chunk": chunk, "last": last}
            self._channel.ask(message)
            piece = following or b""

    def result(self, value: Any) -> None:
        """Says what came out, in the form that the manifest declares. Nothing follows it."""
        self._not_ended()
        self._ended = True
        self._channel.ask({"m": "result", "value": value})

    def fail(self, code: str, message: str, retry: bool = False) -> NoReturn:
        """Ends the run as failed. `code` is a stable word, `message` the same for people."""
        if not CODE.fullmatch(code):
            raise Mistake(f"a code is 1 to 64 of a-z 0-9 _, and {code!r} is not")
        raise Failed(code, message, retry)

    @property
    def ended(self) -> bool:
        """Whether the result was given, or the failure."""
        return self._ended

    def failure(self, code: str, message: str, retry: bool) -> None:
        """Tells the gateway how the script failed. `main` does this."""
        if not self._ended:
            self._ended = True
            text = self.without_secrets(message)[:1000]
            self._channel.ask({"m": "failure", "code": code, "message": text, "retry": retry})

    def without_secrets(self, text: str) -> str:
        """The text without any value of a credential. The gateway looks a second time."""
        for name, members in (self._start.get("credentials") or {}).items():
            for value in sorted(leaves(members), key=len, reverse=True):
                if len(value) >= SECRET_LETTERS:
                    text = text.replace(value, f"[{name}]")
        return text

    def _not_ended(self) -> None:
        if self._ended:
            raise Mistake("the result was given: nothing follows it")


def leaves(value: Any) -> Iterator[str]:
    """Every text inside of a JSON value, and each line of those that have several."""
    if isinstance(value, str):
        yield value
        if "\n" in value:
            yield from value.split("\n")
        try:
            inner = json.loads(value)
        except ValueError:
            return
        if isinstance(inner, (dict, list)):
            yield from leaves(inner)
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from leaves(member)


def cut(line: str) -> List[str]:
    """A line in pieces that the gateway keeps whole."""
    if len(line.encode("utf-8", "replace")) <= LOG_BYTES:
        return [line]
    # A letter has four bytes at most.
    width = LOG_BYTES // 4
    return [line[at : at + width] for at in range(0, len(line), width)]


def chunks(data: Union[bytes, str, Iterable[bytes]]) -> Iterator[bytes]:
    """The bytes in pieces that fit into a message."""
    if isinstance(data, str):
        data = data.encode("utf-8")
    whole = [data] if isinstance(data, (bytes, bytearray)) else data
    rest = b""
    for part in whole:
        rest, at = rest + bytes(part), 0
        while len(rest) - at > CHUNK_BYTES:
            yield rest[at : at + CHUNK_BYTES]
            at += CHUNK_BYTES
        rest = rest[at:]
    yield rest
