"""The attempt channel: the script says one message, the gateway gives one answer."""

from __future__ import annotations

import json
import os
import threading
from abc import ABC, abstractmethod
from typing import Any, BinaryIO, Dict, Optional

from gatelet.failures import Mistake, Stopped

Message = Dict[str, Any]

# The longest line of either side, in bytes.
LINE_BYTES = 512 * 1024
# The start document carries the input files.
START_BYTES = 64 * 1024 * 1024
# The descriptors that a child process finds open: it writes to one and reads from the other.
SAYS, HEARS = 3, 4


def encoded(message: Message) -> bytes:
    """One line of JSON. Numbers that JSON does not have are a mistake of the script."""
    try:
        text = json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise Mistake(f"this is not JSON: {error}") from None
    line = text.encode("utf-8", "replace") + b"\n"
    if len(line) > LINE_BYTES:
        raise Mistake(f"a message of {len(line)} bytes; {LINE_BYTES} is the most")
    return line


class Channel(ABC):
    """What both ways have in common: one message at a time, and `stop` is final."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._stopped: Optional[str] = None

    @abstractmethod
    def _exchange(self, line: bytes) -> Message:
        """Carries a line over and the answer back. An end of the channel raises `Stopped`."""

    def ask(self, message: Message) -> Message:
        """Says a message and returns the answer, which is never `stop` and never `wrong`."""
        line = encoded(message)
        with self._turn:
            if self._stopped is not None:
                raise Stopped(self._stopped)
            try:
                answer = self._exchange(line)
                if answer.get("a") == "stop":
                    raise Stopped(str(answer.get("reason", "stopped")))
            except Stopped as stopped:
                self._stopped = stopped.reason
                raise
        if answer.get("a") == "wrong":
            raise Mistake(str(answer.get("problem", "the gateway refused a message")))
        return answer


class PipeChannel(Channel):
    """Lines over two pipes, for a child process of the gateway."""

    def __init__(self, says: BinaryIO, hears: BinaryIO) -> None:
        super().__init__()
        self._says, self._hears = says, hears

    @classmethod
    def inherited(cls) -> PipeChannel:
        """Over the descriptors that the gateway left open. No process that the script starts gets them."""
        for descriptor in (SAYS, HEARS):
            os.set_inheritable(descriptor, False)
        return cls(os.fdopen(SAYS, "wb", buffering=0), os.fdopen(HEARS, "rb"))

    def start(self) -> Message:
        """The start document: the first line that the gateway writes."""
        return self._heard(START_BYTES)

    def _exchange(self, line: bytes) -> Message:
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[self._says.write(rest) :]
        except OSError:
            raise Stopped("channel_lost") from None
        return self._heard(LINE_BYTES)

    def _heard(self, most: int) -> Message:
        try:
            line = self._hears.readline(most + 1)
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            raise Stopped("channel_lost")
        return parsed(line)


def parsed(line: bytes) -> Message:
    """One JSON object. Anything else means that nobody sensible is at the other end."""
    try:
        document = json.loads(line)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Stopped("channel_lost")
    return document
