"""Checks the types of the package, of every script and of these tests, as strictly as mypy can.

Each script is called main.py: mypy sees it under the name of its automation.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from mypy import api

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
PACKAGE = PROJECT / "automations/python"


def main() -> int:
    """Prints what mypy finds, by the real paths."""
    with tempfile.TemporaryDirectory() as scratch:
        named = {}
        for script in [*(PROJECT / "automations").glob("*/main.py"), *(PROJECT / "docs/examples").glob("*/main.py")]:
            copy = Path(scratch) / f"script_{script.parent.name.replace('-', '_')}.py"
            shutil.copyfile(script, copy)
            named[str(copy)] = str(script.relative_to(PROJECT))
        words = ["--config-file", str(PACKAGE / "mypy.ini"), "--cache-dir", str(Path(scratch) / "cache")]
        ours = api.run([*words, str(PACKAGE / "gatelet"), str(PACKAGE / "gatelet_runner"), str(PACKAGE / "__main__.py"), *named])
        # The tests read TOML, which Python does since 3.11.
        tests = [str(path) for path in HERE.glob("*.py") if path.name not in ("check_types.py", "run.py")]
        theirs = api.run([*words, "--python-version", "3.11", *tests])
    for found, trouble, _ in (ours, theirs):
        for copy, script in named.items():
            found = found.replace(copy, script)
        print(found, trouble, sep="", end="")
    return ours[2] or theirs[2]


sys.exit(main())
