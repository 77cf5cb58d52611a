"""The first lines of a script's process: it limits itself and then becomes Python anew. It is executed, never imported.

boot.py FOLDER WORD...   where FOLDER is where it works, and the words are those of the Python that it becomes.
"""

import os
import resource
import sys

# As much as a script may use. Bytes of memory, of one file, of core files; descriptors; seconds of computing.
LIMITS = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_AS: 2 << 30,
    resource.RLIMIT_FSIZE: 256 << 20,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_CPU: 3600,
    resource.RLIMIT_MEMLOCK: 0,
}
# Processes and threads beside those that its user has already.
PROCESSES = 64


def tasks() -> int:
    """The threads of this user."""
    count, user = 0, str(os.getuid())
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/status", encoding="utf-8", errors="replace") as status:
                said = dict(line.split(":", 1) for line in status if ":" in line)
        except (OSError, ValueError):
            continue
        if said.get("Uid", "").split()[:1] == [user]:
            count += int(said.get("Threads", "1"))
    return count


def main() -> None:
    """Limits this process for good, and replaces it."""
    os.closerange(5, 4096)
    for limit, most in {**LIMITS, resource.RLIMIT_NPROC: PROCESSES + tasks()}.items():
        hard = resource.getrlimit(limit)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (least, least))
    import ctypes

    # No program that is started gives new rights: PR_SET_NO_NEW_PRIVS of prctl(2).
    ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
    os.chdir(sys.argv[1])
    os.execv(sys.executable, [sys.executable, *sys.argv[2:]])


main()
