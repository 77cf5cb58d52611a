"""Puts what an operator provides into a stack on an emulator of AWS: the registry, and secrets from files.

    python provide.py --url http://127.0.0.1:4566 --bucket BUCKET --files BUCKET --registry registry.toml
        [--secret gatelet/provider-example client-secret.txt]
"""

import argparse
import pathlib

from aws import clients


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--files", required=True)
    parser.add_argument("--registry", type=pathlib.Path, required=True)
    parser.add_argument("--secret", nargs=2, action="append", default=[], metavar=("NAME", "FILE"))
    given = parser.parse_args()
    client = clients(given.url)
    # The emulator is called without TLS, which the buckets' policies refuse on AWS.
    for bucket in [given.bucket, given.files]:
        client("s3").delete_bucket_policy(Bucket=bucket)
    client("s3").put_object(Bucket=given.bucket, Key="registry.toml", Body=given.registry.read_bytes())
    for name, file in given.secret:
        client("secretsmanager").create_secret(Name=name, SecretBinary=pathlib.Path(file).read_bytes())


if __name__ == "__main__":
    main()
