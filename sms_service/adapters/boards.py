"""A board, and the one to use while it is away.

Rule: whoever cannot reach the first goes to the second at once, each second anew. When Redis is away it is away for all
instances, as a rule; one that alone has lost it is missing on the pages of the others, and its own page says what is down.
"""

from __future__ import annotations

from collections.abc import Mapping

from sms_service.ports import Board, PortError


class SpareBoard:
    """Implements `ports.Board` by two of them."""

    def __init__(self, first: Board, spare: Board) -> None:
        self._first = first
        self._spare = spare

    async def exchange(self, instance: str, notice: bytes) -> Mapping[str, bytes]:
        """See `ports.Board`."""
        try:
            return await self._first.exchange(instance, notice)
        except PortError:
            return await self._spare.exchange(instance, notice)
