#!/usr/bin/env python3
"""A Lambda `bootstrap` that keeps every event it is given, as it came, and answers what each sender expects."""

import json
import os
import pathlib
import urllib.request

API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
FOLDER = pathlib.Path(pathlib.Path(os.environ["LAMBDA_TASK_ROOT"], "folder.txt").read_text())


def answer(event):
    """An empty list of failures for a queue, no content for a browser, nothing for a timer."""
    if "Records" in event:
        return {"batchItemFailures": []}
    return {"statusCode": 204} if "routeKey" in event else None


while True:
    with urllib.request.urlopen(f"{API}/next") as response:
        request = response.headers["Lambda-Runtime-Aws-Request-Id"]
        text = response.read()
    path = FOLDER / f"{os.environ['AWS_LAMBDA_FUNCTION_NAME']}-{request}.json"
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(text)
    unfinished.rename(path)
    body = json.dumps(answer(json.loads(text))).encode()
    urllib.request.urlopen(f"{API}/{request}/response", data=body).close()
