"""A double of the Azure Functions host for one app in Python, and of the sign-in that stands before it.

It reads `host.json` and each `function.json`, loads the scripts that they name, gives them requests of the host's own library,
one at a time, and lets nobody in without a token of the one identity for the one application. It is built from the published
description, not the service. Left out: the signatures of tokens (it looks at audience, identity and expiry only), scaling,
time limits, the host's own process between the app and the network, and everything but HTTP with JSON.
"""

import argparse
import importlib
import json
import os
import pathlib
import ssl
import sys
import threading
import time
from http.server import ThreadingHTTPServer

import azure.functions

from answers import Answers, Refused, decoded


class App(Answers):
    """One connection. `routes` are the app's functions, `audience` and `caller` what a token must say."""

    routes, audience, caller, turn = {}, "", "", threading.Lock()

    def route(self, path, query, body):
        self.check_token()
        function = self.routes.get((self.command, path.strip("/")))
        if function is None:
            raise Refused(404, "NotFound", "no function has this route")
        request = azure.functions.HttpRequest(
            method=self.command, url=self.path, headers=dict(self.headers), params=query, body=body
        )
        with self.turn:
            return json.loads(function(request))

    def check_token(self):
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        try:
            claims = json.loads(decoded(token.split(".")[1]))
        except (ValueError, IndexError):
            claims = {}
        told = claims.get("aud") == self.audience and claims.get("oid") == self.caller
        if kind != "Bearer" or not told or claims.get("exp", 0) < time.time():
            raise Refused(401, "Unauthorized", "no token of the caller for this application")


def functions(folder):
    """The functions of an app, by method and route."""
    host = json.loads((folder / "host.json").read_text())
    if host["extensions"]["http"]["routePrefix"] != "":
        sys.exit("this double adds no prefix")
    sys.path.insert(0, str(folder))
    os.chdir(folder)
    found = {}
    for declared in folder.glob("*/function.json"):
        function = json.loads(declared.read_text())
        trigger = next(it for it in function["bindings"] if it["type"] == "httpTrigger")
        if trigger["authLevel"] != "anonymous":
            sys.exit("this double has no keys: who may call is decided before the app")
        script = (declared.parent / function["scriptFile"]).resolve().relative_to(folder.resolve())
        module = importlib.import_module(".".join(script.with_suffix("").parts))
        for method in trigger["methods"]:
            found[method.upper(), trigger["route"]] = getattr(module, function["entryPoint"])
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--app", type=pathlib.Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--audience", required=True)
    parser.add_argument("--caller", required=True)
    given = parser.parse_args()
    App.routes, App.audience, App.caller = functions(given.app), given.audience, given.caller
    server = ThreadingHTTPServer(("127.0.0.1", given.port), App)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(given.cert, given.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
