"""The runner as a Python function on Azure Functions, by its `function.json`. Who may call it is decided before it, by the
platform's authentication."""

from __future__ import annotations

import json
import os
import threading
from typing import Any

from gatelet_runner.handle import handle

# How long the host has to send the last answer of a process that must not be used again.
LAST_ANSWER = 2.0


def main(request: Any) -> str:
    """Carries an invocation out."""
    answer = handle(json.loads(request.get_body()))
    if answer.get("recycle"):
        threading.Timer(LAST_ANSWER, os._exit, (1,)).start()
    return json.dumps(answer)
