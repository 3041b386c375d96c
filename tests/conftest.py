"""What every test may count on: the embedded engines, signals as a shell leaves them, examples without a stopwatch.

A failure is printed when it happens where nobody can wait for the summary (CI): a run that is cut off has said why.
"""

import os
import signal

import pytest
from hypothesis import settings

pytest_plugins = ["tests.engines"]

# Speed is measured in benchmarks; a busy machine must not fail an example.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_configure():
    """Under nohup SIGHUP is ignored, by children too; the tests that send it mean a terminal that closes."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report):
    """With xdist the controller sees every worker's reports; the workers themselves have no terminal."""
    if report.failed and "CI" in os.environ and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\n{report.when} of {report.nodeid} failed:\n{report.longreprtext}", flush=True)
