"""The script's side of a run: what it was given, what it says, and the steps that it does once.

A script defines a function that takes a `Run` and hands it to `main`. Everything else hangs on that `Run`.
"""

from gatelet.entry import main
from gatelet.failures import Conflict, Failed, Mistake, Outage, Stopped, Unclear
from gatelet.run import File, Run
from gatelet.step import EffectClass, Seen, Step, key
from gatelet.web import Answer, Refusal, Web

__all__ = [
    "Answer",
    "Conflict",
    "EffectClass",
    "Failed",
    "File",
    "Mistake",
    "Outage",
    "Refusal",
    "Run",
    "Seen",
    "Step",
    "Stopped",
    "Unclear",
    "Web",
    "key",
    "main",
]
