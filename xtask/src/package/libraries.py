"""Installs what automations name in requirements.lock: libraries.py AUTOMATIONS FOLDER PYTHON PLATFORM...

Each lock's packages lie in a folder of their own, which is called by the lock's SHA-256. Only wheels are taken: building
a package would run its author's program here. A folder grows under another name until it is whole.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

automations, folder, python, *platforms = sys.argv[1:]
wanted = {}
for lock in sorted(pathlib.Path(automations).glob("*/requirements.lock")):
    wanted[hashlib.sha256(lock.read_bytes()).hexdigest()] = lock
place = pathlib.Path(folder)
place.mkdir(parents=True, exist_ok=True)
for old in place.iterdir():
    if old.name not in wanted:
        shutil.rmtree(old)
for digest, lock in wanted.items():
    if (place / digest).is_dir():
        continue
    growing = place / f".{digest}"
    shutil.rmtree(growing, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    pip += ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile", "--requirement", str(lock)]
    pip += ["--target", str(growing), "--implementation", "cp", "--python-version", python]
    for platform in platforms:
        pip += ["--platform", platform]
    subprocess.run(pip, check=True)
    # Scripts of packages are not run, and name the machine that installed them.
    shutil.rmtree(growing / "bin", ignore_errors=True)
    os.replace(growing, place / digest)
