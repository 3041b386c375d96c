"""The department's language: a syntax file, what a message means by it, and what is answered.

    syntax = load(REFERENCE)
    reading = syntax.read("dc 001 085 012345")

Pure: no clock, no network, nothing of the gateway or the simulator. Data flows one way: `load` makes a `Syntax`;
`fold` and `parser` lead from a message to a `Reading`, `compose` and `unaccent` from a record to the reply.
"""

from syntax.compose import Reply
from syntax.findings import Finding, SyntaxFileError, folded
from syntax.language import Syntax
from syntax.load import FIELDS, REFERENCE, load, load_versions
from syntax.parser import Misread, Read, Reading, Retired, View
from syntax.versions import InForce, Versions

__all__ = [
    "FIELDS",
    "REFERENCE",
    "Finding",
    "InForce",
    "Misread",
    "Read",
    "Reading",
    "Reply",
    "Retired",
    "Syntax",
    "SyntaxFileError",
    "Versions",
    "View",
    "folded",
    "load",
    "load_versions",
]
