"""The department's language: a syntax file, what a message means by it, and what is answered.

    syntax = load(REFERENCE)
    reading = syntax.read("dc 001 085 012345")

Pure: no clock, no network, nothing of the gateway or the simulator. Data flows one way: `load` makes a `Syntax`;
`fold` and `parser` lead from a message to a `Reading`, `compose` and `unaccent` from a record to the reply.
"""

from syntax.findings import Finding, SyntaxFileError
from syntax.language import Syntax
from syntax.load import FIELDS, REFERENCE, load
from syntax.parser import Misread, Read, Reading, View

__all__ = ["FIELDS", "REFERENCE", "Finding", "Misread", "Read", "Reading", "Syntax", "SyntaxFileError", "View", "load"]
