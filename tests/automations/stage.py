"""What the tests of scripts have in common: a run with a played gateway, and ways to lose it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional

from gatelet import Run
from gatelet.channel import Message
from gatelet.entry import carry_out
from gatelet.gateway import Gateway, PlayedChannel

PROJECT = Path(__file__).resolve().parents[2]
AUTOMATIONS = PROJECT / "automations"


class Crash(BaseException):
    """The process is gone: nothing that it would have said is said."""


class Clock:
    """A clock that goes on when it is asked to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def started(gateway: Optional[Gateway] = None, clock: Optional[Clock] = None, **start: Any) -> Run:
    """A run that has said hello."""
    run = Run(PlayedChannel(gateway or Gateway()), {"run": "r-1", "attempt": 1, **start}, clock or Clock())
    run.hello()
    return run


def attempts(gateway: Gateway, script: Callable[[Run], Any], most: int = 4, **start: Any) -> List[str]:
    """Attempts one after the other, as the gateway makes them, until one ends by itself. How each ended."""
    ends: List[str] = []
    for number in range(1, most + 1):
        gateway.next_attempt()
        try:
            run = Run(PlayedChannel(gateway), {"run": "r-1", "attempt": number, **start}, Clock())
            run.hello()
            status = {0: "done", 1: "failed", 75: "stopped"}[carry_out(script, run)]
        except Crash:
            ends.append("crashed")
            continue
        ends.append(status)
        break
    return ends


def once_at(point: int, when: str, gateway: Gateway, act: Callable[[], Optional[Message]]) -> None:
    """Does something at the nth message, before the gateway keeps it or before its answer arrives, and only then."""
    count = [0]

    def counted(_: Message) -> Optional[Message]:
        count[0] += 1
        return act() if count[0] == point else None

    if when == "before":
        gateway.before = counted
    else:
        gateway.after = lambda message: void(counted(message))


def void(_: Any) -> None:
    """Forgets an answer that nobody gets."""


def crash() -> Optional[Message]:
    """Kills the attempt."""
    raise Crash


def stop() -> Optional[Message]:
    """Tells the attempt to end."""
    return {"a": "stop", "reason": "cancelled"}


class Target:
    """A service outside, which counts what really happened to it."""

    def __init__(self) -> None:
        self.tokens: Dict[str, int] = {}
        self.there: Optional[str] = None
        self.happened = 0
        # Called once an effect is there and before its answer arrives.
        self.lose: Callable[[], Any] = lambda: None

    def by_token(self, token: str) -> None:
        """Takes a repeated token for the same request."""
        if token not in self.tokens:
            self.tokens[token] = 1
            self.happened += 1
        self.lose()

    def if_absent(self, owner: str) -> bool:
        """Puts a thing unless one is there. False if one was."""
        if self.there is not None:
            return False
        self.there = owner
        self.happened += 1
        self.lose()
        return True

    def blindly(self) -> None:
        """Happens as often as it is called."""
        self.there = "somebody"
        self.happened += 1
        self.lose()


def folders() -> Iterator[Path]:
    """Every automation of the catalog."""
    return (path.parent for path in sorted(AUTOMATIONS.glob("*/main.py")))


def script_of(folder: Path) -> Any:
    """The module of a script, loaded without starting it."""
    import importlib.util

    name = "script_" + folder.name.replace("-", "_")
    spec = importlib.util.spec_from_file_location(name, folder / "main.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def manifest(folder: Path) -> Dict[str, Any]:
    """The manifest of an automation."""
    import tomllib

    told: Dict[str, Any] = tomllib.loads((folder / "automation.toml").read_text("utf-8"))
    return told


def misshapen(result: Any, declared: Dict[str, Any]) -> List[str]:
    """What a result has that its manifest does not declare."""
    if declared["kind"] == "text":
        return [] if isinstance(result, str) else ["no text"]
    members = declared["columns" if declared["kind"] == "table" else "facts"]
    names = {member["name"] for member in members}
    rows = result if declared["kind"] == "table" else [result]
    if not isinstance(rows, list):
        return ["no list of rows"]
    wrong = []
    for row in rows:
        wrong += [f"unknown {name}" for name in set(row) - names]
        wrong += [f"{name} is no plain value" for name, value in row.items() if isinstance(value, (dict, list))]
    return wrong
