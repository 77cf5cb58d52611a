"""Parses every Bicep file below a folder and fails on the first that is not Bicep."""

import sys
from pathlib import Path

from pycep import BicepParser

files = sorted(Path(sys.argv[1]).rglob("*.bicep"))
if not files:
    sys.exit(f"no Bicep file below {sys.argv[1]}")
for file in files:
    try:
        BicepParser().parse(text=file.read_text(encoding="utf-8"))
    except Exception as error:  # the parser raises several unrelated kinds
        sys.exit(f"{file}: {error}")
    print(f"{file}: parsed")
