"""Who may change anything over HTTP: whoever shows the bearer token of `[ops] token_file`. Without one nobody may."""

from __future__ import annotations

import hmac
from typing import Final

from aiohttp import web

SCHEME: Final = "Bearer "


class Token:
    """The bearer token; empty where control is switched off."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def demand(self, request: web.Request) -> None:
        """Let a request pass, or answer it.

        Raises:
            HTTPForbidden: control is switched off.
            HTTPUnauthorized: the token is missing or another.
        """
        if not self._token:
            raise web.HTTPForbidden(text="control is switched off: name a file in [ops] token_file")
        shown = request.headers.get("Authorization", "")
        # aiohttp reads octets that are no UTF-8 as surrogates.
        octets = shown.removeprefix(SCHEME).encode("utf-8", "surrogateescape")
        if not shown.startswith(SCHEME) or not hmac.compare_digest(octets, self._token):
            raise web.HTTPUnauthorized(
                text="show the token of [ops] token_file", headers={"WWW-Authenticate": "Bearer"}
            )
