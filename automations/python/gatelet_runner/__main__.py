"""The runner as a server on the loopback interface: `python3 -m gatelet_runner [--port PORT]`.

It takes an invocation as the body of a POST, and prints its address once it listens. Whoever reaches the port can run scripts as this user.
"""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from gatelet_runner.handle import handle

# The longest invocation, in bytes: the input files stand in it.
INVOCATION_BYTES = 64 * 1024 * 1024


class Invocation(BaseHTTPRequestHandler):
    """One request is one invocation."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Stays silent: an invocation's body is secret, and its address says nothing."""

    def do_POST(self) -> None:
        """Carries it out."""
        length = int(self.headers.get("content-length") or 0)
        try:
            event = json.loads(self.rfile.read(length)) if 0 < length <= INVOCATION_BYTES else None
        except ValueError:
            event = None
        if not isinstance(event, dict):
            self.send_error(400)
            return
        answer = handle(event)
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if answer.get("recycle"):
            self.wfile.flush()
            os._exit(1)


def main() -> int:
    """Serves until it is ended."""
    words = sys.argv[1:]
    if words and (words[0] != "--port" or len(words) != 2 or not words[1].isdigit()):
        print(__doc__, file=sys.stderr)
        return 2
    server = ThreadingHTTPServer(("127.0.0.1", int(words[1]) if words else 0), Invocation)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
    return 0


sys.exit(main())
