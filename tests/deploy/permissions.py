"""Tries every action of this list with every function's role, on a deployed stack with policies enforced.

    python permissions.py --url http://127.0.0.1:4566 [--prefix gatelet]

Prints what each role may do, and fails if that is more or less than RIGHTS says. The emulator must run with
AUTH=true; a role that may do everything would show as a failure.
"""

import argparse
import json
import sys

from botocore.exceptions import ClientError

import aws

READ_WRITE = {"GetItem", "Query", "PutItem", "DeleteItem", "ConditionCheckItem"}
APPEND = {"PutItem"}
READ = {"GetItem", "Query"}
SECRET, REGISTRY = {"GetSecretValue"}, {"GetObject"}
MAKE = {"CreateSecret", "PutSecretValue"}
RIGHTS = {
    "login": {
        "identity": READ_WRITE,
        "audit": APPEND,
        "provider secrets": SECRET,
        "sealing key": SECRET,
        "registry": REGISTRY,
    },
    "token": {
        "identity": READ_WRITE,
        "audit": APPEND,
        "signing keys": SECRET,
        "pepper": SECRET,
        "registry": REGISTRY,
    },
    "revoke": {"identity": READ_WRITE, "audit": APPEND, "registry": REGISTRY},
    "run-automation": {
        "identity": READ,
        "runs": READ_WRITE,
        "audit": APPEND | READ,
        "registry": REGISTRY,
        "queue": {"SendMessage"},
        "files": {"GetObject", "PutObject", "ListBucket"},
    },
    "attempt": {"runs": READ_WRITE},
    "console": {},
    "work-automation": {
        "runs": READ_WRITE,
        "audit": APPEND,
        "connection secrets": SECRET,
        "registry": REGISTRY,
        "files": {"GetObject", "PutObject", "ListBucket"},
        "queue": {"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"},
        "Invoke": {aws.RUNNER},
    },
    "runner": {},
    "upkeep": {
        "identity": READ_WRITE,
        "runs": READ_WRITE,
        "audit": READ_WRITE,
        "signing keys": MAKE,
        "sealing key": MAKE | {"ListSecretVersionIds"},
        "pepper": MAKE | {"ListSecretVersionIds"},
        "registry": REGISTRY,
        "queue": {"SendMessage"},
    },
}
# By the places above: a secret that is there, and what the name of one begins with that is still to be made.
SECRETS = {
    "signing keys": ("signing-key-probe", "signing-key-by-"),
    "provider secrets": ("provider-probe", "provider-by-"),
    "connection secrets": ("connection-probe", "connection-by-"),
    # One name each: the second attempt to make it is refused by what is there, after the permission.
    "sealing key": ("login-sealing-key", None),
    "pepper": ("refresh-pepper", None),
    "other secrets": ("another", "by-"),
}
ROLES = {name: f"{name.title().replace('-', '')}Role" for name in RIGHTS}
DENIED = {"AccessDenied", "AccessDeniedException"}
# What is looked at after the permission: the receipt is made up, and some secrets are there already.
AUTHORISED = {"ReceiptHandleIsInvalid", "ResourceExistsException"}


def on_table(db, table):
    """The actions on a table."""
    key = {"pk": {"S": "permissions"}, "sk": {"S": "probe"}}
    named = {"TableName": table}
    check = {**named, "Key": key, "ConditionExpression": "attribute_not_exists(probed)"}
    return {
        "GetItem": lambda: db.get_item(**named, Key=key),
        "Query": lambda: db.query(
            **named, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": "permissions"}}
        ),
        "PutItem": lambda: db.put_item(**named, Item=key),
        "DeleteItem": lambda: db.delete_item(**named, Key=key),
        "ConditionCheckItem": lambda: db.transact_write_items(TransactItems=[{"ConditionCheck": check}]),
        "UpdateItem": lambda: db.update_item(**named, Key=key),
        "BatchGetItem": lambda: db.batch_get_item(RequestItems={table: {"Keys": [key]}}),
        "Scan": lambda: db.scan(**named),
        "DescribeTable": lambda: db.describe_table(**named),
        "DeleteTable": lambda: db.delete_table(**named),
    }


def on_secret(vault, name, fresh):
    """The actions on secrets: one that is there, and one still to be made."""
    return {
        "GetSecretValue": lambda: vault.get_secret_value(SecretId=name),
        "PutSecretValue": lambda: vault.put_secret_value(SecretId=name, SecretString="probe"),
        "CreateSecret": lambda: vault.create_secret(Name=fresh, SecretString="probe"),
        "DescribeSecret": lambda: vault.describe_secret(SecretId=name),
        "ListSecretVersionIds": lambda: vault.list_secret_version_ids(SecretId=name),
        "DeleteSecret": lambda: vault.delete_secret(SecretId=name),
    }


def on_queue(sqs, url):
    """The actions on a queue."""
    return {
        "SendMessage": lambda: sqs.send_message(QueueUrl=url, MessageBody="probe"),
        "ReceiveMessage": lambda: sqs.receive_message(QueueUrl=url),
        "DeleteMessage": lambda: sqs.delete_message(QueueUrl=url, ReceiptHandle="probe"),
        "GetQueueAttributes": lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"]),
        "PurgeQueue": lambda: sqs.purge_queue(QueueUrl=url),
    }


def on_bucket(s3, bucket, there="there", written="probe"):
    """The actions on a bucket: an object that is there is read, and one is written and deleted."""
    return {
        "PutObject": lambda: s3.put_object(Bucket=bucket, Key=written, Body=b"probe"),
        "GetObject": lambda: s3.get_object(Bucket=bucket, Key=there),
        "ListBucket": lambda: s3.list_objects_v2(Bucket=bucket),
        "DeleteObject": lambda: s3.delete_object(Bucket=bucket, Key=written),
    }


def actions(client, role, prefix, outputs):
    """Everything that is tried, by what it is tried on."""
    db, vault, sqs, s3, functions = map(client, ["dynamodb", "secretsmanager", "sqs", "s3", "lambda"])
    tables = {name: on_table(db, f"{prefix}-{name}") for name in ["identity", "runs", "audit"]}
    invoke = {name: lambda name=name: functions.invoke(FunctionName=f"{prefix}-{name}") for name in RIGHTS}
    secrets = {
        place: on_secret(vault, f"{prefix}/{there}", f"{prefix}/{there if fresh is None else fresh + role}")
        for place, (there, fresh) in SECRETS.items()
    }
    registry = outputs["RegistryBucketName"]
    return tables | secrets | {
        "registry": on_bucket(s3, registry, "registry.toml", "registry.toml"),
        "beside the registry": on_bucket(s3, registry),
        "queue": on_queue(sqs, outputs["QueueUrl"]),
        "dead queue": on_queue(sqs, outputs["DeadQueueUrl"]),
        "sealed": on_bucket(s3, outputs["SealedBucketName"]),
        "files": on_bucket(s3, outputs["FilesBucketName"]),
        "Invoke": invoke,
    }


def may(action):
    """Whether it was permitted. Any other failure than a refusal means that the probe itself is wrong."""
    try:
        action()
    except ClientError as error:
        code = error.response["Error"]["Code"].rsplit("#", 1)[-1]
        if code in DENIED:
            return False
        if code not in AUTHORISED:
            raise
    return True


def prepare(client, prefix, outputs):
    """Makes what the probes are to find, as the account's owner."""
    vault, s3 = client("secretsmanager"), client("s3")
    for there, _ in SECRETS.values():
        try:
            vault.create_secret(Name=f"{prefix}/{there}", SecretString="probe")
        except vault.exceptions.ResourceExistsException:
            pass  # the upkeep was here before
    for name in ["SealedBucketName", "FilesBucketName", "RegistryBucketName"]:
        # The bucket's policy refuses what comes without TLS, and would hide what the role may do.
        s3.delete_bucket_policy(Bucket=outputs[name])
        for key in ["there", "registry.toml"]:
            s3.put_object(Bucket=outputs[name], Key=key, Body=b"probe")


def stranger(client, url, name):
    """Clients of a user who may take on any role that trusts him."""
    iam = client("iam")
    may_ask = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may_ask]})
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    iam.put_user_policy(UserName=name, PolicyName="ask", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return arn, aws.clients(url, key["AccessKeyId"], key["SecretAccessKey"])


def act_as(client, url, role, user):
    """Clients with the role's rights. Only Lambda may take the role on; for the probes, its trust is changed."""
    (user_arn, users_client), iam = user, client("iam")
    arn = iam.get_role(RoleName=role)["Role"]["Arn"]

    def take_on():
        return users_client("sts").assume_role(RoleArn=arn, RoleSessionName="probe")["Credentials"]

    if may(take_on):
        sys.exit(f"{role} may be taken on by more than Lambda")
    trusted = {"Effect": "Allow", "Principal": {"AWS": user_arn}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust)
    taken = take_on()
    return aws.clients(url, taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--prefix", default="gatelet")
    given = parser.parse_args()
    owner = aws.clients(given.url)
    formation = owner("cloudformation")
    stack = formation.describe_stacks(StackName=given.prefix)["Stacks"][0]
    resources = formation.describe_stack_resources(StackName=given.prefix)["StackResources"]
    physical = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources}
    outputs = {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}
    prepare(owner, given.prefix, outputs)
    user = stranger(owner, given.url, f"{given.prefix}-probe")
    tried, wrong = 0, []
    for function, role in ROLES.items():
        client = act_as(owner, given.url, physical[role], user)
        for place, probes in actions(client, function, given.prefix, outputs).items():
            found = {name for name, probe in probes.items() if may(probe)}
            wanted = RIGHTS[function].get(place, set())
            tried += len(probes)
            print(f"{function:<16} {place:<19} {', '.join(sorted(found)) or '-'}")
            wrong += [f"{function} may {name} on {place}" for name in sorted(found - wanted)]
            wrong += [f"{function} may not {name} on {place}" for name in sorted(wanted - found)]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{tried} actions tried; each role may do what it should and nothing else")


if __name__ == "__main__":
    main()
