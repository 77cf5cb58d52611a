"""Runs scripts in a function of its own, apart from the gateway: `handle` carries out one invocation.

It has no rights in any cloud and keeps nothing. What it knows of a run it is told by the invocation, and what its script says it
passes on as letters to the gateway.
"""

from gatelet_runner.handle import handle

__all__ = ["handle"]
