"""Metrics, rules and runbook belong together: what one names, the others have."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from sms_service.observability.describe import table
from sms_service.observability.metrics import Metrics

DEPLOY = Path(__file__).parents[3] / "deploy"
PROMETHEUS = DEPLOY / "prometheus"
GROUPS = yaml.safe_load((PROMETHEUS / "rules.yml").read_text("utf-8"))["groups"]
RULES = [rule for group in GROUPS for rule in group["rules"]]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RUNBOOK = (DEPLOY / "runbook.md").read_text("utf-8")
needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed here (Debian: apt-get install prometheus)"
)


def exposed():
    """Every name that /metrics exposes."""
    metrics = Metrics()
    metrics.begin(["viettel"])
    metrics.of_smsc("viettel")
    metrics.ending("answered")
    names = set()
    for family in metrics.registry.collect():
        names |= {family.name, f"{family.name}_total", *(sample.name for sample in family.samples)}
    return names


def test_the_table_of_metrics_is_that_of_the_program():
    """Made anew by `python -m sms_service.observability.describe > deploy/prometheus/METRICS.md`."""
    assert (PROMETHEUS / "METRICS.md").read_text("utf-8") == table()


def test_every_metric_says_what_it_is_and_ends_in_its_unit():
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| .* \| (.+) \|$", table(), re.MULTILINE)
    assert len(rows) > 25
    assert all(meaning.strip() for _, _, meaning in rows)
    assert [name for name, kind, _ in rows if kind == "counter" and not name.endswith("_total")] == []
    assert [name for name, _, _ in rows if name.endswith("endings_total")] == ["sms_endings_total"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_rules_ask_for_what_there_is(rule):
    """A name that nothing exposes would never fire."""
    recorded = {other["record"] for other in RULES if "record" in other}
    for name in re.findall(r"\b(sms[_:][a-z0-9_:]+)", rule["expr"]):
        assert name in exposed() | recorded


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_to_do(name):
    """How urgent, in Vietnamese what is wrong, and where in the runbook it is told what to look at and what to do."""
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert re.search("[à-ỹđ]", alert["annotations"]["summary"] + alert["annotations"]["description"])
    assert alert["annotations"]["runbook"] == f"deploy/runbook.md#{name.lower()}"
    chapter = RUNBOOK.partition(f"### {name}\n")[2].partition("\n### ")[0]
    assert alert["annotations"]["summary"] in chapter
    assert all(part in chapter for part in ("**Means.**", "**Look.**", "**Do.**"))


def test_the_runbook_has_no_alert_that_there_is_not():
    assert set(re.findall(r"^### (\w+)$", RUNBOOK, re.MULTILINE)) == set(ALERTS)


def test_every_alert_has_a_run_that_fires_it():
    """And there are runs in which nothing fires."""
    tests = yaml.safe_load((PROMETHEUS / "rules_test.yml").read_text("utf-8"))["tests"]
    fired = [sample["labels"] for test in tests for sample in test["promql_expr_test"][0]["exp_samples"]]
    assert {re.search('"(.*)"', labels)[1] for labels in fired} == set(ALERTS)
    assert sum(not test["promql_expr_test"][0]["exp_samples"] for test in tests) >= 5


@needs_promtool
@pytest.mark.parametrize(
    "command", [["check", "config", "prometheus.yml"], ["test", "rules", "rules_test.yml"]], ids=" ".join
)
def test_promtool(command):
    """Fires in the run that causes it, and in no other."""
    ended = subprocess.run(["promtool", *command], cwd=PROMETHEUS, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
