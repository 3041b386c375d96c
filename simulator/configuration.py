"""The configuration files of the demo's gateways, as an operator would write them."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.population.postgres import QUERY

SYNTAX_FILE: Final = Path(__file__).resolve().parent.parent / "syntax" / "c06.toml"
SYSTEM_ID: Final = "gateway"
PASSWORD: Final = "demo"  # noqa: S105 - of a simulated SMSC on the loopback
SMSC_NAME: Final = "simulated"
OWN_SMSC_NAME: Final = "yours"


def write_token(file: Path) -> None:
    """Make the token that the gateways' control calls need, readable by its owner only."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as opened:
        opened.write(secrets.token_urlsafe(24) + "\n")


@dataclass(frozen=True, kw_only=True)
class SmscPlan:
    """An SMSC that every gateway binds to."""

    name: str
    host: str
    port: int


@dataclass(frozen=True, kw_only=True)
class GatewayPlan:
    """What one gateway's configuration says."""

    instance: str
    journal_dsn: str
    population_dsn: str
    subscribers_url: str
    redis_url: str
    keys_file: Path
    ops_listen: str
    ops_token_file: Path
    smscs: tuple[SmscPlan, ...]
    binds: int
    """To each SMSC."""
    window: int

    def toml(self) -> str:
        """The file's text. JSON's strings are TOML's basic strings."""
        q = json.dumps
        return f"""\
# Made by the demo; read it with: ./sms check-config --config FILE
instance = {q(self.instance)}

[journal]
dsn = {q(self.journal_dsn)}

[population]
dsn = {q(self.population_dsn)}
query = {q(QUERY)}

[subscribers]
url = {q(self.subscribers_url)}

[redis]
url = {q(self.redis_url)}

[syntax]
file = {q(str(SYNTAX_FILE))}

[keys]
file = {q(str(self.keys_file))}

[ops]
listen = {q(self.ops_listen)}
token_file = {q(str(self.ops_token_file))}
trace = true
""" + "".join(self._smsc(smsc) for smsc in self.smscs)

    def _smsc(self, smsc: SmscPlan) -> str:
        q = json.dumps
        return f"""
[[smsc]]
name = {q(smsc.name)}
host = {q(smsc.host)}
port = {smsc.port}
system_id = {q(SYSTEM_ID)}
password = {q(PASSWORD)}
binds = {self.binds}
window = {self.window}
long_messages = "udh"
source_ton = 3
source_npi = 0
"""
