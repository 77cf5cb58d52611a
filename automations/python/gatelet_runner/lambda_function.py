"""The runner as an AWS Lambda function: its handler is `gatelet_runner.lambda_function.handler`."""

from __future__ import annotations

import os
from typing import Any, Dict

from gatelet_runner.handle import handle

# Set once this process must not be used again. Lambda keeps it for the next invocation all the same.
_recycle = False


def handler(event: Dict[str, Any], _context: object) -> Dict[str, Any]:
    """Carries an invocation out. One that meets what another has left ends the process, and Lambda makes a new one."""
    global _recycle
    if _recycle:
        os._exit(1)
    answer = handle(event)
    _recycle = bool(answer.get("recycle"))
    return answer
