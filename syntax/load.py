"""From a path to a `Syntax`, or to every reason why not.

A file goes through shape (keys and types), checks (what holds between its parts) and examples (what it reads), in that
order; all problems of a stage are told at once. A file that does not pass is not used in any part.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, TypeVar

from syntax.checks import check_catalogue, check_document
from syntax.findings import Finding, Problem, SyntaxFileError, place_in
from syntax.language import Syntax
from syntax.model import Catalogue, Document, ExampleFile
from syntax.parser import Parser, View
from syntax.shape import shape
from syntax.trials import try_commands, try_examples

REFERENCE: Final = Path(__file__).with_name("c06.toml")
"""The reference syntax."""

FIELDS: Final = Path(__file__).with_name("fields.toml")
"""The catalogue of Điều 9."""

FILE_OCTETS_MAX: Final = 1_000_000
"""Octets of one file: hundreds of times the reference, so that a wrong path does not fill the memory."""

T = TypeVar("T")


def load(path: Path | str, fields_path: Path | str | None = None) -> Syntax:
    """Load a syntax file, prove it, and make it ready.

    Args:
        path: the syntax file.
        fields_path: the catalogue of fields; the one shipped with the package, if left out.

    Raises:
        SyntaxFileError: the file or the catalogue cannot be read or is not sound; its findings say where, what and how
            to mend.
    """
    path, fields_path = Path(path), Path(fields_path or FIELDS)
    catalogue_source, catalogue = _shaped(fields_path, Catalogue)
    _refuse(fields_path, catalogue_source, list(check_catalogue(catalogue)))
    source, document = _shaped(path, Document)
    _refuse(path, source, list(check_document(document, catalogue)))

    views = {code: View(code, view.fields) for code, view in document.views.items()}
    parser = Parser(document.commands, views, document.short_codes)
    _refuse(path, source, [*try_commands(document.commands, parser), *try_examples(document.examples, parser)])
    if document.example_folder is not None:
        _try_examples(path, source, path.parent / document.example_folder, parser)

    digest = hashlib.sha256(hashlib.sha256(source).digest() + hashlib.sha256(catalogue_source).digest())
    return Syntax(document, catalogue, digest.hexdigest())


def _try_examples(path: Path, source: bytes, folder: Path, parser: Parser) -> None:
    files = sorted(folder.glob("good/*.toml")) + sorted(folder.glob("bad/*.toml"))
    if not files:
        missing = Problem(("example_folder",), f"không thấy tệp ví dụ nào ở {folder}", "sửa đường dẫn hoặc bỏ khóa này")
        _refuse(path, source, [missing])
    for file in files:
        example_source, examples = _shaped(file, ExampleFile)
        _refuse(file, example_source, list(try_examples(examples.examples, parser)))


def _shaped(path: Path, type_: type[T]) -> tuple[bytes, T]:
    try:
        with path.open("rb") as file:
            source = file.read(FILE_OCTETS_MAX + 1)
    except OSError as error:
        raise SyntaxFileError([Finding(path.name, None, f"không đọc được tệp: {error}", "sửa đường dẫn")]) from error
    if len(source) > FILE_OCTETS_MAX:
        raise SyntaxFileError([Finding(path.name, None, f"tệp lớn hơn {FILE_OCTETS_MAX} byte", "kiểm tra lại tệp")])
    document = shape(source, type_)
    if isinstance(document, list):
        raise SyntaxFileError(place_in(path, source, document))
    return source, document


def _refuse(path: Path, source: bytes, problems: list[Problem]) -> None:
    if problems:
        raise SyntaxFileError(place_in(path, source, problems))
