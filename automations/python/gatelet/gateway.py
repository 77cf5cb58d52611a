"""A played gateway: what tests and `--play` put at the other end of the channel.

It checks messages as strictly as the real one, keeps the ledger of steps from one attempt to the next, and can be told
to stop. It decides nothing about leases, people or time.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from typing import Any, Callable, Dict, List, Optional

from gatelet.channel import Channel, Message, parsed
from gatelet.run import ARTIFACT_NAME, CHUNK_BYTES
from gatelet.step import KEY

# What each message has besides `m`, and which of that may be left out.
MEMBERS: Dict[str, Dict[str, Any]] = {
    "hello": {},
    "intent": {"key": str, "class": str, "title": str, "params": str, "quiet?": bool},
    "done": {"key": str, "evidence?": dict, "value?": object},
    "undone": {"key": str},
    "progress": {"done": int, "of?": int, "text?": str},
    "log": {"text": str},
    "artifact": {"name": str, "media_type": str, "chunk": str, "last": bool},
    "result": {"value": object},
    "failure": {"code": str, "message": str, "retry?": bool},
}
STEPS, VALUE_BYTES, EVIDENCE_BYTES, TEXT_BYTES = 200, 8 * 1024, 4 * 1024, 4 * 1024
RESULT_BYTES, ARTIFACTS, OPEN_ARTIFACTS, ARTIFACT_BYTES = 5 * 1024 * 1024, 20, 4, 25 * 1024 * 1024
MEDIA_TYPE = re.compile(r"[ -~]{0,100}")


class Entry:
    """A step in the ledger."""

    def __init__(self, intent: Message) -> None:
        self.cls, self.params, self.title = intent["class"], intent["params"], intent["title"]
        self.token = str(uuid.uuid5(uuid.NAMESPACE_URL, str(intent["key"])))
        self.state = "begun"
        # In which attempt it was begun last: only that one may end it.
        self.attempt = 0
        self.value: Any = None
        self.evidence: Dict[str, Any] = {}


class Gateway:
    """Plays the gateway for one run."""

    def __init__(self) -> None:
        self.heard: List[Message] = []
        self.ledger: Dict[str, Entry] = {}
        self.log: List[str] = []
        self.files: Dict[str, bytes] = {}
        self.result: Any = None
        self.failure: Optional[Message] = None
        self.over = False
        self._attempt = 1
        self._greeted = False
        # Files that this attempt has begun, and those that it has left.
        self._open: Dict[str, bytes] = {}
        self._left: List[str] = []
        # Looks at each message first, and may answer it instead: to stop, or by raising.
        self.before: Callable[[Message], Optional[Message]] = lambda _: None
        # The same once the message is kept: what is raised here loses the answer.
        self.after: Callable[[Message], None] = lambda _: None

    def next_attempt(self) -> None:
        """A new fence: the ledger stays, and whatever the last attempt was about to say is gone."""
        self._attempt += 1
        self._greeted, self.over, self.failure, self._open, self._left = False, False, None, {}, []

    def hear(self, message: Message) -> Message:
        """The answer to a message."""
        instead = self.before(message)
        if instead is not None:
            return instead
        answer = self._judged(message)
        if answer["a"] != "wrong":
            self.heard.append(message)
        self.after(message)
        return answer

    def _judged(self, message: Message) -> Message:
        problem = shape(message)
        if problem:
            return wrong(problem)
        kind = message["m"]
        if kind == "hello":
            if self._greeted:
                return {"a": "stop", "reason": "attempt_taken"}
            self._greeted = True
            return {"a": "go"}
        if not self._greeted or self.over:
            return wrong("before hello, or after the end")
        answer: Message = getattr(self, f"_{kind}")(message)
        return answer

    def _intent(self, message: Message) -> Message:
        known = self.ledger.get(message["key"])
        if known is None:
            if len(self.ledger) >= STEPS:
                return wrong(f"more than {STEPS} steps")
            known = self.ledger[message["key"]] = Entry(message)
            known.attempt = self._attempt
            return {"a": "begin", "token": known.token, "repeated": False}
        if (known.cls, known.params) != (message["class"], message["params"]):
            return wrong(f"step {message['key']} was begun with another class or other params")
        if known.state == "done":
            return {"a": "skip", "value": known.value}
        if known.cls == "D" and known.state == "begun":
            return {"a": "stop", "reason": "outcome_unknown"}
        repeated, known.state, known.attempt = known.state == "begun", "begun", self._attempt
        return {"a": "begin", "token": known.token, "repeated": repeated}

    def _done(self, message: Message) -> Message:
        entry = self._under_way(message["key"])
        if entry is None:
            return wrong(f"step {message['key']} is not under way")
        if size(message.get("value")) > VALUE_BYTES or size(message.get("evidence")) > EVIDENCE_BYTES:
            return wrong(f"step {message['key']}: a value has {VALUE_BYTES} bytes at most, evidence {EVIDENCE_BYTES}")
        entry.state, entry.value = "done", message.get("value")
        entry.evidence = message.get("evidence") or {}
        return {"a": "go"}

    def _undone(self, message: Message) -> Message:
        entry = self._under_way(message["key"])
        if entry is None:
            return wrong(f"step {message['key']} is not under way")
        entry.state = "undone"
        return {"a": "go"}

    def _under_way(self, name: str) -> Optional[Entry]:
        """The step, if this attempt has begun it and not ended it."""
        entry = self.ledger.get(name)
        return entry if entry and entry.state == "begun" and entry.attempt == self._attempt else None

    def _progress(self, message: Message) -> Message:
        return {"a": "go"}

    def _log(self, message: Message) -> Message:
        if size(message["text"]) > TEXT_BYTES:
            return wrong(f"a line of the log has {TEXT_BYTES} bytes at most")
        self.log.append(message["text"])
        return {"a": "go"}

    def _artifact(self, message: Message) -> Message:
        name, chunk = message["name"], base64.b64decode(message["chunk"])
        if not ARTIFACT_NAME.fullmatch(name) or not MEDIA_TYPE.fullmatch(message["media_type"]):
            return wrong("an artifact has a plain name and a media type")
        if name in self._left:
            return wrong(f"this attempt has left the artifact {name}")
        if name not in self._open and len({*self.files, *self._open} - {name}) >= ARTIFACTS:
            return wrong(f"a run leaves {ARTIFACTS} artifacts at most")
        if name not in self._open and len(self._open) >= OPEN_ARTIFACTS:
            return wrong(f"{OPEN_ARTIFACTS} artifacts are begun at a time at most")
        content = self._open.pop(name, b"") + chunk
        if len(chunk) > CHUNK_BYTES or len(content) > ARTIFACT_BYTES:
            return wrong(f"a piece has {CHUNK_BYTES} bytes at most, an artifact {ARTIFACT_BYTES}")
        if message["last"]:
            self.files[name] = content
            self._left.append(name)
        else:
            self._open[name] = content
        return {"a": "go"}

    def _result(self, message: Message) -> Message:
        if self._open:
            return wrong("an artifact was begun and its last piece never came")
        if size(message["value"]) > RESULT_BYTES:
            return wrong(f"a result has {RESULT_BYTES} bytes at most")
        self.result, self.over = message["value"], True
        return {"a": "go"}

    def _failure(self, message: Message) -> Message:
        self.failure, self.over = message, True
        return {"a": "go"}


class PlayedChannel(Channel):
    """The way to a played gateway in the same process. What it carries is real JSON."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__()
        self._gateway = gateway

    def _exchange(self, line: bytes) -> Message:
        return parsed(json.dumps(self._gateway.hear(parsed(line))).encode())


def shape(message: Message) -> str:
    """What is wrong with a message's form, or nothing."""
    kind = message.get("m")
    members = MEMBERS.get(str(kind))
    if members is None:
        return f"there is no message {kind!r}"
    for name, form in members.items():
        plain = name.rstrip("?")
        if plain not in message:
            if name == plain:
                return f"{kind} has no {plain}"
            continue
        value = message[plain]
        if not isinstance(value, form) or (form is int and (isinstance(value, bool) or value < 0)):
            return f"{kind}: {plain} is of another form"
    unknown = set(message) - {"m"} - {name.rstrip("?") for name in members}
    if unknown:
        return f"{kind} has no member {sorted(unknown)[0]}"
    if "key" in message and not KEY.fullmatch(message["key"]):
        return "no step has such a key"
    if kind == "intent" and message["class"] not in ("A", "B", "C", "D", "R"):
        return "no step has such a class"
    if kind == "failure" and not re.fullmatch(r"[a-z0-9_]{1,64}", message["code"]):
        return "no failure has such a code"
    return ""


def size(value: Any) -> int:
    """The bytes of a value as JSON."""
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def wrong(problem: str) -> Message:
    """The answer to a message that is not kept."""
    return {"a": "wrong", "problem": problem}
