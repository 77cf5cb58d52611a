"""Requests to a service that speaks JSON: bounded, patient where the service asks for it, and true to one address."""

from __future__ import annotations

import http.client
import json
import time
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Dict, Iterator, Mapping, NamedTuple, Optional
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from gatelet.failures import Failed, Mistake, Outage

# The longest answer, in bytes.
ANSWER_BYTES = 32 * 1024 * 1024
# A request is given up after so many seconds, unless another patience is asked for.
PATIENCE = 60.0
# How often a busy service is asked again, and for how many seconds at most in all.
TRIES, LONGEST_WAIT = 6, 120.0


class Answer(NamedTuple):
    """What came back with a status below 300."""

    status: int
    # Names are in lower case.
    headers: Mapping[str, str]
    # The JSON, or None where there was no body.
    body: Any


class Refusal(Failed):
    """The service understood the request and refused it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__("refused_by_service", f"{status} {code}: {message}"[:500])
        self.status, self.service_code = status, code


class _NoRedirect(HTTPRedirectHandler):
    """A token goes to the address that the connection names, and to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> Optional[Request]:
        return None


class Web:
    """One service, at one address, with one token."""

    def __init__(
        self,
        base: str,
        token: str,
        sleep: Callable[[float], None] = time.sleep,
        say: Optional[Callable[[str], None]] = None,
        patience: float = PATIENCE,
    ) -> None:
        self._base, self._token, self._sleep = base.rstrip("/") + "/", token, sleep
        self._patience = patience
        self._say = say or (lambda _: None)
        parts = urlsplit(base)
        local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
        if parts.scheme != "https" and not local:
            raise Mistake("a service's address begins with https://")
        self._opener = build_opener(_NoRedirect)
        self._waited = 0.0

    def get(self, path: str, headers: Optional[Mapping[str, str]] = None) -> Answer:
        """Reads. What is lost on the way is asked for again."""
        return self.ask("GET", path, None, headers)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Optional[Mapping[str, str]] = None,
        reads: bool = False,
    ) -> Answer:
        """Asks, and asks again when the service did nothing for it (429). What `reads` is repeated after any loss."""
        reads = reads or method == "GET"
        for attempt in range(1, TRIES + 1):
            pause, why = 0.0, "too busy"
            try:
                return self._once(method, path, body, headers)
            except _Busy as busy:
                pause = busy.seconds if busy.seconds is not None else 2.0**attempt
            except _Lost as lost:
                if not reads:
                    raise Outage(f"no answer to {method} {urlsplit(path).path}: {lost}") from None
                why = f"away ({lost})"
                pause = lost.seconds if lost.seconds is not None else 2.0**attempt
            self._waited += pause
            if attempt == TRIES or self._waited > LONGEST_WAIT:
                break
            self._say(f"the service is {why}; asking again in {pause:g} s")
            self._sleep(pause)
        raise Outage(f"the service stayed {why}: {method} {urlsplit(path).path}")

    def pages(
        self, path: str, items: str, following: str, headers: Optional[Mapping[str, str]] = None
    ) -> Iterator[Any]:
        """Each item of each page, where `items` and `following` are members of a page."""
        seen = set()
        while path:
            if path in seen:
                raise Failed("bad_answer", "the service leads back to a page that was read before")
            seen.add(path)
            page = self.get(path, headers).body
            if not isinstance(page, dict) or not isinstance(page.get(items), list):
                raise Failed("bad_answer", f"a page has no list `{items}`")
            yield from page[items]
            path = page.get(following) or ""

    def _address(self, path: str) -> str:
        """The whole address. A link to another origin would carry the token there, and is refused."""
        address = urljoin(self._base, path if "://" in path else path.lstrip("/"))
        if urlsplit(address)[:2] != urlsplit(self._base)[:2]:
            raise Failed("bad_answer", "the service leads to another address")
        return address

    def _once(self, method: str, path: str, body: Any, headers: Optional[Mapping[str, str]]) -> Answer:
        sent: Dict[str, str] = {"accept": "application/json", "authorization": f"Bearer {self._token}"}
        sent.update(headers or {})
        data = None
        if body is not None:
            data = json.dumps(body, allow_nan=False).encode()
            sent["content-type"] = "application/json"
        request = Request(self._address(path), data=data, headers=sent, method=method)
        try:
            with self._opener.open(request, timeout=self._patience) as response:
                return Answer(response.status, lowered(response.headers), content(response.read(ANSWER_BYTES + 1)))
        except HTTPError as error:
            with error:
                raise refused(error) from None
        except URLError as error:
            raise _Lost(type(error.reason).__name__) from None
        except (OSError, http.client.HTTPException) as error:
            raise _Lost(type(error).__name__) from None


class _Busy(Exception):
    """The service asks to come back, after so many seconds if it says."""

    def __init__(self, seconds: Optional[float]) -> None:
        super().__init__()
        self.seconds = seconds


class _Lost(Exception):
    """No answer, or one that may be another the next time."""

    def __init__(self, what: str, seconds: Optional[float] = None) -> None:
        super().__init__(what)
        self.seconds = seconds


def lowered(headers: Any) -> Mapping[str, str]:
    """Header names in lower case."""
    return {name.lower(): value for name, value in headers.items()}


def content(data: bytes) -> Any:
    """The JSON of a body."""
    if len(data) > ANSWER_BYTES:
        raise Failed("bad_answer", f"the service answered with more than {ANSWER_BYTES} bytes")
    if not data.strip():
        return None
    try:
        return json.loads(data)
    except ValueError:
        raise Failed("bad_answer", "the service answered with something that is not JSON") from None


def refused(error: HTTPError) -> Exception:
    """What a status from 300 on means."""
    pause = retry_after(error.headers.get("retry-after"), error.headers.get("date"))
    if error.code == 429:
        return _Busy(pause)
    if error.code >= 500:
        return _Lost(f"status {error.code}", pause)
    code, message = "", ""
    try:
        body = json.loads(error.read(64 * 1024))
        # Microsoft sends {"error": {...}}, Salesforce a list of errors.
        told = body[0] if isinstance(body, list) else body.get("error", body)
        if isinstance(told, dict):
            code = str(told.get("code") or told.get("errorCode") or "")
            message = str(told.get("message") or "")
            # Azure says what is really wrong in the innermost.
            while isinstance(told.get("innererror"), dict):
                told = told["innererror"]
                message = f"{message} {told.get('message', '')}".strip()
    except (ValueError, LookupError, AttributeError, OSError):
        pass
    return Refusal(error.code, code, message)


def retry_after(value: Optional[str], date: Optional[str]) -> Optional[float]:
    """Seconds from a `Retry-After`, which is a number or a time (RFC 9110, section 10.2.3) by the service's clock."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(value)
        return max(0.0, (until - parsedate_to_datetime(date or "")).total_seconds())
    except (TypeError, ValueError, IndexError):
        return None
