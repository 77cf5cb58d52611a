"""What the doubles of Azure's services have in common: connections that speak JSON, and tokens."""

import base64
import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

TENANT = "00000000-0000-0000-0000-0000000000aa"


class Refused(Exception):
    """An answer other than 200; `inner` is Key Vault's finer code."""

    def __init__(self, status, code, message, inner=None, headers=()):
        super().__init__(message)
        error = {"code": code, "message": message}
        if inner:
            error["innererror"] = {"code": inner}
        self.status, self.body, self.headers = status, {"error": error}, headers


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Answers(BaseHTTPRequestHandler):
    """One connection that speaks JSON."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_):
        """Stays silent: an access log would be all that anybody ever reads of it."""

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        target = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(target.query).items()}
        status, headers = 200, ()
        try:
            content = self.route(target.path, query, body)
        except Refused as refused:
            status, content, headers = refused.status, refused.body, refused.headers
        except (ValueError, KeyError, TypeError) as error:
            status, content = 400, Refused(400, "BadParameter", repr(error)).body
        text = json.dumps(content).encode()
        self.send_response(status)
        for name, value in (("content-type", "application/json; charset=utf-8"), *headers):
            self.send_header(name, value)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer
