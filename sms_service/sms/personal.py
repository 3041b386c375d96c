"""The base of values that hold what a citizen wrote or reads: they never show it.

Rule: a value finds its way into a log line or a traceback by its repr, so the repr says the type and no more.
"""

import msgspec


class Personal(msgspec.Struct, frozen=True, gc=False):
    """A value that holds a message's text."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__
