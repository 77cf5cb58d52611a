"""The gateway's side of the attempt channel over HTTP, for tests: it takes each letter once, and can be busy or gone."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, List, Optional

from gatelet.gateway import Gateway

KEY = "attempt-key-that-nobody-may-see"
# A mood: it has no answer yet.
WAIT = 299


class Letterbox(ThreadingHTTPServer):
    """The attempt channel over HTTP, which can be busy, gone, or closed to this attempt. It takes each letter once."""

    daemon_threads = True

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.gateway, self.moods, self.asked = gateway, list[int](), list[Dict[str, str]]()
        self.letters: List[Any] = []
        self.answers: List[Any] = []
        # Why every pulse is answered `stop`.
        self.stop: Optional[str] = None
        self.url = f"http://127.0.0.1:{self.server_address[1]}/attempts/acme/r/1"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


    def output(self) -> List[str]:
        """Every line of output that came."""
        return [line for letter in self.letters for line in letter.get("output", [])]

    def ends(self) -> List[Any]:
        """How the script ended, as often as that was told."""
        return [letter["exit"] for letter in self.letters if "exit" in letter]


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Letterbox

    def log_message(self, *_: Any) -> None:
        """Stays silent."""

    def answered(self, letter: Any) -> Any:
        """The answer to a letter, which is heard when it comes for the first time."""
        server = self.server
        if letter.get("pulse"):
            return {"a": "stop", "reason": server.stop} if server.stop else {"a": "go"}
        if letter["n"] > len(server.letters):
            server.letters.append(letter)
            message = letter.get("message")
            server.answers.append(server.gateway.hear(message) if message else {"a": "go"})
        if letter != server.letters[letter["n"] - 1]:
            return None
        return server.answers[letter["n"] - 1]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        mood = self.server.moods.pop(0) if self.server.moods else 200
        text = b""
        if mood in (0, 200):
            text = json.dumps(self.answered(json.loads(body))).encode()
        if mood == 0:
            self.close_connection = True
            return
        if mood == WAIT:
            mood, text = 200, b'{"a":"wait"}'
        self.send_response(mood)
        if mood // 100 == 3:
            self.send_header("location", self.server.url + "/elsewhere")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self) -> None:
        self.server.asked.append({"path": self.path})
        self.send_error(404)
