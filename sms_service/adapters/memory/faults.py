"""Calls that fail as real ones do: before anything happened, or after everything did.

The second is the case that breaks systems: the server committed and its answer was lost. `fail_with` plans either for
the next calls, `hold` keeps calls waiting until the test lets them go.
"""

from __future__ import annotations

import asyncio
import collections
import functools
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

import msgspec

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound="Faulty")


class _Plan(msgspec.Struct):
    """Failures that are still to come."""

    error: Exception
    calls: int
    committed: bool
    method: str | None


class Faulty:
    """An adapter whose calls a test can count, fail and hold."""

    def __init__(self) -> None:
        self.calls: collections.Counter[str] = collections.Counter()
        """Calls so far, by method."""
        self.largest: collections.Counter[str] = collections.Counter()
        """Rows in the largest batch so far, by method."""
        self._plans: list[_Plan] = []
        self._open = asyncio.Event()
        self._open.set()

    def fail_with(
        self, error: Exception, *, calls: int = 1, committed: bool = False, method: str | None = None
    ) -> None:
        """Let the next `calls` calls (of `method`; None: of any) raise `error`.

        With `committed` they do their work first.
        """
        self._plans.append(_Plan(error, calls, committed, method))

    def heal(self) -> None:
        """Forget the failures that are still to come."""
        self._plans.clear()

    def hold(self) -> None:
        """Keep all calls waiting from now on."""
        self._open.clear()

    def release(self) -> None:
        """Let the calls go that `hold` keeps."""
        self._open.set()

    async def _enter(self, method: str, arguments: tuple[object, ...]) -> Exception | None:
        """Count a call, and raise what is planned for before it.

        Returns:
            What is planned for after it.
        """
        self.calls[method] += 1
        rows = max((len(argument) for argument in arguments if isinstance(argument, Sequence)), default=0)
        self.largest[method] = max(self.largest[method], rows)
        await self._open.wait()
        for plan in self._plans:
            if plan.method in (None, method):
                plan.calls -= 1
                if plan.calls == 0:
                    self._plans.remove(plan)
                if plan.committed:
                    return plan.error
                raise plan.error
        return None


def faulty(
    method: Callable[Concatenate[F, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[F, P], Coroutine[Any, Any, R]]:
    """Put a method of a `Faulty` under the test's control."""

    @functools.wraps(method)
    async def call(self: F, /, *args: P.args, **kwargs: P.kwargs) -> R:
        error = await self._enter(method.__name__.removeprefix("_"), args)
        result = await method(self, *args, **kwargs)
        if error is not None:
            raise error
        return result

    return call
