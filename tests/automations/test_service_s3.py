"""The automations for S3, against MiniStack."""

from __future__ import annotations

import json
import os
import sysconfig
import tempfile
import unittest
import uuid
from pathlib import Path
from typing import Any, Callable, Dict, List

from gatelet import aws
from gatelet.gateway import Gateway
from gatelet.play import command, spawned
from stage import AUTOMATIONS, attempts, crash, manifest, misshapen, once_at, script_of

BLOCK = script_of(AUTOMATIONS / "s3-block-public-access")
OPEN = dict.fromkeys(BLOCK.SETTINGS, False)


def everything() -> Dict[str, str]:
    """Of the emulator, which lets this key do everything."""
    return {
        "region": "eu-central-1",
        "endpoint": os.environ["TEST_MINISTACK_URL"],
        "access_key_id": "test",
        "secret_access_key": "test",
    }


def only(automation: str) -> Dict[str, str]:
    """A new key with what the manifest says that the automation does, and nothing else."""
    need = manifest(AUTOMATIONS / automation)["connections"]["account"]
    statement = {"Effect": "Allow", "Action": need["may"], "Resource": "*"}
    iam, name = aws.client("iam", everything()), f"{automation}-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {**everything(), "access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}


class Counting:
    """A client that counts its changes, and can be lost right after one."""

    def __init__(self, client: Any) -> None:
        self._client, self.changes = client, list[str]()
        self.lose: Callable[[str], Any] = lambda _: None

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        if not name.startswith("put_"):
            return method

        def counted(**words: Any) -> Any:
            answer = method(**words)
            self.changes.append(f"{name} {words['Bucket']}")
            self.lose(name)
            return answer

        return counted


class S3(unittest.TestCase):
    def setUp(self) -> None:
        self.s3 = aws.client("s3", everything())
        self.prefix = f"t-{uuid.uuid4().hex[:12]}-"

    def bucket(self, name: str, block: "Dict[str, bool] | None" = None) -> str:
        whole = self.prefix + name
        self.s3.create_bucket(Bucket=whole, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        if block is not None:
            self.s3.put_public_access_block(Bucket=whole, PublicAccessBlockConfiguration=block)
        return whole

    def blocked(self, bucket: str) -> bool:
        said = self.s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        return bool(said == BLOCK.ALL)


class Inventory(S3):
    def test_less_than_the_manifest_says_is_named_and_not_guessed(self) -> None:
        self.bucket("one")
        nobody = only("s3-block-public-access")
        gateway = Gateway()
        script = script_of(AUTOMATIONS / "s3-inventory")
        attempts(gateway, script.run, inputs={"prefix": self.prefix}, credentials={"account": nobody})
        self.assertEqual((gateway.failure or {})["message"], "S3 does not list the buckets: AccessDenied")

    def test_every_bucket_is_listed_with_what_an_auditor_asks(self) -> None:
        self.bucket("plain", OPEN)
        some = {**OPEN, "BlockPublicAcls": True}
        kept = self.bucket("kept", some)
        self.s3.put_bucket_versioning(Bucket=kept, VersioningConfiguration={"Status": "Enabled"})
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
        self.s3.put_bucket_encryption(Bucket=kept, ServerSideEncryptionConfiguration={"Rules": [rule]})
        self.bucket("shut", BLOCK.ALL)
        gateway = Gateway()
        start = {"inputs": {"prefix": self.prefix}, "credentials": {"account": only("s3-inventory")}}
        with tempfile.TemporaryDirectory() as scratch:
            output = Path(scratch) / "output"
            words = command(AUTOMATIONS / "s3-inventory", [sysconfig.get_path("purelib")])
            status = spawned(words, {"v": 1, "run": "r", **start}, gateway, output)
            self.assertEqual(status, 0, output.read_text("utf-8"))
        told = manifest(AUTOMATIONS / "s3-inventory")
        self.assertEqual(misshapen(gateway.result, told["result"]), [])
        rows = {row["bucket"].removeprefix(self.prefix): row for row in gateway.result}
        self.assertEqual(set(rows), {"plain", "kept", "shut"})
        self.assertEqual([rows[name]["blocked"] for name in ("plain", "kept", "shut")], ["no", "partly", "yes"])
        self.assertEqual((rows["kept"]["versioning"], rows["kept"]["encryption"]), ("enabled", "aws:kms"))
        self.assertEqual((rows["plain"]["versioning"], rows["plain"]["region"]), ("never", "eu-central-1"))
        self.assertEqual(gateway.files["inventory.csv"].decode().count("\r\n"), 4)


class BlockPublicAccess(S3):
    def client(self) -> Counting:
        return Counting(aws.client("s3", only("s3-block-public-access")))

    def play(self, gateway: Gateway, client: Any, **asked: Any) -> List[str]:
        BLOCK.aws = type("Clients", (), {"client": staticmethod(lambda *_: client), "refusal": staticmethod(aws.refusal)})
        return attempts(gateway, BLOCK.run, inputs=asked, credentials={"account": {}})

    def test_each_bucket_is_changed_once_wherever_the_attempt_is_lost(self) -> None:
        record = self.bucket("record")
        names, allowed = [self.bucket("one"), self.bucket("two")], aws.client("s3", only("s3-block-public-access"))
        # hello; before; record; two buckets, each with progress; result. The intents of the changes are 4, 6 and 9.
        losses = [(point, "before") for point in range(1, 13)] + [(point, "after") for point in (4, 6, 9)]
        for point, when in losses:
            with self.subTest(point=point, when=when):
                for name in names:
                    self.s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=OPEN)
                self.s3.delete_object(Bucket=record, Key="gatelet/public-access/r-1.json")
                gateway, client = Gateway(), Counting(allowed)
                once_at(point, when, gateway, crash)
                self.assertEqual(self.play(gateway, client, buckets=names, record_bucket=record)[-1], "done")
                self.assertTrue(all(self.blocked(name) for name in names))
                self.assertEqual(sorted(client.changes), sorted(set(client.changes)), "each change once")
                self.assertEqual(len(client.changes), 3)
                self.assertEqual(self.kept(record), dict.fromkeys(names, {"set": OPEN}))

    def test_each_bucket_is_changed_once_when_the_attempt_is_lost_right_after_a_change(self) -> None:
        record, names = self.bucket("record"), [self.bucket("one", OPEN), self.bucket("two", OPEN)]
        gateway, client = Gateway(), self.client()
        client.lose = lambda _: crash() if len(client.changes) <= 3 else None
        self.assertEqual(self.play(gateway, client, buckets=names, record_bucket=record), ["crashed"] * 3 + ["done"])
        self.assertEqual(len(client.changes), 3)
        self.assertEqual(self.kept(record), dict.fromkeys(names, {"set": OPEN}))
        self.assertEqual({entry.state for entry in gateway.ledger.values()}, {"done"})

    def kept(self, record: str) -> Any:
        body = self.s3.get_object(Bucket=record, Key="gatelet/public-access/r-1.json")["Body"].read()
        return json.loads(body)["before"]

    def test_what_is_blocked_or_a_website_or_away_is_left_alone(self) -> None:
        shut, site = self.bucket("shut", BLOCK.ALL), self.bucket("site", OPEN)
        self.s3.put_bucket_website(Bucket=site, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
        gateway, client = Gateway(), self.client()
        self.play(gateway, client, buckets=[shut, site, self.prefix + "away"])
        told = manifest(AUTOMATIONS / "s3-block-public-access")
        self.assertEqual(misshapen(gateway.result, told["result"]), [])
        outcomes = [row["outcome"] for row in gateway.result]
        self.assertEqual(outcomes, ["was blocked already", "left alone: it serves a website", "left alone: NoSuchBucket"])
        self.assertEqual(client.changes, [])
        self.play(Gateway(), client, buckets=[site], spare_websites=False)
        self.assertTrue(self.blocked(site))

    def test_without_the_record_that_was_asked_for_nothing_is_changed(self) -> None:
        name = self.bucket("one", OPEN)
        gateway, client = Gateway(), self.client()
        self.assertEqual(self.play(gateway, client, buckets=[name], record_bucket=self.prefix + "away"), ["failed"])
        self.assertEqual((gateway.failure or {})["code"], "no_record")
        self.assertFalse(self.blocked(name))
