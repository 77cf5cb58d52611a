"""Deploys template.yaml to an emulator of AWS and says as JSON what came of it.

    python aws.py --url http://127.0.0.1:4566 --binaries target/debug [--prefix gatelet]
    python aws.py --url … --packages dist/aws-host
    python aws.py --url … --record tests/events/aws --domain gate.example

With --binaries or --packages the functions are our own, built for this machine; with --record they are
recorder.py, and the events that the emulator sends are written to a folder. Nothing here is meant for a real
account.
"""

import argparse
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import zipfile

import boto3
from botocore.config import Config

import fixtures

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUNCTIONS = ["login", "token", "revoke", "run-automation", "attempt", "console", "work-automation", "upkeep"]
# What is no program of ours but Python. It has no route and no package of its own from --binaries.
RUNNER = "runner"
REGION = "eu-central-1"
# No certificate is looked at: the emulator is called without TLS.
CERTIFICATE = f"arn:aws:acm:{REGION}:000000000000:certificate/00000000-0000-4000-8000-000000000000"


def clients(url, key="test", secret="test", token=None):
    """Makes clients for the emulator. A repeated call could deploy or invoke twice, so there are no retries."""
    session = boto3.Session(key, secret, token, region_name=REGION)
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return lambda service: session.client(service, endpoint_url=url, config=config)


def archive(files):
    """A zip in memory, of names and bytes. All of it may be executed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as into:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100755 << 16
            into.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def program(path):
    """An executable without what only a debugger reads, which is most of what cargo builds by default."""
    with tempfile.NamedTemporaryFile() as bare:
        subprocess.run(["strip", "-o", bare.name, path], check=True)
        return pathlib.Path(bare.name).read_bytes()


def runner():
    """The runner as it is packaged, but for the libraries of automations that name some."""
    package = ROOT / "automations/python"
    return archive({str(path.relative_to(package)): path.read_bytes() for path in sorted(package.rglob("*.py"))})


def archives(given, folder):
    """What each function is: a program, a package, or the recorder, which writes to the folder."""
    if given.packages:
        return {name: (given.packages / f"{name}.zip").read_bytes() for name in [*FUNCTIONS, RUNNER]}
    if given.binaries:
        programs = {name: program(given.binaries / name) for name in FUNCTIONS}
        return {RUNNER: runner()} | {name: archive({"bootstrap": it}) for name, it in programs.items()}
    recorder = archive({
        "bootstrap": (ROOT / "tests/deploy/recorder.py").read_bytes(),
        "folder.txt": folder.encode(),
    })
    return {RUNNER: runner()} | dict.fromkeys(FUNCTIONS, recorder)


def upload(client, prefix, functions, origin):
    """Puts the archives where the template can name them, and returns that place and the template that does."""
    s3, bucket = client("s3"), f"{prefix}-packages"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    template = (ROOT / "template.yaml").read_text().replace("https://${DomainName}", origin)
    for name, content in functions.items():
        s3.put_object(Bucket=bucket, Key=f"{name}.zip", Body=content)
        path = f"CodeUri: dist/aws/{name}.zip"
        if path not in template:
            sys.exit(f"template.yaml does not say `{path}`")
        template = template.replace(path, f"CodeUri: s3://{bucket}/{name}.zip")
    return bucket, template


def deploy(client, prefix, domain, bucket, template):
    """Creates the stack, waits for it, and returns its outputs."""
    formation, s3 = client("cloudformation"), client("s3")
    s3.put_object(Bucket=bucket, Key="template.yaml", Body=template.encode())
    address = f"{s3.meta.endpoint_url}/{bucket}/template.yaml"
    values = {
        "Prefix": prefix,
        "DomainName": domain,
        "CertificateArn": CERTIFICATE,
        "Architecture": "x86_64",
    }
    formation.create_stack(
        StackName=prefix,
        # It is longer than a request may be.
        TemplateURL=address,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    deadline = time.monotonic() + 60
    while True:
        stack = formation.describe_stacks(StackName=prefix)["Stacks"][0]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        if time.monotonic() > deadline:
            sys.exit("the stack was not created in time")
        time.sleep(0.1)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        events = formation.describe_stack_events(StackName=prefix)["StackEvents"]
        why = [f"{it['LogicalResourceId']}: {it['ResourceStatusReason']}" for it in events if it.get("ResourceStatusReason")]
        sys.exit("\n".join([stack["StackStatus"], *why]))
    return {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}


def summary(url, prefix, origin, outputs):
    """What a caller needs: where to send requests, with which `Host`, and what everything is called."""
    return {
        "connect_to": url,
        "host": origin.split("//")[1],
        "base_url": outputs["BaseUrl"],
        "api_id": outputs["ApiId"],
        "queue_url": outputs["QueueUrl"],
        "dead_queue_url": outputs["DeadQueueUrl"],
        "registry_bucket": outputs["RegistryBucketName"],
        "files_bucket": outputs["FilesBucketName"],
        "tables": {name: f"{prefix}-{name}" for name in ["identity", "runs", "audit"]},
        "functions": {name: f"{prefix}-{name}" for name in [*FUNCTIONS, RUNNER]},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--prefix", default="gatelet")
    parser.add_argument("--domain", help="instead of PREFIX.example, so that stacks can stand side by side")
    parser.add_argument("--origin", help="where everybody reaches it, instead of https:// and the domain")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--binaries", type=pathlib.Path)
    what.add_argument("--packages", type=pathlib.Path)
    what.add_argument("--record", type=pathlib.Path)
    given = parser.parse_args()
    client, domain = clients(given.url), given.domain or f"{given.prefix}.example"
    origin = given.origin or f"https://{domain}"
    with tempfile.TemporaryDirectory() as folder:
        bucket, template = upload(client, given.prefix, archives(given, folder), origin)
        if given.record:
            # One event with two messages is worth more as a fixture than two with one.
            template = template.replace("BatchSize: 1\n", "BatchSize: 2\n")
        outputs = deploy(client, given.prefix, domain, bucket, template)
        told = summary(given.url, given.prefix, origin, outputs)
        if given.record:
            fixtures.record(client, told, pathlib.Path(folder), given.record)
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
