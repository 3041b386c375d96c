"""The bench: every message is answered once, and the figures follow from each other."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from simulator.bench import ROOT, bench, measure


@pytest.mark.parametrize("verdict", [False, True])
async def test_exchanges_are_counted(verdict):
    """Over real sockets, with an echo as a process of its own, which ends with it."""
    figures = await measure(0.3, binds=2, outstanding=50, verdict=verdict)
    assert figures["exchanges"] > 50
    assert figures["exchanges_per_s"] == pytest.approx(figures["exchanges"] / figures["seconds"], rel=0.01)
    assert figures["messages_per_s_per_core"] == pytest.approx(2 * figures["exchanges_per_s_per_core"], rel=0.01)


def test_figures_as_json_and_in_words():
    result = CliRunner().invoke(bench, ["--duration", "0.2", "--json"])
    assert json.loads(result.stdout)["exchanges"] > 0
    assert "of one core" in CliRunner().invoke(bench, ["--duration", "0.2"]).stdout


def test_an_echo_without_an_smsc_says_so():
    result = subprocess.run(
        [sys.executable, "-m", "simulator.echo", "--port", "1"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "no SMSC on 127.0.0.1:1" in result.stderr
