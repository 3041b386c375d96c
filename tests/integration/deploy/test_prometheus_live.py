"""The rules and every panel's expression, asked of a Prometheus that scrapes a running demo under load."""

import asyncio
import json
import shutil
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import pytest

from simulator.engines.ports import free_port
from tests.acceptance.demo_process import ROOT, Demo, fetch

DEPLOY = ROOT / "deploy"
MAY_BE_EMPTY = ("sms:late", "sms_turned_away_total")
"""Recorded over hours; and what exists only once it has happened."""

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="Prometheus is not installed here (Debian: apt-get install prometheus)"
)


def panels():
    """Dashboard, panel, expression."""
    for path in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json")):
        for panel in json.loads(path.read_text("utf-8"))["panels"]:
            for target in panel["targets"]:
                yield path.stem, panel["title"], target["expr"]


def test_dashboards_are_whole():
    """Panels have ids of their own, do not overlap, and choose the data source and the instances by the page's variables."""
    for path in (DEPLOY / "grafana" / "dashboards").glob("*.json"):
        dashboard = json.loads(path.read_text("utf-8"))
        cells = [
            (x, y)
            for panel in dashboard["panels"]
            for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
            for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
        ]
        assert len(cells) == len(set(cells))
        assert max(x for x, _ in cells) == 23
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(ids) == len(set(ids))


async def ask(url, expression):
    query = urllib.parse.urlencode({"query": expression})
    _, body = await asyncio.to_thread(fetch, f"{url}/api/v1/query?{query}")
    return json.loads(body)


@pytest.fixture
def prometheus(tmp_path):
    """Starts one that scrapes these addresses."""
    running = []

    def start(targets):
        shutil.copy(DEPLOY / "prometheus" / "rules.yml", tmp_path / "rules.yml")
        (tmp_path / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [rules.yml]\n"
            f"scrape_configs: [{{job_name: sms-service, static_configs: [{{targets: {json.dumps(targets)}}}]}}]\n"
        )
        port = free_port()
        arguments = [f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data"]
        with (tmp_path / "log").open("wb") as log:
            running.append(
                subprocess.Popen(
                    ["prometheus", *arguments, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log
                )
            )
        return f"http://127.0.0.1:{port}"

    yield start
    for process in running:
        process.terminate()
        process.wait(10)


async def test_every_expression_of_the_dashboards(tmp_path, prometheus):
    """Each is answered without an error, and those that show what happens all the time show it; no alert fires."""
    demo = await Demo.start(
        Path(tmp_path), "--citizens", "300", "--phone-port", str(free_port()), "--ops-port", str(free_port())
    )
    try:
        url = prometheus([address.removeprefix("http://") for address in demo.facts()["ops_urls"]])
        load = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "simulator", "load", "--dir", str(demo.folder), "--rate", "20", "--duration", "12s",
            cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await load.communicate()
        assert load.returncode == 0, said.decode()
        deadline = time.monotonic() + 20
        while not (await ask(url, 'sum(sms_endings_total{ending="answered"}) > 0'))["data"]["result"]:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.5)
        empty = []
        for dashboard, title, expression in panels():
            filled = expression.replace("$instance", ".*").replace("$smsc", "simulated")
            answer = await ask(url, filled)
            assert answer["status"] == "success", (dashboard, title, answer)
            if not answer["data"]["result"] and not any(name in expression for name in MAY_BE_EMPTY):
                empty.append((dashboard, title, expression))
        assert empty == []
        assert (await ask(url, 'ALERTS{alertstate="firing"}'))["data"]["result"] == []
    finally:
        await demo.end()
