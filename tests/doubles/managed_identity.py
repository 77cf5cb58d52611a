"""A double of the endpoint where an app of Azure Functions gets the tokens of its managed identity.

It answers as IDENTITY_ENDPOINT does inside the platform, built from the published description. Its
tokens are not signed; Azurite and the double of Key Vault look at audience and expiry only. It knows
one tenant, and takes every client id for an identity of the app.

It also tunnels CONNECT requests for *.vault.azure.net to the double of Key Vault. A process that checks
the domain of its vault, as it must, can so be pointed there by HTTPS_PROXY, unchanged.
"""

import json
import socket
import threading
import time

from answers import TENANT, Answers, Refused, encoded

TOKEN_SECONDS = 3600


class Identity(Answers):
    """The endpoint; `header` is what x-identity-header must say, `vault` the port of the tunnel's end."""

    header, vault = "", 0

    def route(self, path, query, _):
        if self.command != "GET" or path != "/metadata/identity/oauth2/token":
            raise Refused(404, "NotFound", "there is no such path")
        if self.headers.get("x-identity-header") != self.header:
            raise Refused(401, "Unauthorized", "x-identity-header is missing or wrong")
        if query["api-version"] != "2019-08-01":
            raise Refused(400, "BadParameter", "api-version is unknown")
        now = int(time.time())
        claims = {"aud": query["resource"], "iss": f"https://sts.windows.net/{TENANT}/"}
        claims |= {"tid": TENANT, "oid": query.get("client_id", "system-assigned")}
        claims |= {"iat": now, "nbf": now, "exp": now + TOKEN_SECONDS}
        parts = [{"alg": "RS256", "typ": "JWT"}, claims]
        token = ".".join([*(encoded(json.dumps(part).encode()) for part in parts), "unsigned"])
        shown = {"access_token": token, "expires_on": str(claims["exp"]), "token_type": "Bearer"}
        return shown | {"resource": query["resource"], "client_id": query.get("client_id", "")}

    def do_CONNECT(self):
        if not self.path.endswith(".vault.azure.net:443"):
            self.send_error(403)
            return
        self.close_connection = True
        with socket.create_connection(("127.0.0.1", self.vault)) as vault:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.wfile.flush()
            back = threading.Thread(target=pump, args=(vault, self.connection), daemon=True)
            back.start()
            pump(self.connection, vault)
            back.join()


def pump(source, sink):
    """Carries bytes until one side has no more."""
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one of the two has gone, and so ends the tunnel
