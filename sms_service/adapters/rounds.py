"""In which steps the parts of a batch are stored.

Rule: what a group holds decides what the next part of it does, so two parts of one place with different octets cannot be
stored in one step. Each group has its parts in their order, and as many steps as it needs; groups share the steps.
"""

from __future__ import annotations

from collections.abc import Sequence

from sms_service.model import NewSegment


def rounds(segments: Sequence[NewSegment]) -> list[list[NewSegment]]:
    """The steps: nearly always one."""
    steps: list[list[NewSegment]] = []
    turns: dict[bytes, int] = {}
    places: dict[tuple[bytes, int, int], bytes] = {}
    for one in segments:
        turn = turns.setdefault(one.group_key, 0)
        if places.setdefault((one.group_key, turn, one.number), one.part_key) != one.part_key:
            turn = turns[one.group_key] = turn + 1
            places[one.group_key, turn, one.number] = one.part_key
        if turn == len(steps):
            steps.append([])
        steps[turn].append(one)
    return steps
