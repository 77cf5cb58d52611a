"""What the kernel is asked for: processes that can be found again, ended and kept apart."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from typing import Iterator, List, Tuple

# Numbers of prctl(2).
SET_DUMPABLE, SET_NO_NEW_PRIVS, SET_CHILD_SUBREAPER = 4, 38, 36
# How long processes may take to be gone once they were killed.
PATIENCE = 5.0


def told(option: int, value: int) -> bool:
    """Whether prctl(2) did what it was told."""
    try:
        return bool(ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


def close_memory() -> bool:
    """Closes this process to others of its user. The probe tells whether that held."""
    return told(SET_DUMPABLE, 0)


def take_orphans() -> bool:
    """Takes in every process that a script leaves behind, so that it is found."""
    return told(SET_CHILD_SUBREAPER, 1)


def below(root: int) -> List[int]:
    """Every process that comes from this one."""
    children: "dict[int, list[int]]" = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found: List[int] = []
    todo = [root]
    while todo:
        mine = children.get(todo.pop(), [])
        found += mine
        todo += mine
    return found


def _parents() -> Iterator[Tuple[int, int]]:
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                # The name in parentheses may hold anything; the parent is the second word behind it.
                yield int(name), int(stat.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue


def signalled(pid: int, number: int) -> None:
    """Sends a signal to a process and to its group; none where it is gone."""
    for send in (os.killpg, os.kill):
        try:
            send(pid, number)
        except (ProcessLookupError, PermissionError):
            pass


def all_ended(keep: "set[int]") -> bool:
    """Ends every process that comes from this one, but for those to keep, and tells whether none is left."""
    until = time.monotonic() + PATIENCE
    while True:
        left = [pid for pid in below(os.getpid()) if pid not in keep]
        if not left:
            return True
        if time.monotonic() > until:
            return False
        for pid in left:
            signalled(pid, signal.SIGKILL)
        for pid in left:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass  # not ours yet: its parent is still there
        time.sleep(0.005)
