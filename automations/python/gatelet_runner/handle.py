"""One invocation: a probe, or an attempt from its first line to the last trace of it."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, Dict, List

from gatelet.failures import Mistake
from gatelet.https import Letters
from gatelet_runner import kernel
from gatelet_runner.child import Child
from gatelet_runner.probe import report
from gatelet_runner.talk import Talk

# Where Python finds what a script imports, and what an automation's packages were installed into.
PACKAGE = Path(__file__).resolve().parent.parent
LIBRARIES = PACKAGE / "libraries"
LOCK = "requirements.lock"

_turn = threading.Lock()
# Set where something of an attempt may be left: this process carries out no other.
_spoiled = threading.Event()


class Refused(Exception):
    """The script was not begun, and will not be."""


def handle(event: Dict[str, Any]) -> Dict[str, Any]:
    """Carries an invocation out. `exit` tells how the script ended, `refused` why it was not begun; without either nobody knows.
    `recycle` tells that this process must not be used again."""
    if not _turn.acquire(blocking=False):
        return {"refused": "another script runs here"}
    try:
        if _spoiled.is_set():
            return {"refused": "something of another script may be left here", "recycle": True}
        if event.get("probe") is True:
            return {"sandbox": report()}
        answer = _attempted(event)
        return {**answer, "recycle": True} if _spoiled.is_set() else answer
    finally:
        _turn.release()


def _attempted(event: Dict[str, Any]) -> Dict[str, Any]:
    root = Path(tempfile.mkdtemp(prefix="gatelet-run-"))
    try:
        words = _laid_out(event, root)
        letters = Letters(str(event["url"]), str(event["key"]))
        return _carried_out(event, letters, (words, root / "scratch"))
    except (Refused, Mistake) as refused:
        return {"refused": str(refused)}
    finally:
        _wiped(root)


def _laid_out(event: Dict[str, Any], root: Path) -> List[str]:
    """Writes the script down, and returns the words that start it."""
    if event.get("v") != 1 or not isinstance(event.get("script"), dict) or not isinstance(event.get("start"), dict):
        raise Refused("this runner does not understand the invocation: it is of another version")
    script = root / "script"
    for path, content in event["script"].items():
        place = (script / path).resolve()
        if script.resolve() not in place.parents:
            raise Refused("a file of the script lies outside its folder")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(base64.b64decode(content, validate=True))
    (root / "scratch").mkdir()
    return [str(PACKAGE), *_libraries(script / LOCK), str(script)]


def _libraries(lock: Path) -> List[str]:
    """The folder with the packages that the script names, which were installed when the runner was packaged."""
    if not lock.exists():
        return []
    place = LIBRARIES / hashlib.sha256(lock.read_bytes()).hexdigest()
    if not place.is_dir():
        raise Refused("the packages of this automation are not in the runner: package it again with them")
    return ["--libraries", str(place)]


def _carried_out(event: Dict[str, Any], letters: Letters, place: "tuple[List[str], Path]") -> Dict[str, Any]:
    finds_all = kernel.take_orphans()
    kernel.close_memory()
    try:
        child = Child(*place)
    except OSError as error:
        raise Refused(f"Python could not be started: {error.strerror}") from None
    talk = Talk(letters, child)
    talk.begin(event["start"])
    if not child.woken.wait(float(event["timeout_s"])):
        talk.stop("timed_out")
    is_clean = child.end(is_asked=talk.stopped is not None)
    if not (is_clean and finds_all):
        _spoiled.set()
    if not is_clean:
        return {}
    if talk.stopped is not None:
        end: Dict[str, Any] = {"stopped": talk.stopped}
    elif child.status is not None and child.status < 0:
        end = {"signal": -child.status}
    else:
        end = {"status": child.status}
    talk.finish(end)
    return {"exit": end}


def _wiped(root: Path) -> None:
    """Removes everything of the attempt, also what was made unremovable."""
    for folder, names, _ in os.walk(root):
        for name in names:
            place = os.path.join(folder, name)
            if not os.path.islink(place):
                os.chmod(place, stat.S_IRWXU)
    shutil.rmtree(root, ignore_errors=True)
    if root.exists():
        print("gatelet-runner: a script's folder could not be removed", file=sys.stderr)
        _spoiled.set()
