"""A client of AWS for a script whose `requirements.lock` brings boto3. Only this file knows of it."""

from __future__ import annotations

from typing import Any, Mapping

# How long a connection and an answer may take, in seconds, and how often a request is tried.
CONNECT, READ, TRIES = 10, 60, 4


def client(service: str, credentials: Mapping[str, str]) -> Any:
    """The client of a service with the credential of one connection, and with nothing that lies around elsewhere."""
    import boto3  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from botocore.config import Config  # type: ignore[import-not-found,import-untyped,unused-ignore]

    endpoint = credentials.get("endpoint")
    retries = {"mode": "standard", "total_max_attempts": TRIES}
    # An emulator has no host name for each bucket.
    s3 = {"addressing_style": "path"} if endpoint else {}
    session = boto3.session.Session(
        aws_access_key_id=credentials["access_key_id"],
        aws_secret_access_key=credentials["secret_access_key"],
        aws_session_token=credentials.get("session_token") or None,
        region_name=credentials["region"],
    )
    config = Config(connect_timeout=CONNECT, read_timeout=READ, retries=retries, s3=s3)
    return session.client(service, endpoint_url=endpoint, config=config)


def refusal(error: Any) -> str:
    """The service's code for why it refused, such as `AccessDenied`."""
    return str(error.response.get("Error", {}).get("Code", ""))
