"""The ways in which a script ends early."""

from __future__ import annotations


class Stopped(BaseException):
    """The gateway said `stop`, or cannot be reached: whatever is begun from here on is nobody's.

    It is no `Exception`, so that `except Exception` around an effect does not go on after it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Failed(Exception):
    """The script cannot do what was asked, and says so: see `Run.fail`."""

    def __init__(self, code: str, message: str, retry: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry = retry


class Outage(Failed):
    """A service could not be reached or was too busy. Another attempt may go better."""

    def __init__(self, message: str) -> None:
        super().__init__("unavailable", message, retry=True)


class Unclear(Failed):
    """Whether a step had its effect cannot be found out. A person has to decide."""

    def __init__(self, message: str) -> None:
        super().__init__("outcome_unknown", message)


class Conflict(Exception):
    """The target's condition did not hold. In a step of class B it leads to the step's probe."""


class Mistake(Exception):
    """The script uses this package, or the channel, in a way that would break a promise."""
