"""A double of Azure Key Vault's data plane, and the program that serves it.

It is built from the published REST description, not the service. What is kept lives in memory. It
answers what shared/azure asks: secrets are set, read, listed by version, enabled and disabled; RSA
keys are created, read, listed and sign; both want an api-version and a bearer token.

It leaves out: roles and access policies, the signatures of tokens (it looks at audience and expiry
only), throttling, soft delete and purge, backup, rotation, certificates, expiry and not-before dates,
changes to keys, keys other than RSA, algorithms other than RS256, and the service's wording of errors.
The codes that shared/azure tells apart are the service's.
"""

import argparse
import json
import re
import secrets
import ssl
import threading
import time
from http.server import ThreadingHTTPServer
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from answers import TENANT, Answers, Refused, decoded, encoded
from managed_identity import Identity

AUDIENCE = "https://vault.azure.net"
API_VERSION = re.compile(r"7\.\d|\d{4}-\d\d-\d\d")
NAME = re.compile(r"[0-9A-Za-z-]{1,127}")
VERSION = re.compile(r"[0-9a-f]{32}")
PAGE = 25
VALUE_BYTES = 25 * 1024


def number(value):
    return encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Shelf:
    """The versions of all secrets, or of all keys, oldest first."""

    def __init__(self, kind):
        self.kind, self.lock, self.items = kind, threading.Lock(), {}

    def add(self, name, tags, **content):
        now = int(time.time())
        attributes = {
            "enabled": True,
            "created": now,
            "updated": now,
            "recoveryLevel": "Recoverable",
            "recoverableDays": 90,
        }
        entry = {"version": secrets.token_hex(16), "attributes": attributes, "tags": tags or {}}
        entry.update(content)
        with self.lock:
            self.items.setdefault(name, []).append(entry)
        return entry

    def versions(self, name):
        with self.lock:
            return list(self.items.get(name, []))

    def newest(self):
        with self.lock:
            return [(name, entries[-1]) for name, entries in sorted(self.items.items())]

    def find(self, name, version):
        if version and not VERSION.fullmatch(version):
            raise Refused(400, "BadParameter", "no version has this form")
        for entry in reversed(self.versions(name)):
            if version in ("", entry["version"]):
                return entry
        raise Refused(404, f"{self.kind}NotFound", "there is no such name or version")

    def find_enabled(self, name, version, operation):
        entry = self.find(name, version)
        if not entry["attributes"]["enabled"]:
            message = f"Operation {operation} is not allowed on a disabled {self.kind.lower()}."
            raise Refused(403, "Forbidden", message, f"{self.kind}Disabled")
        return entry

    def update(self, name, version, changes):
        entry = self.find(name, version)
        with self.lock:
            if "enabled" in changes.get("attributes", {}):
                entry["attributes"]["enabled"] = changes["attributes"]["enabled"]
            for member in ("tags", "contentType"):
                if member in changes:
                    entry[member] = changes[member]
            entry["attributes"]["updated"] = int(time.time())
        return entry


SECRETS, KEYS = Shelf("Secret"), Shelf("Key")


class Vault(Answers):
    """The vault itself."""

    def route(self, path, query, body):
        self.admit()
        if not API_VERSION.fullmatch(query.get("api-version", "")):
            raise Refused(400, "BadParameter", "api-version is missing or unknown")
        shelf, name, rest = (path.strip("/").split("/", 2) + ["", ""])[:3]
        if name and not NAME.fullmatch(name):
            raise Refused(400, "BadParameter", "no name has this form")
        if shelf not in ("secrets", "keys"):
            raise Refused(404, "NotFound", "there is no such collection")
        kept = SECRETS if shelf == "secrets" else KEYS
        if self.command == "GET" and not name:
            return self.page(kept.newest(), query)
        if self.command == "GET" and rest == "versions":
            # An unknown name has no versions; the service does not call that an error.
            return self.page([(f"{name}/{e['version']}", e) for e in kept.versions(name)], query)
        operate = self.secrets if shelf == "secrets" else self.keys
        return operate(name, rest, json.loads(body) if body else {})

    def admit(self):
        """Demands a token for this audience; without one, says where to get it."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        challenge = f'Bearer authorization="https://login.microsoftonline.com/{TENANT}"'
        headers = [("www-authenticate", f'{challenge}, resource="{AUDIENCE}"')]
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, "Unauthorized", "a bearer token is missing", headers=headers)
        try:
            claims = json.loads(decoded(token.split(".")[1]))
            good = claims["aud"] == AUDIENCE and int(claims["exp"]) > time.time()
        except (ValueError, KeyError, IndexError, TypeError):
            good = False
        if not good:
            raise Refused(401, "Unauthorized", "the token is not for here or over", headers=headers)

    def secrets(self, name, rest, sent):
        if self.command == "GET":
            return self.secret(name, SECRETS.find_enabled(name, rest, "get"), value=True)
        if self.command == "PUT" and not rest:
            if not isinstance(sent["value"], str) or len(sent["value"]) > VALUE_BYTES:
                raise Refused(400, "BadParameter", "a value is a text of at most 25 KiB")
            content = {"value": sent["value"], "contentType": sent.get("contentType")}
            entry = SECRETS.add(name, sent.get("tags"), **content)
            return self.secret(name, entry, value=True)
        if self.command == "PATCH":
            return self.secret(name, SECRETS.update(name, rest, sent), value=False)
        raise Refused(405, "MethodNotAllowed", "no such operation")

    def keys(self, name, rest, sent):
        if self.command == "GET":
            return self.key(name, KEYS.find(name, rest))
        if self.command == "POST" and rest == "create":
            if sent["kty"] != "RSA" or sent.get("key_size", 2048) not in (2048, 3072, 4096):
                raise Refused(400, "BadParameter", "only RSA keys of the usual sizes are made here")
            pair = rsa.generate_private_key(65537, sent.get("key_size", 2048))
            operations = sent.get("key_ops", ["sign", "verify"])
            return self.key(name, KEYS.add(name, sent.get("tags"), pair=pair, ops=operations))
        if self.command == "POST" and rest.endswith("/sign"):
            return self.sign(name, rest.removesuffix("/sign"), sent)
        raise Refused(405, "MethodNotAllowed", "no such operation")

    def sign(self, name, version, sent):
        entry = KEYS.find(name, version)
        if "sign" not in entry["ops"]:
            message = "Operation sign is not permitted on this key."
            raise Refused(403, "Forbidden", message, "KeyOperationForbidden")
        digest = decoded(sent["value"])
        if sent["alg"] != "RS256" or len(digest) != 32:
            raise Refused(400, "BadParameter", "only RS256 over 32 bytes is signed here")
        signature = entry["pair"].sign(digest, PKCS1v15(), Prehashed(SHA256()))
        return {"kid": self.address("keys", name, entry["version"]), "value": encoded(signature)}

    def address(self, *parts):
        return "/".join([f"https://{self.headers['host']}", *parts])

    def secret(self, name, entry, value):
        shown = {"id": self.address("secrets", name, entry["version"])}
        members = ("value", "contentType") if value else ("contentType",)
        shown.update((member, entry[member]) for member in members if entry[member] is not None)
        return shown | {"attributes": entry["attributes"], "tags": entry["tags"]}

    def key(self, name, entry):
        numbers = entry["pair"].public_key().public_numbers()
        key = {"kid": self.address("keys", name, entry["version"]), "kty": "RSA"}
        key |= {"key_ops": entry["ops"], "n": number(numbers.n), "e": number(numbers.e)}
        return {"key": key, "attributes": entry["attributes"], "tags": entry["tags"]}

    def page(self, entries, query):
        """One page, without values, and where the next one is."""
        start, size = int(query.get("$skiptoken", 0)), int(query.get("maxresults", PAGE))
        if start < 0 or not 1 <= size <= PAGE:
            raise Refused(400, "BadParameter", f"maxresults is 1 to {PAGE}")
        path = urlsplit(self.path).path.strip("/")
        shelf = path.split("/", 1)[0]
        shown = []
        for name, entry in entries[start : start + size]:
            item = {"id" if shelf == "secrets" else "kid": self.address(shelf, name)}
            shown.append(item | {"attributes": entry["attributes"], "tags": entry["tags"]})
        more = f"?api-version={query['api-version']}&$skiptoken={start + size}&maxresults={size}"
        following = self.address(path) + more if start + size < len(entries) else None
        return {"value": shown, "nextLink": following}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--port", type=int, required=True, help="of the vault, with TLS")
    parser.add_argument("--identity-port", type=int, required=True, help="of the token endpoint")
    parser.add_argument("--identity-header", required=True, help="what x-identity-header must say")
    parser.add_argument("--cert", required=True, help="PEM file")
    parser.add_argument("--key", required=True, help="PEM file")
    chosen = parser.parse_args()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chosen.cert, chosen.key)
    vault = ThreadingHTTPServer(("127.0.0.1", chosen.port), Vault)
    # The handshake is left to the connection's own thread: a silent client blocks nobody else.
    vault.socket = context.wrap_socket(
        vault.socket, server_side=True, do_handshake_on_connect=False
    )
    Identity.header, Identity.vault = chosen.identity_header, chosen.port
    identity = ThreadingHTTPServer(("127.0.0.1", chosen.identity_port), Identity)
    threading.Thread(target=identity.serve_forever, daemon=True).start()
    vault.serve_forever()


if __name__ == "__main__":
    main()
