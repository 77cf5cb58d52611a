"""Provokes one event of each kind from the emulator, and keeps it with everything made up for one run replaced."""

import http.client
import json
import re
import sys
import time
import urllib.parse

# What differs from run to run, by the name of its member.
FIXED = {
    "accountId": "000000000000",
    "account": "000000000000",
    "apiId": "a1b2c3d4",
    "requestId": "00000000-0000-4000-8000-000000000001",
    "id": "00000000-0000-4000-8000-000000000002",
    "timeEpoch": 1767225600000,
    "receiptHandle": "receipt-handle",
    "SenderId": "000000000000",
    "SentTimestamp": "1767225600000",
    "ApproximateFirstReceiveTimestamp": "1767225600000",
}
# Two messages as `upkeep` sends them: one knows the request that asked for the run.
MESSAGES = [
    {"v": 1, "tenant": "acme", "run": "0123456789abcdef0123456789abcdef",
     "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
    {"v": 1, "tenant": "globex", "run": "fedcba9876543210fedcba9876543210"},
]
# CloudFormation ends the names that it makes up like this.
MADE_UP = re.compile(r"(gatelet-[A-Za-z]+)-[0-9A-F]{12,13}\b")


def provoke(client, told):
    """Sends a request with cookies, a doubled header and a query, and two messages. The timer ticks by itself."""
    address = urllib.parse.urlsplit(told["connect_to"])
    browser = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    browser.putrequest("GET", "/auth/session?a=1&a=2&b=%20x", skip_host=True, skip_accept_encoding=True)
    for name, value in [
        ("Host", told["host"]),
        ("Cookie", "__Host-bff_session=AAAA; theme=dark"),
        ("Sec-Fetch-Site", "same-origin"),
        ("X-Gatelet-Csrf", "1"),
        ("X-Twice", "1"),
        ("X-Twice", "2"),
        ("User-Agent", "recorder"),
    ]:
        browser.putheader(name, value)
    browser.endheaders()
    status = browser.getresponse().status
    if status != 204:
        sys.exit(f"the recorder was asked and {status} came back")
    entries = [{"Id": str(n), "MessageBody": json.dumps(body)} for n, body in enumerate(MESSAGES)]
    client("sqs").send_message_batch(QueueUrl=told["queue_url"], Entries=entries)


def steady(value, name=""):
    """The same value in every run."""
    if name in FIXED:
        return FIXED[name]
    if name == "time":
        return "01/Jan/2026:00:00:00 +0000" if "/" in value else "2026-01-01T00:00:00Z"
    if isinstance(value, dict):
        return {key: steady(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [steady(inner) for inner in value]
    return value


def kept(event, told):
    """The event as a fixture."""
    event = steady(event)
    for number, message in enumerate(event.get("Records", []), 1):
        message["messageId"] = f"00000000-0000-4000-8000-00000000001{number}"
    text = json.dumps(event, indent=2, ensure_ascii=False) + "\n"
    return MADE_UP.sub(r"\1-0123456789ABC", text.replace(told["api_id"], FIXED["apiId"]))


def record(client, told, folder, into):
    """Waits for the three kinds and writes them. The timer needs up to a minute."""
    provoke(client, told)
    kinds = {
        "http-get-session.json": lambda event: "routeKey" in event,
        "sqs-two-messages.json": lambda event: len(event.get("Records", [])) == 2,
        "scheduled.json": lambda event: event.get("source") == "aws.events",
    }
    into.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + 100
    while kinds:
        if time.monotonic() > deadline:
            sys.exit(f"no event came for {', '.join(kinds)}")
        events = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
        for name, wanted in list(kinds.items()):
            if found := next(filter(wanted, events), None):
                (into / name).write_text(kept(found, told))
                del kinds[name]
        time.sleep(0.2)
