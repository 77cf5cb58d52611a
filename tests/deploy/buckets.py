"""Makes buckets on an emulator of AWS, and a key that may do what `s3-inventory` says and nothing else. Says the key as JSON.

    python buckets.py --url http://127.0.0.1:4566 --prefix trial-
"""

import argparse
import json
import pathlib
import tomllib

from aws import REGION, clients

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Each with what its public access block says: nothing, a part, or all.
BUCKETS = {"letters": None, "pictures": 1, "wages": 4}
SETTINGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--prefix", required=True)
    given = parser.parse_args()
    client = clients(given.url)
    make_buckets(client("s3"), given.prefix)
    print(json.dumps(make_key(client("iam"), given.prefix)))


def make_buckets(s3, prefix):
    for name, blocked in BUCKETS.items():
        whole = prefix + name
        s3.create_bucket(Bucket=whole, CreateBucketConfiguration={"LocationConstraint": REGION})
        if blocked is not None:
            block = {setting: number < blocked for number, setting in enumerate(SETTINGS)}
            s3.put_public_access_block(Bucket=whole, PublicAccessBlockConfiguration=block)
    s3.put_bucket_versioning(Bucket=f"{prefix}wages", VersioningConfiguration={"Status": "Enabled"})


def make_key(iam, prefix):
    manifest = tomllib.loads((ROOT / "automations/s3-inventory/automation.toml").read_text("utf-8"))
    may = manifest["connections"]["account"]["may"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": may, "Resource": "*"}]}
    user = f"{prefix}inventory"
    iam.create_user(UserName=user)
    iam.put_user_policy(UserName=user, PolicyName="may", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}


if __name__ == "__main__":
    main()
