"""HOST:PORT on the command line."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import click

PORT_MAX: Final = 65_535


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class AddressType(click.ParamType[Address]):
    """Reads HOST:PORT, an IPv6 address in brackets; port 0, where it is allowed, takes a free one."""

    name = "HOST:PORT"

    def __init__(self, lowest_port: int = 1) -> None:
        self._lowest_port = lowest_port

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        if isinstance(value, Address):
            return value
        host, _, port = str(value).rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not host or not (port.isascii() and port.isdigit()) or not self._lowest_port <= int(port[:6]) <= PORT_MAX:
            self.fail(
                f"expected HOST:PORT with a port from {self._lowest_port} to {PORT_MAX}, such as 127.0.0.1:2775",
                param,
                ctx,
            )
        return Address(host, int(port))
