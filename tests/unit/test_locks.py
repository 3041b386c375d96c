"""The lock files are whole: `./sms` installs them without resolving anything, so a package that is missing would stay missing."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")
LOCKS = ("requirements.lock", "tests/requirements.lock")


def pins(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    return {canonicalize_name(pin[1]): pin[2] for line in lines if (pin := PIN.match(line))}


def needed(name: str) -> list[str]:
    """What an installed package needs on this machine; nothing for one that is not for this machine."""
    try:
        requirements = map(Requirement, distribution(name).requires or ())
    except PackageNotFoundError:
        return []
    return [canonicalize_name(r.name) for r in requirements if r.marker is None or r.marker.evaluate({"extra": ""})]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_all_that_its_packages_need(lock):
    pinned = pins(lock)
    assert len(pinned) > 10
    missing = {(name, need) for name in pinned for need in needed(name) if need not in pinned}
    assert not missing


def test_the_two_locks_agree():
    run, develop = map(pins, LOCKS)
    assert {name: develop.get(name) for name in run} == run
