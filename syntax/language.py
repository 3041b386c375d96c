"""A syntax that has been loaded: what the gateway, the simulator and the commands speak to.

Immutable: a change of the file is another `Syntax`. Texts without a variable part are rendered once, when it is made.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from syntax import asking
from syntax.compose import PAGES_MAX, Composer, Reply, render, spelled
from syntax.model import Catalogue, Command, Document, HelpCommand, Narrowing, Text
from syntax.parser import Misread, Parser, Read, Retired, View
from syntax.values import admitted


class Syntax:
    """One version of the department's language. Made by `syntax.load`, which proves the file first."""

    def __init__(self, document: Document, catalogue: Catalogue, digest: str) -> None:
        self.document: Final = document
        self.catalogue: Final = catalogue
        self.authority: Final[str] = document.authority
        self.version: Final[str] = document.version
        self.digest: Final[str] = digest
        """SHA-256 of the syntax file and the catalogue, in hexadecimal."""
        self.name: Final[str] = f"{document.version}@{digest[:16]}"
        """Names what read a message, in audit entries."""
        self.effective_from: Final[dt.date] = document.effective_from
        self.effective_until: Final[dt.date | None] = document.effective_until
        """The last day in force, in `time_zone`."""
        self.grace_until: Final[dt.date | None] = document.grace_until
        """The last day on which the version before this one still works."""
        self.time_zone: Final[str] = document.time_zone
        self.short_codes: Final[tuple[str, ...]] = document.short_codes
        self.segments_max: Final[int] = document.segments_max
        """Segments of a reply at most."""
        self.fees: Final[Mapping[str, int]] = {command.name: command.fee for command in document.commands}
        """Đồng that an answered inquiry costs, by command."""

        texts = document.texts
        self.refusal: Final[str] = self._unaccented(texts.refusal)
        """The one answer to every inquiry that is refused; without accents whatever was asked for, so that nothing
        tells the causes apart."""
        self.busy: Final[str] = self._unaccented(texts.busy)
        self.over_quota: Final[str] = self._unaccented(texts.over_quota)
        self.suspended: Final[str] = self._unaccented(texts.suspended)
        self._misread: Final = self._with_usage(texts.misread)
        self._retired: Final = self._with_usage(texts.retired)
        self._help: Final = {
            (command.name, accented): render(self._fill(command.text, accented=accented), accented=accented)
            for command in document.commands
            if isinstance(command, HelpCommand)
            for accented in (False, True)
        }
        self._suspended: Final = {command.name for command in document.commands if command.suspended}
        self._commands: Final = {command.name: command for command in document.commands}
        self._with_pages: Final = {command.name for command in document.commands if asking.has_pages(command)}

        self.views: Final = {code: View(code, view.fields) for code, view in document.views.items()}
        self.fields: Final[frozenset[str]] = _fields_of(document, catalogue)
        """The codes of all fields that some command discloses or looks at: no other need ever be fetched."""
        self._parser: Final = Parser(_in_use(document), self.views, document.short_codes)
        self._composer: Final = Composer(catalogue, texts, document.segments_max, document.short_codes[0])

    def read(self, text: str) -> Read | Misread:
        """What a message asks for. Never raises; linear in the length of the text, up to `parser.TEXT_MAX`."""
        return self._parser.read(text)

    def accepting(self, folded: str) -> list[str]:
        """The commands that a folded message without a signature could mean; the first of them is what `read` takes."""
        return self._parser.accepting(folded)

    def suspends(self, command: str) -> bool:
        """Whether this version suspends the command of that name, or every one."""
        return self.document.suspended or command in self._suspended

    def admits(self, reading: Read, record: Mapping[str, object]) -> bool:
        """Whether the record has every value that was typed. If not, the inquiry is refused: what is typed only narrows."""
        return not reading.conditions or admitted(reading.conditions, record)

    def reply_record(self, reading: Read, record: Mapping[str, object], *, ucs2: bool = False) -> Reply:
        """The answer to a reading of kind "record".

        Args:
            reading: what was asked; its view chooses the fields and their order.
            record: values by field code, each `str`, `datetime.date` or None; an address also as a mapping of its parts
                or the JSON of one. Fields that are None, empty or absent are left out; fields outside the view are not
                looked at, but for the one beside which a field's absence says something (`model.Absent`).
            ucs2: it leaves through an SMSC that is sent nothing but UCS-2, so that the budget counts each character by 16
                bits, accents or not.
        """
        ask = functools.partial(self._form, reading) if reading.command in self._with_pages else None
        return self._composer.record(
            reading.view, record, accented=reading.accented, page=reading.page, ask=ask, ucs2=ucs2
        )

    def help(self, reading: Read) -> str:
        """The answer to a reading of kind "help"."""
        return self._help[reading.command, reading.accented]

    def misread(self, misread: Misread) -> str:
        """The usage of the nearest command."""
        return self._misread[misread.nearest]

    def retired(self, retired: Retired) -> str:
        """The way to ask today."""
        return self._retired[retired.command]

    def message(self, reading: Read, page: int = 1) -> str | None:
        """The best message that asks for a page of what a reading asks for; None where none does."""
        form = self._form(reading, page)
        return form and form.replace(asking.PAGE, str(page))

    def _form(self, reading: Read, page: int = PAGES_MAX) -> str | None:
        """The best message that is read back as the reading with that page; `asking.PAGE` stands for its number. None where
        each that comes to mind would be read as something else.
        """
        command = self._commands[reading.command]
        wanted = asking.at_page(command, reading, page)
        for form in asking.forms(command, reading, paged=page > 1):
            if self.read(form.replace(asking.PAGE, str(page))) == wanted:
                return form
        return None

    def _with_usage(self, text: Text) -> dict[str, str]:
        return {
            command.name: render(
                self._fill(text, accented=False).replace("{usage}", self._fill(command.usage, accented=False)),
                accented=False,
            )
            for command in self.document.commands
        }

    def _fill(self, text: Text, *, accented: bool) -> str:
        return spelled(text, accented=accented).replace("{short_code}", self.short_codes[0])

    def _unaccented(self, text: Text) -> str:
        return render(self._fill(text, accented=False), accented=False)


def _in_use(document: Document) -> Sequence[Command]:
    """The commands, all of them suspended where the whole file is."""
    if not document.suspended:
        return document.commands
    return [replace(command, suspended=True) for command in document.commands]


def _fields_of(document: Document, catalogue: Catalogue) -> frozenset[str]:
    shown = {field for view in document.views.values() for field in view.fields}
    beside = {absent.beside for field in shown if (absent := catalogue.fields[field].absent) is not None}
    compared = {
        parameter.equals
        for command in document.commands
        for parameter in command.parameters
        if isinstance(parameter, Narrowing)
    }
    return frozenset(shown | beside | compared)
