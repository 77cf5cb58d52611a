"""What is said between a script and the gateway: messages and output on, answers back, and the word to stop."""

from __future__ import annotations

import json
import threading
from typing import Any, Callable, List, Optional

from gatelet.channel import LINE_BYTES, Message
from gatelet.failures import Stopped
from gatelet.https import Letters
from gatelet_runner.child import Child

# A line of output is cut after so many bytes.
OUTPUT_LINE = 16 * 1024
# So many lines are told at a time, and this many bytes as JSON. Some more wait; then the script does.
TOLD, TOLD_BYTES = 200, 400 * 1024
WAITING = 10 * TOLD
# Output is told after so many seconds, and the gateway is asked so often whether to go on.
TELL_EVERY, PULSE_EVERY = 1.0, 5.0


class Talk:
    """Passes on what one script says. The first reason to stop counts."""

    def __init__(self, letters: Letters, child: Child) -> None:
        self._letters, self._child = letters, child
        self.stopped: Optional[str] = None
        self._lines: List[str] = []
        self._room = threading.Condition()
        self._over = threading.Event()
        self._threads: List[threading.Thread] = []

    def begin(self, start: Message) -> None:
        """Gives the script its start document, and listens from then on."""
        for work in (lambda: self._converse(start), self._listen, self._tell, self._pulse):
            thread = threading.Thread(target=self._guarded, args=(work,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, reason: str) -> None:
        """Notes that the script must end, and wakes whoever ends it."""
        with self._room:
            if self.stopped is None:
                self.stopped = reason
            self._room.notify_all()
        self._child.woken.set()

    def finish(self, end: Message) -> None:
        """Tells what is left to tell, and how the script ended. Nothing of it runs any more."""
        self._threads[0].join()
        self._threads[1].join()
        self._over.set()
        self._threads[2].join()
        try:
            while self._told():
                pass
            self._letters.say({"exit": end})
        except Stopped:
            pass  # nobody wants to know any more

    def _guarded(self, work: Callable[[], Any]) -> None:
        try:
            work()
        except Stopped as stopped:
            self.stop(stopped.reason)
        except (OSError, ValueError):
            pass  # the script's end of a pipe is gone, and its status tells why

    def _converse(self, start: Message) -> None:
        """Answers each message. When this ends nobody answers any more, which the script sees."""
        with self._child.tells as tells, self._child.messages as messages:
            answer = start
            while True:
                tells.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
                tells.flush()
                line = messages.readline(LINE_BYTES + 1)
                if not line:
                    return
                answer = self._answer(line)
                if answer.get("a") == "stop":
                    self.stop(str(answer.get("reason", "stopped")))

    def _answer(self, line: bytes) -> Message:
        if not line.endswith(b"\n"):
            raise Stopped("channel_lost")
        try:
            message = json.loads(line)
        except ValueError as error:
            return {"a": "wrong", "problem": f"it is no message: {error}"}
        return self._letters.say({"message": message})

    def _listen(self) -> None:
        """Takes the lines of the output, as fast as they are told."""
        with self._child.output as output:
            while True:
                line = output.readline(OUTPUT_LINE)
                if not line:
                    return
                text = line.decode("utf-8", "replace").rstrip("\n")
                if not line.endswith(b"\n") and len(line) == OUTPUT_LINE:
                    lost = _rest(output)
                    text += f" [{lost} more bytes]" if lost else ""
                with self._room:
                    self._room.wait_for(lambda: len(self._lines) < WAITING or self.stopped is not None)
                    if len(self._lines) < WAITING:
                        self._lines.append(text)

    def _tell(self) -> None:
        while not self._over.wait(TELL_EVERY):
            while self._told():
                pass

    def _told(self) -> bool:
        """Tells some lines. False if there were none."""
        with self._room:
            taken = size = 0
            for line in self._lines[:TOLD]:
                size += len(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace")) + 1
                if taken and size > TOLD_BYTES:
                    break
                taken += 1
            lines, self._lines = self._lines[:taken], self._lines[taken:]
            self._room.notify_all()
        if lines:
            self._letters.say({"output": lines})
        return bool(lines)

    def _pulse(self) -> None:
        while not self._over.wait(PULSE_EVERY):
            answer = self._letters.pulse()
            if answer.get("a") == "stop":
                self.stop(str(answer.get("reason", "stopped")))
                return


def _rest(output: Any) -> int:
    """How many bytes a line had beyond what is kept of it."""
    lost = 0
    while True:
        more = output.readline(OUTPUT_LINE)
        lost += len(more)
        if not more or more.endswith(b"\n"):
            return max(0, lost - 1)
