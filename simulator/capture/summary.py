"""What a recording comes to: PDUs by command and status, response times, and how many requests waited at once.

A response belongs to the request of the other side that has its sequence number on the same connection (SMPP 3.4 s3.2); a
generic_nack answers anything. Response times are seen from where the recorder stands, between the two.
"""

from __future__ import annotations

from array import array
from collections import Counter
from math import ceil
from typing import Any, Final

from simulator.capture.recording import Kind, Record
from simulator.dissect import command_name, status_name
from sms_service.smpp import CommandId, Role
from sms_service.smpp.consts import RESPONSE_BIT

UNCONFIRMED: Final = frozenset({CommandId.OUTBIND, CommandId.ALERT_NOTIFICATION})
"""Requests that have no response (SMPP 3.4 s4.1.7, s4.12.1)."""
QUANTILES: Final = (0.5, 0.9, 0.99)


class Waiting:
    """The requests of one side of a connection that are not answered."""

    def __init__(self) -> None:
        self.requests: dict[int, tuple[int, int]] = {}
        """By sequence number: when, in nanoseconds, and the command_id."""
        self.most = 0


class Summary:
    """Feed it all records, then ask."""

    def __init__(self) -> None:
        self.pdus: Counter[tuple[Role, int, int]] = Counter()
        """By origin, command_id and command_status."""
        self.times: dict[tuple[Role, int], array[int]] = {}
        """Nanoseconds from request to response, by who asked and its command_id."""
        self.unanswered: Counter[tuple[Role, int]] = Counter()
        self.unexpected: Counter[Role] = Counter()
        """Responses to nothing that waits, by who sent them."""
        self.window_most: Counter[Role] = Counter()
        self.connections = 0
        self.lost_octets = 0
        self.last_ns = 0
        self._waiting: dict[tuple[int, Role], Waiting] = {}

    def add(self, record: Record) -> None:
        """The next record."""
        self.last_ns = record.at_ns
        match record.kind:
            case Kind.OPENED:
                self.connections += 1
            case Kind.CLOSED:
                for role in Role:
                    self._forget(role, self._waiting.pop((record.connection, role), None))
            case Kind.OCTETS:
                self.lost_octets += len(record.octets)
            case Kind.PDU:
                self._add_pdu(record)

    def end(self) -> None:
        """There are no more: what still waits is unanswered."""
        for (_, role), waiting in self._waiting.items():
            self._forget(role, waiting)
        self._waiting.clear()

    def _forget(self, role: Role, waiting: Waiting | None) -> None:
        if waiting is not None:
            self.unanswered.update((role, command_id) for _, command_id in waiting.requests.values())

    def _add_pdu(self, record: Record) -> None:
        octets, origin = record.octets, record.origin
        command_id, status, number = (int.from_bytes(octets[at : at + 4], "big") for at in (4, 8, 12))
        self.pdus[origin, command_id, status] += 1
        if command_id & RESPONSE_BIT:
            asking = Role.SMSC if origin is Role.ESME else Role.ESME
            self._answer(record, asking, command_id, number)
        elif command_id not in UNCONFIRMED:
            waiting = self._waiting.setdefault((record.connection, origin), Waiting())
            earlier = waiting.requests.pop(number, None)
            if earlier is not None:
                self.unanswered[origin, earlier[1]] += 1
            waiting.requests[number] = (record.at_ns, command_id)
            waiting.most = max(waiting.most, len(waiting.requests))
            self.window_most[origin] = max(self.window_most[origin], waiting.most)

    def _answer(self, record: Record, asking: Role, command_id: int, number: int) -> None:
        waiting = self._waiting.get((record.connection, asking))
        request = waiting.requests.get(number) if waiting else None
        if waiting is None or request is None or command_id not in {request[1] | RESPONSE_BIT, CommandId.GENERIC_NACK}:
            self.unexpected[record.origin] += 1
            return
        del waiting.requests[number]
        self.times.setdefault((asking, request[1]), array("q")).append(record.at_ns - request[0])

    def json(self) -> dict[str, Any]:
        """For programs; times in milliseconds."""
        return {
            "seconds": round(self.last_ns / 1e9, 6),
            "connections": self.connections,
            "octets_that_are_no_pdu": self.lost_octets,
            "pdus": [
                {"origin": _name(origin), "command": command_name(command), "status": status_name(status), "count": count}
                for (origin, command, status), count in sorted(self.pdus.items())
            ],
            "response_times": [
                {
                    "origin": _name(origin), "command": command_name(command), "count": len(times),
                    **{name: round(value / 1e6, 3) for name, value in quantiles(times).items()},
                }
                for (origin, command), times in sorted(self.times.items())
            ],
            "unanswered": [
                {"origin": _name(origin), "command": command_name(command), "count": count}
                for (origin, command), count in sorted(self.unanswered.items())
            ],
            "unexpected_responses": {_name(role): self.unexpected[role] for role in Role},
            "window_maximum": {_name(role): self.window_most[role] for role in Role},
        }  # fmt: skip

    def lines(self) -> list[str]:
        """For people."""
        facts = self.json()
        lines = [f"{facts['seconds']:.3f} s, {self.connections} connections, {sum(self.pdus.values()):,} PDUs", ""]
        lines.append(f"{'from':<6}{'command':<24}{'status':<24}{'count':>10}")
        lines += [
            f"{row['origin']:<6}{row['command']:<24}{row['status']:<24}{row['count']:>10,}" for row in facts["pdus"]
        ]
        if facts["response_times"]:
            names = [*quantile_names(), "max"]
            lines += [
                "",
                "Response times in milliseconds",
                f"{'from':<6}{'command':<24}{'count':>10}" + _columns(names),
            ]
            lines += [
                f"{row['origin']:<6}{row['command']:<24}{row['count']:>10,}"
                + _columns([f"{row[name]:.3f}" for name in names])
                for row in facts["response_times"]
            ]
        lines += ["", "Most requests unanswered at once on a connection: " + _both(self.window_most)]
        if self.unanswered:
            lines.append(
                "Never answered: "
                + ", ".join(f"{r['count']:,} {r['command']} of the {r['origin'].upper()}" for r in facts["unanswered"])
            )
        if self.unexpected:
            lines.append("Responses to nothing: " + _both(self.unexpected))
        if self.lost_octets:
            lines.append(f"Octets that are no PDU: {self.lost_octets:,}")
        return lines


def quantile_names() -> list[str]:
    """As keys and headings: p50 …"""
    return [f"p{quantile * 100:g}" for quantile in QUANTILES]


def quantiles(times: array[int]) -> dict[str, int]:
    """For each quantile the smallest value above which no more than the rest lies, and the greatest."""
    ordered = sorted(times)
    at = [ceil(quantile * len(ordered)) - 1 for quantile in QUANTILES]
    return {**dict(zip(quantile_names(), (ordered[place] for place in at), strict=True)), "max": ordered[-1]}


def _name(role: Role) -> str:
    return role.name.lower()


def _both(counts: Counter[Role]) -> str:
    return ", ".join(f"{counts[role]:,} of the {role.name}" for role in Role)


def _columns(texts: list[str]) -> str:
    return "".join(f"{text:>12}" for text in texts)
