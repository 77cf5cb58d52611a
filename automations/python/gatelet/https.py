"""The attempt channel as requests: numbered letters to the gateway, each with its answer."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
from typing import Any, Callable, Dict, Optional
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from gatelet.channel import LINE_BYTES, Channel, Message, parsed
from gatelet.failures import Mistake, Stopped


class _NoRedirect(HTTPRedirectHandler):
    """The attempt key goes to the address that was given, and to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> Optional[Request]:
        return None


class Letters:
    """Posts letters one after the other. One whose answer was lost is posted again as it was: the gateway takes it once."""

    # After each failure so many seconds pass; the last pause repeats.
    PAUSES = (0.2, 1.0, 3.0, 5.0)
    # A gateway that has been away for so long stays away.
    PATIENCE = 60.0
    # One request is given up after so many seconds. The gateway holds one back for 8 at most.
    REQUEST = 25.0

    def __init__(self, url: str, key: str, sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic) -> None:
        local = url.startswith(("http://127.0.0.1:", "http://localhost:", "http://[::1]:"))
        if not (url.startswith("https://") or local):
            raise Mistake("the attempt channel's address begins with https://")
        self._url, self._key, self._sleep, self._clock = url, key, sleep, clock
        self._opener = build_opener(ProxyHandler({}), _NoRedirect)
        self._turn, self._number = threading.Lock(), 0
        self._nonce = secrets.token_urlsafe(24)

    def say(self, what: Dict[str, Any]) -> Message:
        """Posts the next letter and returns its answer. An end of the channel raises `Stopped`."""
        with self._turn:
            self._number += 1
            letter = {"n": self._number, **what}
            if self._number == 1:
                letter["nonce"] = self._nonce
            return self._answered(json.dumps(letter, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))

    def pulse(self) -> Message:
        """Tells that the runner lives, and asks whether it should go on. It waits for no letter."""
        return self._answered(b'{"pulse":true}')

    def _answered(self, body: bytes) -> Message:
        failures, since = 0, self._clock()
        while True:
            answer = self._sent(body)
            if answer is None:
                if self._clock() - since > self.PATIENCE:
                    raise Stopped("channel_lost")
                self._sleep(self.PAUSES[min(failures, len(self.PAUSES) - 1)])
                failures += 1
            elif answer.get("a") == "wait":
                failures, since = 0, self._clock()
            else:
                return answer

    def _sent(self, body: bytes) -> Optional[Message]:
        """The answer, or none if nobody knows what became of the letter."""
        headers = {"authorization": f"Attempt {self._key}", "content-type": "application/json"}
        request = Request(self._url, data=body, headers=headers, method="POST")
        try:
            with self._opener.open(request, timeout=self.REQUEST) as response:
                return parsed(response.read(LINE_BYTES + 1))
        except HTTPError as error:
            with error:
                if error.code == 429 or error.code >= 500:
                    return None
            # Any other refusal means that this attempt is not the one that counts.
            raise Stopped("attempt_refused") from None
        except (OSError, http.client.HTTPException):
            return None


class HttpsChannel(Channel):
    """A script's messages as letters, for one that speaks to the gateway itself."""

    def __init__(self, letters: Letters) -> None:
        super().__init__()
        self._letters = letters

    def _exchange(self, line: bytes) -> Message:
        return self._letters.say({"message": json.loads(line)})
