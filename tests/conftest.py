"""What every test may count on: the embedded engines, signals as a shell leaves them, examples without a stopwatch."""

import signal

from hypothesis import settings

pytest_plugins = ["tests.engines"]

# Speed is measured in benchmarks; a busy machine must not fail an example.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_configure():
    """Under nohup SIGHUP is ignored, by children too; the tests that send it mean a terminal that closes."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
