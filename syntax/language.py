"""A syntax that has been loaded: what the gateway, the simulator and the commands speak to.

Immutable: a change of the file is another `Syntax`. Texts without a variable part are rendered once, when it is made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from syntax.compose import Composer, render
from syntax.model import Catalogue, Document, HelpCommand
from syntax.parser import Misread, Parser, Read, Reading, View


class Syntax:
    """One version of the department's language. Made by `syntax.load`, which proves the file first."""

    def __init__(self, document: Document, catalogue: Catalogue, digest: str) -> None:
        self.authority: Final[str] = document.authority
        self.version: Final[str] = document.version
        self.digest: Final[str] = digest
        """SHA-256 of the syntax file and the catalogue, in hexadecimal: with `version` it names what read a message."""
        self.effective_from: Final[dt.date] = document.effective_from
        self.effective_until: Final[dt.date | None] = document.effective_until
        """The last day in force, in `time_zone`."""
        self.time_zone: Final[str] = document.time_zone
        self.short_codes: Final[tuple[str, ...]] = document.short_codes
        self.segments_max: Final[int] = document.segments_max
        """Segments of a reply at most."""

        texts = document.texts
        self.refusal: Final[str] = self._unaccented(texts.refusal)
        """The one answer to every inquiry that is refused; without accents whatever was asked for, so that nothing
        tells the causes apart."""
        self.busy: Final[str] = self._unaccented(texts.busy)
        self.over_quota: Final[str] = self._unaccented(texts.over_quota)
        self.suspended: Final[str] = self._unaccented(texts.suspended)
        self._misread: Final = {
            command.name: self._unaccented(texts.misread.replace("{usage}", command.usage))
            for command in document.commands
        }
        self._help: Final = {
            (command.name, accented): render(self._fill(command.text), accented=accented)
            for command in document.commands
            if isinstance(command, HelpCommand)
            for accented in (False, True)
        }

        views = {code: View(code, view.fields) for code, view in document.views.items()}
        self.fields: Final[frozenset[str]] = frozenset(field for view in views.values() for field in view.fields)
        """The codes of all fields that some command discloses: no other need ever be fetched."""
        self._parser: Final = Parser(document.commands, views, document.short_codes)
        self._composer: Final = Composer(catalogue, views.values(), texts, document.segments_max)

    def read(self, text: str) -> Reading:
        """What a message asks for. Never raises; linear in the length of the text, up to `parser.TEXT_MAX`."""
        return self._parser.read(text)

    def accepting(self, text: str) -> list[str]:
        """The commands that a message without a signature could mean; the first of them is what `read` takes."""
        return self._parser.accepting(text)

    def reply_record(self, reading: Read, record: Mapping[str, object]) -> str:
        """The answer to a reading of kind "record".

        Args:
            reading: what was asked; its view chooses the fields and their order.
            record: values by field code, each `str`, `datetime.date` or None. Fields that are None, empty or absent
                are left out; fields outside the view are not looked at.
        """
        return self._composer.record(reading.view, record, accented=reading.accented)

    def help(self, reading: Read) -> str:
        """The answer to a reading of kind "help"."""
        return self._help[reading.command, reading.accented]

    def misread(self, misread: Misread) -> str:
        """The usage of the nearest command."""
        return self._misread[misread.nearest]

    def _fill(self, text: str) -> str:
        return text.replace("{short_code}", self.short_codes[0])

    def _unaccented(self, text: str) -> str:
        return render(self._fill(text), accented=False)
