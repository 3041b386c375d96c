"""Where a result goes: the table on the terminal, the JSON document and the page in files, or the document on standard output alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from rich.console import Console

from simulator.load.outcome import Exit, Outcome, as_json
from simulator.load.page import page
from simulator.load.search import Found
from simulator.load.search_report import exit_code, found_json, found_page, print_found
from simulator.load.table import print_outcome


class Telling:
    """What is told of one call of the command.

    Args:
        json: the file of the document, - for standard output, None for none.
        html: the file of the page; None for none.
    """

    def __init__(self, json: str | None, html: str | None) -> None:
        self._json = json
        self._html = html
        self.console: Final = Console(stderr=True)
        """Where progress is shown."""

    def outcome(self, outcome: Outcome) -> int:
        """Tell of a run; its exit code. Of one that was interrupted before it sent anything there is nothing to tell."""
        if outcome.stopped and not outcome.inquiries:
            self.say("interrupted before anything was sent")
            return Exit.INTERRUPTED
        print_outcome(self._out(), outcome)
        self._write(page(outcome), as_json(outcome))
        return outcome.exit_code

    def found(self, found: Found) -> int:
        """Tell of a search; its exit code."""
        print_found(self._out(), found)
        self._write(found_page(found), found_json(found))
        return exit_code(found)

    def say(self, text: str) -> None:
        """A line beside the progress."""
        self.console.print(f"load: {text}", highlight=False, markup=False, soft_wrap=True)

    def _out(self) -> Console:
        return self.console if self._json == "-" else Console()

    def _write(self, html: str, document: bytes) -> None:
        if self._html is not None:
            Path(self._html).write_text(html, "utf-8")
            self.say(f"page in {self._html}")
        if self._json == "-":
            sys.stdout.buffer.write(document)
            sys.stdout.buffer.flush()
        elif self._json is not None:
            Path(self._json).write_bytes(document)
            self.say(f"result in {self._json}")
