"""Everything that can be said of syntax files before they are put in force: for those who keep them.

Errors are what the loader refuses, over all files, and over the stages behind the first that fails as far as they can be
gone through. Warnings and notes are `advice`, and `succession` between versions. The report is data; a command prints it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from syntax import advice
from syntax.ambiguity import prove
from syntax.checks import check_catalogue, check_document
from syntax.findings import PROBLEMS_MAX, Finding, Problem, SyntaxFileError, in_file, place_in
from syntax.language import Syntax
from syntax.lengths import ViewLength, lengths
from syntax.load import (
    FIELDS,
    catalogue_of,
    check_versions,
    example_files,
    files_of,
    make,
    no_file,
    read_file,
    try_example_file,
)
from syntax.model import Catalogue, Document, Example, ExampleFile, ViewDeclaration
from syntax.succession import advise_versions
from syntax.trials import try_examples
from syntax.wording import check_texts


class Report(Struct, frozen=True):
    """What there is to say of some syntax files."""

    findings: tuple[Finding, ...]
    """By file, in the order of their lines."""
    lengths: tuple[ViewLength, ...]
    """Of each file that can be read: how long the answers are."""

    @property
    def errors(self) -> bool:
        """Whether the loader refuses any of them."""
        return any(finding.severity == "error" for finding in self.findings)


def lint(paths: Path | str | Iterable[Path | str], records: Iterable[Mapping[str, object]] = ()) -> Report:
    """All findings of syntax files, of their catalogues and example files, and between them. Raises nothing.

    Args:
        paths: a file, a folder (every `*.toml` in it but `fields.toml` is a version), or several of these.
        records: values by field code, over which the replies are measured; without any, only the worst case is told.
    """
    listed = [paths] if isinstance(paths, (str, Path)) else list(paths)
    measured = tuple(records)
    files = files_of(listed)
    linted = [_Linted(path, measured) for path in files]
    loaded = [(file.path, file.syntax) for file in linted if file.syntax is not None]
    findings = [finding for file in linted for finding in file.findings]
    findings += check_versions(loaded)
    for path, found in itertools.groupby(advise_versions(loaded), key=lambda pair: pair[0]):
        findings += place_in(path, path.read_bytes(), (problem for _, problem in found))
    if not files:
        findings.append(no_file(listed))
    order = {name: index for index, name in enumerate(dict.fromkeys(finding.file for finding in findings))}
    findings.sort(key=lambda finding: (order[finding.file], in_file(finding)))
    return Report(tuple(dict.fromkeys(findings)), tuple(length for file in linted for length in file.lengths))


class _Linted:
    """One file, as far as it can be gone through."""

    def __init__(self, path: Path, records: Sequence[Mapping[str, object]]) -> None:
        self.path = path
        self.findings: list[Finding] = []
        self.lengths: tuple[ViewLength, ...] = ()
        self.syntax: Syntax | None = None
        try:
            catalogue_source, catalogue = self._catalogue()
            source, document = read_file(path, Document)
            self._document(source, document, catalogue, catalogue_source, records)
        except SyntaxFileError as error:
            self.findings += error.findings

    def _catalogue(self) -> tuple[bytes, Catalogue]:
        """That of the file; where it has not the shape of one, that of the package."""
        path = catalogue_of(self.path)
        try:
            source, catalogue = read_file(path, Catalogue)
        except SyntaxFileError as error:
            self.findings += error.findings
            return read_file(FIELDS, Catalogue)
        self.findings += place_in(
            path, source, itertools.chain(check_catalogue(catalogue), advice.advise_catalogue(catalogue))
        )
        return source, catalogue

    def _document(
        self,
        source: bytes,
        document: Document,
        catalogue: Catalogue,
        catalogue_source: bytes,
        records: Sequence[Mapping[str, object]],
    ) -> None:
        declared = list(itertools.islice(check_document(document, catalogue), PROBLEMS_MAX))
        self._tell(source, declared, check_texts(document), advice.advise_document(document, catalogue))
        if any(problem.place[0] in ("commands", "examples") for problem in declared):
            return  # what cannot be read cannot be tried
        known = msgspec.structs.replace(document, views=_known(document, catalogue))
        self.syntax = syntax = make(known, catalogue, source, catalogue_source)
        examples = [*document.examples, *self._example_files(source, document, syntax)]
        self._tell(
            source, prove(syntax), try_examples(document.examples, syntax), advice.advise_reading(syntax, examples)
        )
        if not any(problem.place[0] == "views" for problem in declared):
            self.lengths = tuple(lengths(self.path.name, syntax, records))
            self._tell(source, advice.advise_lengths(document, self.lengths))

    def _example_files(self, source: bytes, document: Document, syntax: Syntax) -> Iterator[Example]:
        try:
            for file in example_files(self.path, source, document):
                try:
                    example_source, examples = read_file(file, ExampleFile)
                except SyntaxFileError as error:
                    self.findings += error.findings
                else:
                    self.findings += place_in(file, example_source, try_example_file(examples, syntax))
                    yield from examples.examples
        except SyntaxFileError as error:
            self.findings += error.findings

    def _tell(self, source: bytes, *problems: Iterable[Problem]) -> None:
        for group in problems:
            self.findings += place_in(self.path, source, group)


def _known(document: Document, catalogue: Catalogue) -> dict[str, ViewDeclaration]:
    """The views without fields that the catalogue lacks, which are told already."""
    return {
        code: msgspec.structs.replace(view, fields=tuple(name for name in view.fields if name in catalogue.fields))
        for code, view in document.views.items()
    }
