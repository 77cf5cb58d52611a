"""Plays recordings: a script in a process of its own, a played gateway, and a service that answers what was recorded.

A recording is a JSON file in the folder `recorded` of an automation. docs/reference/automation-python.md has its form.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import signal
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from gatelet.channel import HEARS, SAYS, Message, parsed
from gatelet.gateway import Gateway

# A script that plays longer than this is ended, in seconds.
PATIENCE = 60.0
# Recordings name the address of the played service so.
PLACE = "{http}"
MEMBERS = {"title", "inputs", "files", "credentials", "http", "expect"}


class Recording:
    """One recorded run: what it is given, what the service answers, what must come out."""

    def __init__(self, folder: Path, path: Path) -> None:
        self.folder, self.name = folder, path.stem
        self.document: Dict[str, Any] = json.loads(path.read_text("utf-8"))
        unknown = set(self.document) - MEMBERS
        if unknown or "expect" not in self.document:
            raise ValueError(f"{path.name}: unknown {sorted(unknown)}" if unknown else f"{path.name}: no `expect`")

    def start(self, address: str) -> Message:
        """The start document that the script gets."""
        files = {}
        for name, told in self.document.get("files", {}).items():
            text = told.get("text")
            content = text.encode() if text is not None else (self.folder / told["from"]).read_bytes()
            shown = {"name": told.get("name", told.get("from", name)), "media_type": told.get("media_type", "text/csv")}
            files[name] = {**shown, "base64": base64.b64encode(content).decode("ascii")}
        return {
            "v": 1,
            "run": "00000000000000000000000000",
            "fence": 1,
            "attempt": 1,
            "automation": self.folder.name,
            "inputs": self.document.get("inputs", {}),
            "files": files,
            "credentials": placed(self.document.get("credentials", {}), address),
            "traceparent": f"00-{'0' * 31}1-{'0' * 15}1-00",
        }


class Service(ThreadingHTTPServer):
    """Answers recorded exchanges, each once and in their order. Anything else is a mistake that it remembers."""

    daemon_threads = True

    def __init__(self, exchanges: List[Dict[str, Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.exchanges, self.mistakes = list(exchanges), list[str]()
        self._turn = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def exchange(self, asked: str, headers: Dict[str, str], body: bytes) -> Optional[Dict[str, Any]]:
        """What was recorded for this request, if it is the next."""
        with self._turn:
            if not self.exchanges:
                self.mistakes.append(f"one request more than recorded: {asked}")
                return None
            recorded: Dict[str, Any] = placed(self.exchanges[0], self.address)
            if recorded["ask"] != asked:
                self.mistakes.append(f"asked {asked}\n  recorded {recorded['ask']}")
                return None
            for name, value in recorded.get("with", {}).items():
                if headers.get(name.lower()) != value:
                    self.mistakes.append(f"{asked}: header {name} is {headers.get(name.lower())!r}")
            if "body" in recorded and json.loads(body or b"null") != recorded["body"]:
                self.mistakes.append(f"{asked}: the body is {body[:500]!r}")
            self.exchanges.pop(0)
            return recorded


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Service

    def log_message(self, *_: Any) -> None:
        """Stays silent."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        recorded = self.server.exchange(f"{self.command} {self.path}", headers, body)
        answer = {"error": {"code": "NotRecorded", "message": "see the report"}} if recorded is None else recorded.get("answer", "")
        content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(400 if recorded is None else recorded.get("status", 200))
        for name, value in (recorded or {}).get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = do_HEAD = _answer


def placed(value: Any, address: str) -> Any:
    """A recorded value with the service's real address in it."""
    return json.loads(json.dumps(value).replace(PLACE, address))


def spawned(words: List[str], start: Message, gateway: Gateway, output: Path) -> int:
    """Carries a script out as the runner does: an empty environment, and two pipes. Returns its status."""
    hears, tells = pipe()
    listens, says = pipe()
    sink = high(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    actions = [
        (os.POSIX_SPAWN_DUP2, says, SAYS),
        (os.POSIX_SPAWN_DUP2, hears, HEARS),
        (os.POSIX_SPAWN_DUP2, sink, 1),
        (os.POSIX_SPAWN_DUP2, sink, 2),
    ]
    child = os.posix_spawn(sys.executable, [sys.executable, *words], {}, file_actions=actions)
    for descriptor in (hears, says, sink):
        os.close(descriptor)
    watch = threading.Timer(PATIENCE, os.kill, (child, signal.SIGKILL))
    watch.start()
    try:
        with os.fdopen(tells, "wb") as script, os.fdopen(listens, "rb") as messages:
            try:
                converse(script, messages, start, gateway)
            except BrokenPipeError:
                pass  # the script has ended, and its status tells how
        _, status = os.waitpid(child, 0)
    finally:
        watch.cancel()
    return os.waitstatus_to_exitcode(status)


def converse(script: Any, messages: Any, start: Message, gateway: Gateway) -> None:
    """Answers every message until the script closes its end."""
    script.write(json.dumps(start).encode() + b"\n")
    script.flush()
    for line in messages:
        script.write(json.dumps(gateway.hear(parsed(line))).encode() + b"\n")
        script.flush()


def pipe() -> "tuple[int, int]":
    """A pipe whose ends are none of those that a script finds open."""
    reads, writes = os.pipe()
    return high(reads), high(writes)


def high(descriptor: int) -> int:
    """The same under a number above those that a script finds open."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


def command(folder: Path, libraries: Sequence[str] = ()) -> List[str]:
    """How a script is started, as the page about the package describes it."""
    package = Path(__file__).resolve().parent.parent
    more = [word for one in libraries for word in ("--libraries", one)]
    return ["-I", "-S", "-B", "-X", "utf8", str(package), *more, str(folder)]


def play(recording: Recording, libraries: Sequence[str] = ()) -> List[str]:
    """Plays one recording and returns what was not as expected."""
    service, gateway = Service(recording.document.get("http", [])), Gateway()
    with tempfile.TemporaryDirectory(prefix="gatelet-play-") as scratch, service:
        output = Path(scratch) / "output"
        start = recording.start(service.address)
        status = spawned(command(recording.folder, libraries), start, gateway, output)
        problems = service.mistakes + judged(gateway, recording.document["expect"], status)
        if service.exchanges:
            problems.append(f"{len(service.exchanges)} recorded requests were not made, first {service.exchanges[0]['ask']}")
        for text in spilled(start["credentials"], gateway, output):
            problems.append(f"a credential stands in {text}")
        if problems:
            problems += [f"output: {line}" for line in output.read_text("utf-8", "replace").splitlines()[-20:]]
        service.shutdown()
    return problems


def judged(gateway: Gateway, expect: Dict[str, Any], status: int) -> List[str]:
    """What differs from what the recording expects."""
    problems = []
    if "failure" in expect:
        told = {name: (gateway.failure or {}).get(name) for name in expect["failure"]}
        if told != expect["failure"]:
            problems.append(f"expected the failure {expect['failure']}, got {gateway.failure}")
    elif status != 0 or gateway.failure:
        problems.append(f"the script failed: status {status}, {gateway.failure}")
    if "result" in expect and gateway.result != expect["result"]:
        problems.append(f"expected {json.dumps(expect['result'])}\n  got {json.dumps(gateway.result)}")
    for name, text in expect.get("artifacts", {}).items():
        if gateway.files.get(name) != text.encode():
            problems.append(f"the artifact {name} is {gateway.files.get(name)!r}")
    if "steps" in expect and list(gateway.ledger) != expect["steps"]:
        problems.append(f"the steps are {list(gateway.ledger)}")
    return problems


def spilled(credentials: Dict[str, Dict[str, str]], gateway: Gateway, output: Path) -> List[str]:
    """Where a secret of the recording stands that should stand nowhere."""
    secrets = [
        value
        for members in credentials.values()
        for name, value in members.items()
        if any(word in name for word in ("token", "secret", "key", "password")) and len(value) >= 6
    ]
    places = {"the output": output.read_text("utf-8", "replace"), "a message": json.dumps(gateway.heard)}
    places.update({f"the artifact {name}": data.decode("utf-8", "replace") for name, data in gateway.files.items()})
    return [place for place, text in places.items() if any(secret in text for secret in secrets)]


def play_folder(folder: Path, names: List[str], libraries: Sequence[str] = ()) -> int:
    """Plays the recordings of an automation, all or the named, and prints a line for each. 0 if all went well."""
    paths = sorted((folder / "recorded").glob("*.json"))
    chosen = [path for path in paths if not names or path.stem in names]
    failed = 0
    if (folder / "requirements.lock").exists() and not libraries:
        print("requirements.lock names libraries: play with --libraries FOLDER, where they are")
        return 1
    for path in chosen:
        try:
            problems = play(Recording(folder, path), libraries)
        except (OSError, ValueError, KeyError) as error:
            problems = [f"cannot be played: {error!r}"]
        print(f"{'FAILED' if problems else 'ok    '} {path.stem}")
        for problem in problems:
            print(f"  {problem}")
        failed += bool(problems)
    if not chosen:
        print(f"there is no recording in {folder / 'recorded'}")
    return 1 if failed or not chosen else 0
