"""Announces a maintenance window on a status page: one step of each class."""

from __future__ import annotations

from typing import Any, Dict

from gatelet import Conflict, Refusal, Run, Seen, Step, Web, main


def run(run: Run) -> Dict[str, Any]:
    page = run.credentials("status_page")
    web = Web(page["url"], page["token"], say=run.log)
    window = run.inputs()["window"]

    # R reads. It is done again whenever the script starts anew.
    with run.step("components", "R", "Read the components") as step:
        components = [one["id"] for one in web.pages("/components", items="items", following="next")]
        step.done(len(components))

    # A: the service takes a repeated token for the same request.
    def announce(step: Step) -> str:
        headers = {"idempotency-key": step.token}
        answer = web.ask("POST", "/incidents", {"title": window, "components": components}, headers)
        step.evidence(request_id=answer.headers["x-request-id"])
        return str(answer.body["id"])

    incident = run.once("announce", "A", "Announce the window", announce, params={"window": window})

    # B: the service refuses what is there already; the probe tells whether it is ours.
    def reserve(step: Step) -> None:
        try:
            web.ask("PUT", f"/windows/{window}", {"incident": incident}, {"if-none-match": "*"})
        except Refusal as refusal:
            raise (Conflict(window) if refusal.status == 412 else refusal) from None

    def reserved() -> Seen:
        there = web.get(f"/windows/{window}")
        ours = there.body["incident"] == incident
        return Seen.done(etag=there.headers["etag"]) if ours else Seen.not_done()

    run.once("reserve", "B", "Reserve the time", reserve, params={"window": window}, probe=reserved)

    # C: looked up before it is repeated.
    def muted() -> Seen:
        return Seen.done() if web.get("/alarms").body["muted"] else Seen.not_done()

    with run.step("mute", "C", "Mute the alarms", probe=muted, quiet=True) as step:
        if not step.skipped:
            web.ask("POST", "/alarms/mute", {"until": window})

    # D: never repeated. If the script is lost in here, a person decides.
    with run.step("mail", "D", "Write to the customers", params={"incident": incident}) as step:
        if not step.skipped:
            web.ask("POST", f"/incidents/{incident}/mail")

    return {"incident": incident, "components": len(components)}


if __name__ == "__main__":
    main(run)
