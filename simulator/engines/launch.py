"""What a child process does between fork and exec, as a script: it turns into the program that it is told to run.

The process id stays the same through exec, so whoever starts this script holds the id of the server itself. In order:

1. ``--alone LOCK``: wait until nobody lives who was started with this lock file, grandchildren included: the lock is a
   descriptor that every descendant inherits, and the kernel gives it up when the last of them ends. What such a process
   left behind (``--stale FILE``) can then only be litter, and is removed.
2. ``--leave-root DATA``: be somebody else than root, whom PostgreSQL refuses, and still reach DATA and the program. A
   user namespace in which root's id bears another number does: files keep their owner and their mode. Where the kernel
   refuses namespaces (containers do), or root itself reaches these files by privilege only (they lie in the folder of
   another user), be another user who keeps that one privilege, CAP_DAC_OVERRIDE.
3. Ask for a signal when the parent ends, however it ends (PR_SET_PDEATHSIG). A change of user cancels it, so it comes
   last; the parent may have ended meanwhile. It follows the parent's *thread*: start children from the main one.

It needs the standard library alone, so that ``python -I -S`` runs it in some 30 ms. See prctl(2), user_namespaces(7),
capabilities(7), flock(2).
"""

import argparse
import ctypes
import fcntl
import os
import pwd
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_CLONE_NEWUSER = 0x10000000  # linux/sched.h
_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_CAP_AMBIENT = 1, 8, 47  # linux/prctl.h
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1  # linux/capability.h: bypass the checks of a file's mode
_CAPABILITY_VERSION_3 = 0x20080522

# As a shell says it of a program that it could not run.
EXIT_NOT_STARTED = 127

_libc = ctypes.CDLL(None, use_errno=True)


class LaunchError(Exception):
    """Why the program was not started, and what its user can do about it."""


def main(arguments: Sequence[str]) -> None:
    """Do what the module says and become the program; returns never.

    Raises:
        LaunchError: Something that was asked for cannot be had.
    """
    parser = argparse.ArgumentParser(prog="launch")
    parser.add_argument("--parent", type=int, required=True, help="process that must outlive this one")
    parser.add_argument("--death-signal", type=int, default=int(signal.SIGKILL), help="what to get when it ends")
    parser.add_argument("--alone", type=Path, help="lock file that at most one family of processes holds")
    parser.add_argument("--stale", type=Path, action="append", default=[], help="what a dead holder of it left")
    parser.add_argument("--leave-root", type=Path, metavar="DATA", help="run as an ordinary user who reaches DATA")
    parser.add_argument("argv", nargs="+", help="program and its arguments")
    options = parser.parse_args(arguments)
    if options.alone:
        be_alone(options.alone, options.stale)
    if options.leave_root:
        leave_root(options.leave_root, Path(options.argv[0]))
    die_with_parent(options.parent, options.death_signal)
    try:
        os.execv(options.argv[0], options.argv)  # noqa: S606 - to be the program, without a shell, is the point
    except OSError as error:
        raise LaunchError(f"{options.argv[0]}: {error.strerror}") from error


def be_alone(lock: Path, stale: Sequence[Path]) -> None:
    """Take `lock` for this process and its descendants, waiting for those who hold it, and remove what they left."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(descriptor, True)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    for path in stale:
        path.unlink(missing_ok=True)


def leave_root(data: Path, program: Path) -> None:
    """Become an ordinary user of the machine who may write `data` (or create it) and execute `program`.

    A user without a name in the password file counts as root here: PostgreSQL's initdb asks for the name.

    Raises:
        LaunchError: The kernel allows neither way.
    """
    names = {entry.pw_uid for entry in pwd.getpwall()}
    if os.geteuid() != 0 and os.geteuid() in names:
        return
    ordinary = min(names - {0}, default=None)
    if ordinary is None:
        raise LaunchError("the password file names no user but root, as whom a server could run")
    if _namespace_serves(data, program, ordinary):
        _enter_user_namespace(ordinary)
        return
    try:
        owner = data.stat().st_uid if data.exists() else 0
        _become_privileged_user(owner or ordinary)
    except OSError as error:
        raise LaunchError(
            f"PostgreSQL does not run as root, and this system lets root neither make a user namespace nor change "
            f"its user ({error.strerror}): run as an ordinary user who has a name in /etc/passwd"
        ) from error


def die_with_parent(parent: int, death_signal: int) -> None:
    """Get `death_signal` when the parent ends; refuse to go on if `parent` has ended already."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0))
    if os.getppid() != parent:
        raise LaunchError("whoever started this has ended")


def _namespace_serves(data: Path, program: Path, uid: int) -> bool:
    """Whether a user namespace can be had and reaches both paths: tried in a child, for nobody leaves a namespace."""
    child = os.fork()
    if child == 0:
        try:
            _enter_user_namespace(uid)
            writable = data if data.exists() else data.parent
            os._exit(0 if os.access(writable, os.W_OK | os.X_OK) and os.access(program, os.X_OK) else 1)
        except OSError:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def _enter_user_namespace(uid: int) -> None:
    """Let this process's user and group be called `uid` from here on; exec then takes all privilege away."""
    outside_uid, outside_gid = os.geteuid(), os.getegid()
    _check(_libc.unshare(_CLONE_NEWUSER))
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")  # or the kernel refuses the group map
    Path("/proc/self/uid_map").write_text(f"{uid} {outside_uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{uid} {outside_gid} 1", encoding="ascii")


def _become_privileged_user(uid: int) -> None:
    """Be `uid` for good, with no privilege but to pass over the modes of files, kept through exec."""
    gid = pwd.getpwuid(uid).pw_gid
    os.setgroups([])
    _check(_libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    mask = 1 << _CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)  # version, process: this one
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)  # effective, permitted, inheritable: low words, high words
    _check(_libc.capset(header, sets))
    _check(_libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except LaunchError as failure:
        sys.stderr.write(f"not started: {failure}\n")
        sys.exit(EXIT_NOT_STARTED)
