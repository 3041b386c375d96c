"""Storing inquiries where some may be stored already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import asyncpg

from sms_service.adapters.postgres.queries import read_queries
from sms_service.model import NewInquiry, Run

_SQL: Final = read_queries("inquiries.sql")


async def insert_inquiries(connection: asyncpg.Connection, run: Run, inquiries: Sequence[NewInquiry]) -> list[bool]:
    """Store inquiries of `run` that are not stored yet.

    Returns:
        For each: whether `run` owns it now. Not so for a duplicate of an unfinished one; so for one that an earlier call
        stored of which the answer was lost.
    """
    ids = [one.inquiry_id for one in inquiries]
    status = await connection.execute(
        _SQL["insert"],
        run.run_id,
        ids,
        [one.smsc for one in inquiries],
        [one.accepted_at for one in inquiries],
        [one.digest for one in inquiries],
        [one.sealed for one in inquiries],
    )
    if rows(status) == len(inquiries):
        return [True] * len(inquiries)
    owned = {row["inquiry_id"] for row in await connection.fetch(_SQL["which_owned"], run.run_id, ids)}
    return [inquiry_id in owned for inquiry_id in ids]


def rows(status: str) -> int:
    """How many rows a statement touched, from its command tag ("INSERT 0 200")."""
    return int(status.rpartition(" ")[2])
