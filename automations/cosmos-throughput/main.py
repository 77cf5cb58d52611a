"""Sets the throughput of a Cosmos DB database or container by Azure Resource Manager."""

from __future__ import annotations

import time
from typing import Any, Dict, NamedTuple
from urllib.parse import quote

from gatelet import Conflict, Refusal, Run, Seen, Step, Web, main

ARM = "https://management.azure.com"
VERSION = "api-version=2024-11-15"
# Azure is asked so often whether it is through, with these seconds between.
LOOKS, PAUSE = 10, 6.0


class Setting(NamedTuple):
    """The throughput as it is set."""

    autoscale: bool
    units: int
    minimum: int
    pending: bool
    etag: str

    @classmethod
    def read(cls, web: Web, path: str) -> Setting:
        """Asks for it."""
        resource = web.get(path).body["properties"]["resource"]
        scale = resource.get("autoscaleSettings")
        units = scale["maxThroughput"] if scale else resource["throughput"]
        pending = str(resource.get("offerReplacePending", "false")).lower() == "true"
        return cls(bool(scale), int(units), int(resource.get("minimumThroughput") or 0), pending, str(resource.get("_etag", "")))


def run(run: Run) -> Dict[str, Any]:
    """Reads, sets under the condition that nothing changed, and looks how far Azure is."""
    asked = run.inputs()
    found = run.credentials("azure")
    web = Web(found.get("endpoint", ARM), found["access_token"], say=run.log)
    path, wanted = path_of(asked), int(asked["throughput"])
    with run.step("before", "R", "Read what is set") as step:
        before = read(run, web, path)
        check(run, before, wanted)
        step.done({"units": before.units})

    def effect(step: Step) -> Dict[str, int]:
        if before.units == wanted:
            step.evidence(unchanged=True)
            return {"before": before.units}
        resource = {"autoscaleSettings": {"maxThroughput": wanted}} if before.autoscale else {"throughput": wanted}
        headers = {"if-match": before.etag} if before.etag else {}
        try:
            answer = web.ask("PUT", path, {"properties": {"resource": resource}}, headers)
        except Refusal as refusal:
            if refusal.status in (409, 412):
                raise Conflict(refusal.message) from None
            step.undone()
            raise
        step.evidence(status=answer.status, request_id=answer.headers.get("x-ms-request-id"), etag=before.etag)
        return {"before": before.units}

    def probe() -> Seen:
        now = Setting.read(web, path)
        return Seen.done({"before": before.units}, etag=now.etag) if now.units == wanted else Seen.not_done()

    try:
        given = run.once("set", "B", f"Set {wanted} RU/s", effect, params={"path": path, "units": wanted}, probe=probe)
    except Conflict:
        run.fail("changed_meanwhile", "Somebody changes the throughput at the same time. Look at it, then start anew.")
    with run.step("after", "R", "Look how far Azure is") as step:
        now = settled(run, web, path, wanted)
        step.done({"units": now.units, "pending": now.pending})
    mode = "autoscale" if now.autoscale else "manual"
    facts = {"mode": mode, "before": given["before"], "after": now.units}
    return {**facts, "minimum": now.minimum, "pending": now.pending or now.units != wanted}


def path_of(asked: Any) -> str:
    """The resource's path. Names are escaped: they may have signs of an address in them."""
    names = {name: quote(str(asked[name]), safe="") for name in ("subscription", "resource_group", "account", "database")}
    path = (
        f"/subscriptions/{names['subscription']}/resourceGroups/{names['resource_group']}/providers/"
        f"Microsoft.DocumentDB/databaseAccounts/{names['account']}/sqlDatabases/{names['database']}"
    )
    if asked.get("container"):
        path += f"/containers/{quote(str(asked['container']), safe='')}"
    return f"{path}/throughputSettings/default?{VERSION}"


def read(run: Run, web: Web, path: str) -> Setting:
    """What is set. A database without throughput of its own has no such resource."""
    try:
        return Setting.read(web, path)
    except Refusal as refusal:
        if refusal.status == 404:
            run.fail("no_throughput", "There is no such database or container, or it has no throughput of its own.")
        raise


def check(run: Run, before: Setting, wanted: int) -> None:
    """What Azure would refuse is refused in words that help."""
    step = 1000 if before.autoscale else 100
    if wanted % step:
        run.fail("bad_throughput", f"{wanted} is no multiple of {step}.")
    if wanted < before.minimum:
        run.fail("bad_throughput", f"Azure allows no less than {before.minimum} RU/s here.")
    if before.pending and before.units != wanted:
        run.fail("changed_meanwhile", "Azure is still at an earlier change.", retry=True)


def settled(run: Run, web: Web, path: str, wanted: int) -> Setting:
    """What is set once Azure is through, or after a minute."""
    for look in range(1, LOOKS + 1):
        now = Setting.read(web, path)
        if now.units == wanted and not now.pending:
            break
        run.progress(look, LOOKS, "looks")
        if look < LOOKS:
            time.sleep(PAUSE)
    return now


if __name__ == "__main__":
    main(run)
