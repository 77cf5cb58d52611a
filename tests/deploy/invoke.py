"""Invokes a function on an emulator of AWS with an event from a file, and fails as the function does.

    python invoke.py --url http://127.0.0.1:4566 --function gatelet-upkeep --event tests/events/aws/scheduled.json
"""

import argparse
import pathlib
import sys

from aws import clients


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--function", required=True)
    parser.add_argument("--event", type=pathlib.Path, required=True)
    given = parser.parse_args()
    called = clients(given.url)("lambda").invoke(FunctionName=given.function, Payload=given.event.read_bytes())
    answer = called["Payload"].read().decode()
    if "FunctionError" in called:
        sys.exit(f"{given.function} failed: {answer}")
    print(answer)


if __name__ == "__main__":
    main()
