"""The developers' commands: `./sms test`, `./sms check`, `./sms format`, `./sms fuzz`, `./sms outlast`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
COVERED = ("sms_service/smpp", "sms_service/sms", "syntax", "sms_service/pipeline")
"""The core: what a mistake in would cost citizens an answer or their privacy."""
COVERAGE_MIN = 95
"""Percent of branches of each."""


def call(*argv: str, env: dict[str, str] | None = None) -> int:
    """Run one tool, show it, and return its exit code."""
    print("+", *argv, flush=True)
    return subprocess.run(
        [str(BIN / argv[0]), *argv[1:]], cwd=ROOT, env={**os.environ, **(env or {})}, check=False
    ).returncode


def test(arguments: list[str]) -> int:
    """The checks and the tests; without arguments all of them, with the coverage of the core.

    With arguments they go to pytest: ./sms test tests/unit/smpp -k window
    """
    if arguments:
        return call("pytest", *arguments)
    if status := check([]):
        return status
    workers = os.environ.get("SMS_TEST_WORKERS", "2")
    status = call(
        "pytest", "-q", "-n", workers, "--dist", "loadfile",
        "--cov", "--cov-branch", "--cov-report=", "--durations=10",
    )  # fmt: skip
    if status:
        return status
    return max(
        call("coverage", "report", f"--include={package}/*", f"--fail-under={COVERAGE_MIN}", "--skip-covered")
        for package in COVERED
    )


def check(arguments: list[str]) -> int:
    """Linter, formatting, types, layers."""
    return max(
        call("ruff", "check", "."),
        call("ruff", "format", "--check", "."),
        call("mypy"),
        call("lint-imports", "--config", "pyproject.toml"),
    )


def format_(arguments: list[str]) -> int:
    """Format the code."""
    return max(call("ruff", "format", "."), call("ruff", "check", "--fix", "-q", "."))


def fuzz(arguments: list[str]) -> int:
    """Longer runs of the property tests of what comes in by bytes and texts: ./sms fuzz [EXAMPLES=5000]"""
    examples = arguments[0] if arguments else "5000"
    return call("pytest", "-q", "-n", "2", "--timeout=0", "tests/fuzz", env={"FUZZ_EXAMPLES": examples})


def outlast(arguments: list[str]) -> int:
    """What lasts longer than the gateway's patience: hanging stores, a full disk, no descriptors. Some five minutes."""
    return call(
        "pytest", "-q", "-m", "outlast", "--timeout=1200", "--durations=10", *(arguments or ["tests/adversity"])
    )


def main(command: str, arguments: list[str]) -> int:
    """Run one command; without arguments of its own it takes only --help."""
    function = COMMANDS[command]
    if command != "test" and {"-h", "--help"} & set(arguments):
        print(function.__doc__)
        return 0
    return function(arguments)


COMMANDS = {"test": test, "check": check, "format": format_, "fuzz": fuzz, "outlast": outlast}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
