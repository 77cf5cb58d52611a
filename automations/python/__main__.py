"""Starts a script: `python3 -I -S -B -X utf8 automations/python [--libraries FOLDER]... [--https | --play]
SCRIPT-FOLDER`.

Without more it speaks over the descriptors 3 and 4. With `--https` its input is one JSON document with `url`, `key`
and `start`. With `--play` it plays the gateway itself, for the recordings of that folder.
"""

import sys
from pathlib import Path

# Isolated, Python knows no folder but its own library; a folder that is executed is added by itself.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from gatelet.entry import execute  # noqa: E402


def start(words: "list[str]") -> int:
    """Reads the command line, which has only folders and ways."""
    libraries: "list[str]" = []
    while words[:1] == ["--libraries"]:
        libraries, words = [*libraries, str(Path(words[1]).resolve())], words[2:]
    sys.path += libraries
    way = words.pop(0) if words and words[0].startswith("--") else ""
    if len(words) < 1 or way not in ("", "--https", "--play"):
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(words[0]).resolve()
    if way == "--play":
        from gatelet.play import play_folder

        return play_folder(folder, words[1:], libraries)
    sys.path.insert(1, str(folder))
    return execute(str(folder), way == "--https")


sys.exit(start(sys.argv[1:]))
