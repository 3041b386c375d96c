"""The lock files are whole: `./sms` installs them without resolving anything, so a package that is missing would stay missing."""

import itertools
import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")
LOCKS = ("deploy/gateway.lock", "requirements.lock", "tests/requirements.lock")
"""Each is part of the next."""


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


@pytest.mark.parametrize(("smaller", "larger"), [*itertools.pairwise(LOCKS)])
def test_the_locks_agree(smaller, larger):
    """In versions and in hashes."""
    part, whole = blocks(smaller), blocks(larger)
    assert {name: whole.get(name) for name in part} == part


def blocks(lock: str) -> dict[str, str]:
    """Each package with its version and its hashes; where it is wanted may differ with who wants it."""
    text = re.sub(r" ;.*", "", (ROOT / lock).read_text("utf-8").replace(" \\\n", "\n"))
    return {block.partition("==")[0]: block for block in re.split(r"\n(?=\S)", text.strip())}


def test_the_gateways_image_holds_what_the_gateway_needs_and_nothing_else():
    """No engines, no tools: what `dependencies` names and what that needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    pinned = pins("deploy/gateway.lock")
    assert asked <= pinned.keys()
    others = [line for extra in project["optional-dependencies"].values() for line in extra]
    assert not {canonicalize_name(Requirement(line).name) for line in others} & pinned.keys()
