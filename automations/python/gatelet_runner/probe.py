"""What isolation a script gets here: tried by a process that ends afterwards, and never inferred from the platform's name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

from gatelet_runner import kernel
from gatelet_runner.child import PYTHON

# What must hold so that a script cannot read its runner.
ON_RUNNER = ("gateway_environment", "gateway_memory", "gateway_descriptors", "new_rights")
PATIENCE = 20.0

# What is tried, in a process that was started as a script's is. It prints what it could do.
ATTACK = """
import ctypes, os, socket, sys
runner = int(sys.argv[1])
def told(name, sentence, attempt):
    try:
        attempt()
    except OSError as error:
        print(name, 1, "could not " + sentence + ": " + os.strerror(error.errno or 0), sep="|")
    else:
        print(name, 0, "could " + sentence, sep="|")
told("gateway_environment", "read the runner's environment", lambda: open(f"/proc/{runner}/environ", "rb").read())
told("gateway_memory", "open the runner's memory", lambda: open(f"/proc/{runner}/mem", "rb"))
told("gateway_descriptors", "list the runner's descriptors", lambda: os.listdir(f"/proc/{runner}/fd"))
told("gateway_signal", "signal the runner", lambda: os.kill(runner, 0))
told("file_read", "read a file outside", lambda: open("/etc/passwd", "rb"))
told("program", "start another program", lambda: os.posix_spawn("/bin/sh", ["sh", "-c", ":"], {}))
told("udp", "make a socket for datagrams", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
told("tcp_connect", "make a socket for connections", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))
held = ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) == 1
print("new_rights", int(held), "programs give no new rights" if held else "programs may give new rights", sep="|")
"""


def report() -> Dict[str, Any]:
    """The level that follows from what was tried, and what that was."""
    tells = kernel.close_memory()
    probes = [_probe("python", True, f"{sys.executable}, {sys.version.split()[0]}")]
    reaps = kernel.take_orphans()
    found = "every process of a script is found" if reaps else "a process can hide: the runner is replaced after each script"
    probes.append(_probe("reaper", reaps, found))
    own = os.geteuid()
    probes.append(_probe("user", own != 0, f"scripts run as user {own}, as the runner does"))
    probes.append(_probe("dumpable", tells, "the runner's memory was closed" if tells else "the runner's memory could not be closed"))
    tried = _tried()
    probes += tried
    holds = {probe["name"]: probe["holds"] for probe in probes}
    level = 2 if tried and all(holds.get(name) for name in ON_RUNNER) else 1 if tried else 0
    return {"level": level, "network": "unrestricted", "probes": probes}


def _tried() -> List[Dict[str, Any]]:
    boot = str(Path(__file__).resolve().with_name("boot.py"))
    words = [sys.executable, *PYTHON, boot, "/", *PYTHON, "-c", ATTACK, str(os.getpid())]
    environment = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    try:
        ended = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return []
    lines = [line.split("|", 2) for line in ended.stdout.splitlines()]
    return [_probe(name, holds == "1", detail) for name, holds, detail in lines] if ended.returncode == 0 else []


def _probe(name: str, holds: bool, detail: str) -> Dict[str, Any]:
    return {"name": name, "holds": holds, "detail": detail}
