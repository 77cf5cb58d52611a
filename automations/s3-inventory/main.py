"""Lists an account's buckets, and for each what an auditor asks first."""

from __future__ import annotations

from typing import Any, Callable, Dict, List

from gatelet import Run, aws, main, tables

TITLES = {
    "bucket": "Bucket",
    "region": "Region",
    "created": "Created",
    "encryption": "Encryption",
    "versioning": "Versioning",
    "blocked": "Public access blocked",
    "public": "Public by its policy",
    "problem": "Could not be read",
}
# What a service answers when a bucket has no such setting.
ABSENT = {
    "ServerSideEncryptionConfigurationNotFoundError",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchBucketPolicy",
}


def run(run: Run) -> Any:
    """One step lists the buckets, one looks at each, one writes the file."""
    from botocore.exceptions import ClientError  # type: ignore[import-not-found,import-untyped,unused-ignore]

    s3 = aws.client("s3", run.credentials("account"))
    prefix = run.inputs().get("prefix", "")
    with run.step("list", "R", "List the buckets") as step:
        try:
            buckets = [one for page in s3.get_paginator("list_buckets").paginate() for one in page["Buckets"]]
        except ClientError as error:
            run.fail("refused_by_service", f"S3 does not list the buckets: {aws.refusal(error)}")
        buckets = [one for one in buckets if one["Name"].startswith(prefix)]
        step.done(len(buckets))
    rows: List[Dict[str, Any]] = []
    with run.step("look", "R", "Look at each bucket") as step:
        for number, bucket in enumerate(buckets, 1):
            rows.append(looked_at(s3, bucket, ClientError))
            run.progress(number, len(buckets), "buckets")
        step.done(len(rows))
    with run.step("report", "R", "Write the inventory", quiet=True):
        run.artifact("inventory.csv", tables.written(TITLES, rows), "text/csv")
    return rows


def looked_at(s3: Any, bucket: Dict[str, Any], refused: Any) -> Dict[str, Any]:
    """A row. What may not be read is named instead of guessed."""
    name = bucket["Name"]
    problems: List[str] = []

    def ask(what: str, call: Callable[..., Any], read: Callable[[Any], Any], otherwise: Any) -> Any:
        try:
            return read(call(Bucket=name))
        except refused as error:
            code = aws.refusal(error)
            if code in ABSENT:
                return otherwise
            problems.append(f"{what}: {code}")
            return None

    return {
        "bucket": name,
        # The first region has no name in this answer.
        "region": ask("region", s3.get_bucket_location, lambda said: said.get("LocationConstraint") or "us-east-1", None),
        "created": bucket["CreationDate"].date().isoformat(),
        "encryption": ask("encryption", s3.get_bucket_encryption, encryption, "none"),
        "versioning": ask("versioning", s3.get_bucket_versioning, lambda said: said.get("Status", "never").lower(), None),
        "blocked": ask("public access block", s3.get_public_access_block, blocked, "no"),
        "public": ask("policy", s3.get_bucket_policy_status, lambda said: said.get("PolicyStatus", {}).get("IsPublic"), False),
        "problem": ", ".join(problems) or None,
    }


def encryption(said: Any) -> str:
    """The algorithm of the first rule, which is the one that counts."""
    rule = said["ServerSideEncryptionConfiguration"]["Rules"][0]
    return str(rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm", "none"))


def blocked(said: Any) -> str:
    """All four settings, some, or none."""
    settings = list(said["PublicAccessBlockConfiguration"].values())
    return "yes" if len(settings) == 4 and all(settings) else "partly" if any(settings) else "no"


if __name__ == "__main__":
    main(run)
