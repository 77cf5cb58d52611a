"""How a script begins and ends, whatever carries its messages."""

from __future__ import annotations

import json
import os
import runpy
import socket
import sys
import traceback
from typing import Any, Callable, NoReturn, Optional
from urllib.error import URLError

from gatelet.channel import Message, PipeChannel
from gatelet.failures import Failed, Mistake, Stopped
from gatelet.https import HttpsChannel, Letters
from gatelet.run import Run

# What a process says at its end: it did all, it failed and said so, it was told to stop.
DONE, FAILED, STOPPED = 0, 1, 75
# How much of an exception's own words is shown, in letters.
WORDS = 500
# How much of its stack.
FRAMES = 20
# What may go better the next time.
NETWORK = (URLError, TimeoutError, ConnectionError, socket.timeout)

# The attempt that this process carries out, once it was begun.
_attempt: Optional[Run] = None


def main(function: Callable[[Run], Any]) -> NoReturn:
    """Carries a script out and ends the process. What the function returns is the result, unless it gave one."""
    try:
        run = _attempt or over_pipe()
    except Stopped as stopped:
        sys.exit(say_stopped(stopped))
    sys.exit(carry_out(function, run))


def execute(folder: str, https: bool = False) -> int:
    """Begins the attempt and then runs `main.py` of the folder. A script that cannot even be loaded has failed, and says so."""
    try:
        run = over_https(json.load(sys.stdin)) if https else over_pipe()
    except Stopped as stopped:
        return say_stopped(stopped)
    script = os.path.join(folder, "main.py")
    sys.argv = [script]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED
    except Stopped as stopped:
        return say_stopped(stopped)
    except (Exception, KeyboardInterrupt) as error:
        return say_unexpected(run, error)
    return say_failed(run, "mistake_in_script", "main.py ended without `main(function)`", False)


def over_pipe() -> Run:
    """Begins the attempt whose gateway is at the other end of two pipes."""
    channel = PipeChannel.inherited()
    return begun(Run(channel, channel.start()))


def over_https(document: Message) -> Run:
    """Begins the attempt that an invocation describes: `url`, `key` and `start`."""
    return begun(Run(HttpsChannel(Letters(document["url"], document["key"])), document["start"]))


def begun(run: Run) -> Run:
    """Says hello. No line of the script runs before that was answered."""
    global _attempt
    run.hello()
    _attempt = run
    return run


def carry_out(function: Callable[[Run], Any], run: Run) -> int:
    """Calls the script's function, tells the gateway how it ended, and returns the process's status."""
    try:
        value = function(run)
        if not run.ended:
            run.result(value)
        return DONE
    except Stopped as stopped:
        return say_stopped(stopped)
    except Failed as failed:
        return say_failed(run, failed.code, failed.message, failed.retry)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        return say_unexpected(run, error)


def say_stopped(stopped: Stopped) -> int:
    """Nothing can be told to the gateway any more; the output is still heard."""
    print(f"stopped: {stopped.reason}", file=sys.stderr)
    return STOPPED


def say_failed(run: Run, code: str, message: str, retry: bool) -> int:
    """Tells a failure. One that the gateway does not take changes nothing about it."""
    try:
        run.failure(code, message, retry)
    except Mistake as mistake:
        print(f"the failure was not taken: {mistake}", file=sys.stderr)
    except Stopped as stopped:
        return say_stopped(stopped)
    return FAILED


def say_unexpected(run: Run, error: BaseException) -> int:
    """Tells an exception by its kind and its place. Its words and its stack go to the output, without any variable."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{os.path.basename(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames]
    kind = type(error).__name__
    words = run.without_secrets(str(error))[:WORDS]
    print(f"{kind}: {words}", file=sys.stderr)
    for place in places[-FRAMES:]:
        print(f"  at {place}", file=sys.stderr)
    sys.stderr.flush()
    where = f" at {places[-1]}" if places else ""
    if isinstance(error, Mistake):
        return say_failed(run, "mistake_in_script", str(error), False)
    if isinstance(error, NETWORK):
        return say_failed(run, "unavailable", f"{kind}{where}", True)
    if isinstance(error, MemoryError):
        return say_failed(run, "out_of_memory", f"{kind}{where}", False)
    return say_failed(run, "unexpected", f"{kind}{where}", False)
