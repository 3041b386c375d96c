"""The demo as a user starts it, for tests: a process of its own, read through its files."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
START_S = 90
"""On a loaded machine; a quiet one takes five."""


class Line(NamedTuple):
    """A line of the export."""

    msisdn: str
    state: str
    citizen_id: str
    name: str
    text: str
    reply: str


class Demo:
    """A running demo."""

    def __init__(self, folder: Path, process: asyncio.subprocess.Process, export: Path) -> None:
        self.folder = folder
        self.process = process
        self.export = export

    @classmethod
    async def start(cls, folder: Path, *options: str) -> Demo:
        """Start it and wait until everything answers."""
        folder.mkdir(parents=True, exist_ok=True)
        ready, export, said = folder / "ready", folder / "export.tsv", folder / "said"
        ready.unlink(missing_ok=True)
        argv = ["demo", "--dir", str(folder / "demo"), "--ready-file", str(ready), "--export", str(export), *options]
        with said.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "simulator", *argv, cwd=ROOT, stdout=output, stderr=output,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
        demo = cls(folder / "demo", process, export)
        async with asyncio.timeout(START_S):
            while not ready.exists():
                assert process.returncode is None, f"the demo ended:\n{said.read_text()}"
                await asyncio.sleep(0.1)
        return demo

    @property
    def said(self) -> str:
        return (self.folder.parent / "said").read_text()

    def lines(self) -> list[Line]:
        """The export."""
        rows = self.export.read_text("utf-8").splitlines()
        return [Line(*row.split("\t")) for row in rows[1:]]

    def facts(self) -> dict:
        return json.loads((self.folder / "demo.json").read_text())

    def pid(self, name: str) -> int | None:
        try:
            return int((self.folder / "pids" / name).read_text())
        except FileNotFoundError:
            return None

    def pids(self) -> dict[str, int]:
        return {path.name: int(path.read_text()) for path in (self.folder / "pids").iterdir()}

    async def kill(self, name: str) -> None:
        """SIGKILL one program, and wait until it runs anew."""
        old = self.pid(name)
        os.kill(old, signal.SIGKILL)
        async with asyncio.timeout(START_S):
            while self.pid(name) in (None, old):
                await asyncio.sleep(0.05)

    async def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """End the demo; its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), 40)

    def dsn(self, database: str) -> str:
        config = (self.folder / "config.toml").read_text()
        section = config.split(f"[{database}]", 1)[1]
        return json.loads(section.split("dsn = ", 1)[1].splitlines()[0])

    def redis_url(self) -> str:
        section = (self.folder / "config.toml").read_text().split("[redis]", 1)[1]
        return json.loads(section.split("url = ", 1)[1].splitlines()[0])

    async def get(self, url: str) -> tuple[int, str]:
        return await asyncio.to_thread(fetch, url)

    async def metric(self, name: str) -> float:
        """The sum of a metric's samples over all gateways."""
        total = 0.0
        for url in self.facts()["ops_urls"]:
            _, text = await self.get(f"{url}/metrics")
            total += sum(
                float(line.rsplit(" ", 1)[1])
                for line in text.splitlines()
                if line.startswith((f"{name} ", f"{name}{{"))
            )
        return total


def fetch(url: str, method: str = "GET", body: dict | None = None) -> tuple[int, str]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


async def gone(pids: list[int], within_s: float = 20) -> list[int]:
    """Which of these processes are still there after a while."""
    alive = list(pids)
    async with asyncio.timeout(within_s + 1):
        for _ in range(int(within_s / 0.1)):
            alive = [pid for pid in alive if is_running(pid)]
            if not alive:
                break
            await asyncio.sleep(0.1)
    return alive


def is_running(pid: int) -> bool:
    """Alive, and no zombie that waits for its reaper."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
