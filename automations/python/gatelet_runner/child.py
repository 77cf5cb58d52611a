"""A script's process: started with nothing but two pipes and one for its outputs, and ended with all that comes from it."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
from pathlib import Path
from typing import BinaryIO, List, Optional

from gatelet.channel import HEARS, SAYS
from gatelet_runner.kernel import all_ended, below, signalled

# How Python is started: isolated, without packages, without writing, in UTF-8.
PYTHON = ["-I", "-S", "-B", "-u", "-X", "utf8"]
# How long a script may take to end when it is asked to, in seconds.
GRACE = 5.0
# Where the platform's own Python finds its libraries. No other variable reaches a script.
KEPT = ("LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")


class Child:
    """One process in a session of its own. It ends once; whoever waits learns how."""

    def __init__(self, words: List[str], scratch: Path) -> None:
        hears, tells = _pipe()
        listens, says = _pipe()
        reads, writes = _pipe()
        nothing = _high(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        places = ((nothing, 0), (writes, 1), (writes, 2), (says, SAYS), (hears, HEARS))
        # Whatever ran before it is not its own.
        self._before = set(below(os.getpid()))
        boot = str(Path(__file__).resolve().with_name("boot.py"))
        self.pid = os.posix_spawn(
            sys.executable,
            [sys.executable, *PYTHON, boot, str(scratch), *PYTHON, *words],
            {name: os.environ[name] for name in KEPT if name in os.environ}
            | {"HOME": str(scratch), "TMPDIR": str(scratch), "LANG": "C.UTF-8"},
            file_actions=[(os.POSIX_SPAWN_DUP2, ours, its) for ours, its in places],
            setsid=True,
        )
        for descriptor in (hears, says, writes, nothing):
            os.close(descriptor)
        self.tells: BinaryIO = os.fdopen(tells, "wb")
        self.messages: BinaryIO = os.fdopen(listens, "rb")
        self.output: BinaryIO = os.fdopen(reads, "rb")
        # Set once it has ended, or must.
        self.woken = threading.Event()
        self.status: Optional[int] = None
        self._waiter = threading.Thread(target=self._wait, daemon=True)
        self._waiter.start()

    def _wait(self) -> None:
        # Its status stays with the kernel, so that its number is nobody else's while it may be signalled.
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        self.woken.set()

    def end(self, is_asked: bool) -> bool:
        """Ends it and all that comes from it; one that is asked has a moment to end by itself. Tells whether nothing is left."""
        if is_asked:
            signalled(self.pid, signal.SIGTERM)
            self._waiter.join(GRACE)
        signalled(self.pid, signal.SIGKILL)
        self._waiter.join()
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return all_ended(self._before)


def _pipe() -> "tuple[int, int]":
    reads, writes = os.pipe()
    return _high(reads), _high(writes)


def _high(descriptor: int) -> int:
    """The same under a number above those that a script finds open."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved
