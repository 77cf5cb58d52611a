"""Blocks public access to buckets: each is a step that is looked up before it is repeated."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional

from gatelet import Conflict, Run, Seen, Step, aws, key, main

SETTINGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ALL = dict.fromkeys(SETTINGS, True)


class Buckets:
    """The buckets as S3 shows them."""

    def __init__(self, s3: Any) -> None:
        from botocore.exceptions import ClientError  # type: ignore[import-not-found,import-untyped,unused-ignore]

        self.s3, self.refused = s3, ClientError

    def blocked(self, bucket: str) -> Dict[str, bool]:
        """The four settings of a bucket."""
        try:
            said = self.s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        except self.refused as error:
            if aws.refusal(error) == "NoSuchPublicAccessBlockConfiguration":
                return dict.fromkeys(SETTINGS, False)
            raise
        return {name: bool(said.get(name)) for name in SETTINGS}

    def is_website(self, bucket: str) -> bool:
        """Whether a bucket serves a website."""
        try:
            self.s3.get_bucket_website(Bucket=bucket)
        except self.refused as error:
            if aws.refusal(error) == "NoSuchWebsiteConfiguration":
                return False
            raise
        return True


def run(run: Run) -> Any:
    """Reads what is set, keeps it, and blocks bucket by bucket."""
    asked = run.inputs()
    buckets = Buckets(aws.client("s3", run.credentials("account")))
    names: List[str] = asked["buckets"]
    with run.step("before", "R", "Read what is set now") as step:
        before = {name: looked_up(buckets, name, asked.get("spare_websites", True)) for name in names}
        step.done({"buckets": len(before)})
    record = asked.get("record_bucket")
    if record:
        keep(run, buckets, record, before)
    rows = []
    for number, name in enumerate(names, 1):
        rows.append({"bucket": name, **blocked(run, buckets, name, before[name])})
        run.progress(number, len(names), "buckets")
    return rows


def looked_up(buckets: Buckets, name: str, spare_websites: bool) -> Dict[str, Any]:
    """What is set, or why the bucket is left alone."""
    try:
        if spare_websites and buckets.is_website(name):
            return {"left": "left alone: it serves a website"}
        return {"set": buckets.blocked(name)}
    except buckets.refused as error:
        return {"left": f"left alone: {aws.refusal(error)}"}


def keep(run: Run, buckets: Buckets, record: str, before: Dict[str, Any]) -> None:
    """Keeps what was set as an object of this run. An attempt that finds it there leaves it: it is from before any change."""
    name = f"gatelet/public-access/{run.id}.json"

    def effect(step: Step) -> None:
        body = json.dumps({"run": run.id, "before": before}, indent=2, sort_keys=True).encode()
        try:
            said = buckets.s3.put_object(
                Bucket=record, Key=name, Body=body, ContentType="application/json", IfNoneMatch="*", Metadata={"run": run.id}
            )
        except buckets.refused as error:
            if aws.refusal(error) in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise Conflict(name) from None
            step.undone()
            run.fail("no_record", f"The record cannot be written, so nothing was changed: {aws.refusal(error)}")
        step.evidence(etag=said["ETag"], key=name)

    def probe() -> Seen:
        said = buckets.s3.head_object(Bucket=record, Key=name)
        ours = said.get("Metadata", {}).get("run") == run.id
        return Seen.done(etag=said["ETag"], key=name) if ours else Seen.not_done()

    run.once("record", "B", f"Keep what is set in {record}", effect, params={"bucket": record, "key": name}, probe=probe)


def blocked(run: Run, buckets: Buckets, name: str, before: Dict[str, Any]) -> Dict[str, Optional[str]]:
    """One bucket: blocked now, blocked already, or left alone."""
    if "left" in before:
        run.log(f"{name}: {before['left']}")
        return {"outcome": before["left"]}
    shown = "all" if before["set"] == ALL else ", ".join(one for one in SETTINGS if before["set"][one]) or "nothing"

    def probe() -> Seen:
        there = buckets.blocked(name) == ALL
        return Seen.done({"outcome": "blocked", "before": "changed by an earlier attempt"}) if there else Seen.not_done()

    title = f"Block public access to {name}"
    with run.step(key("block", name), "C", title, params={"bucket": name}, probe=probe) as step:
        if step.skipped:
            return dict(step.value)
        if before["set"] == ALL:
            step.done({"outcome": "was blocked already", "before": shown})
            return dict(step.value)
        try:
            said = buckets.s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=ALL)
        except buckets.refused as error:
            step.undone()
            run.log(f"{name}: S3 refused: {aws.refusal(error)}")
            return {"outcome": f"refused: {aws.refusal(error)}", "before": shown}
        request = said["ResponseMetadata"].get("RequestId")
        step.evidence(request_id=request)
        step.done({"outcome": "blocked", "before": shown, "request_id": request})
    return dict(step.value)


if __name__ == "__main__":
    main(run)
