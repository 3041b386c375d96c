"""Becomes a command run by root of a user namespace that allows no further ones, as containers are run.

Usage: contained.py IDS COMMAND...: as many user ids exist in there, from 0 on, each being the same outside.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000


def main(ids, command):
    entered, enter = os.pipe()
    if os.fork() == 0:  # who may map more than one id is outside
        os.close(enter)
        if not os.read(entered, 1):
            os._exit(1)
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{os.getppid()}/{name}").write_text(f"0 0 {ids}")
        os._exit(0)
    if ctypes.CDLL(None).unshare(CLONE_NEWUSER) != 0:
        sys.exit("no user namespaces here")
    os.write(enter, b".")
    _, status = os.wait()
    assert status == 0
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    os.execv(command[0], command)


main(sys.argv[1], sys.argv[2:])
