"""From a path to a `Syntax`, or to every reason why not.

A file goes through shape (keys and types), checks (what holds between its parts) and examples (what it reads), in that
order; all problems of a stage are told at once. A file that does not pass is not used in any part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from syntax.checks import check_catalogue, check_document
from syntax.findings import Finding, Problem, SyntaxFileError, place_in
from syntax.language import Syntax
from syntax.model import Catalogue, Document, ExampleFile
from syntax.shape import shape
from syntax.trials import try_commands, try_examples
from syntax.versions import Versions

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
        fields_path: the catalogue of fields; if left out, the `fields.toml` beside the file, or else the one shipped with
            the package.

    Raises:
        SyntaxFileError: the file or the catalogue cannot be read or is not sound; its findings say where, what and how
            to mend.
    """
    path = Path(path)
    fields_path = Path(fields_path) if fields_path else _catalogue_of(path)
    catalogue_source, catalogue = _shaped(fields_path, Catalogue)
    _refuse(fields_path, catalogue_source, list(check_catalogue(catalogue)))
    source, document = _shaped(path, Document)
    _refuse(path, source, list(check_document(document, catalogue)))

    digest = hashlib.sha256(hashlib.sha256(source).digest() + hashlib.sha256(catalogue_source).digest())
    syntax = Syntax(document, catalogue, digest.hexdigest())
    _refuse(path, source, [*try_commands(document.commands, syntax), *try_examples(document.examples, syntax)])
    if document.example_folder is not None:
        _try_examples(path, source, path.parent / document.example_folder, syntax)
    return syntax


def load_versions(paths: Path | str | Iterable[Path | str]) -> Versions:
    """Load every version of the syntax.

    Args:
        paths: a file, a folder (every `*.toml` in it but `fields.toml` is a version), or several of these.

    Raises:
        SyntaxFileError: with the findings of all files; none of them is used.
    """
    listed = [paths] if isinstance(paths, (str, Path)) else list(paths)
    findings: list[Finding] = []
    loaded: list[tuple[Path, Syntax]] = []
    for path in (file for given in listed for file in _files(Path(given))):
        try:
            loaded.append((path, load(path)))
        except SyntaxFileError as error:
            findings += error.findings
    findings += check_versions(loaded)
    if not loaded and not findings:
        findings.append(Finding(", ".join(map(str, listed)), None, "không có tệp cú pháp nào", "đặt tệp cú pháp vào thư mục này"))
    if findings:
        raise SyntaxFileError(findings)
    return Versions(syntax for _, syntax in loaded)


def check_versions(loaded: Sequence[tuple[Path, Syntax]]) -> list[Finding]:
    """Versions that cannot stand beside each other."""
    findings: list[Finding] = []
    for index, (path, syntax) in enumerate(loaded):
        for other_path, other in loaded[:index]:
            if syntax.version == other.version:
                what = f"phiên bản “{syntax.version}” đã có ở {other_path.name}"
                findings.append(Finding(path.name, None, what, "đặt version khác cho một tệp"))
            if syntax.effective_from == other.effective_from:
                what = f"ngày bắt đầu {syntax.effective_from:%d/%m/%Y} trùng với {other_path.name}"
                findings.append(Finding(path.name, None, what, "mỗi phiên bản bắt đầu vào một ngày khác nhau"))
    if loaded and any(syntax.time_zone != loaded[0][1].time_zone for _, syntax in loaded):
        findings.append(Finding(loaded[-1][0].name, None, "các phiên bản ghi múi giờ khác nhau", "ghi cùng một time_zone"))
    return findings


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.glob("*.toml") if file.name != FIELDS.name) if path.is_dir() else [path]


def _catalogue_of(path: Path) -> Path:
    beside = path.with_name(FIELDS.name)
    return beside if beside.exists() else FIELDS


def _try_examples(path: Path, source: bytes, folder: Path, syntax: Syntax) -> None:
    files = sorted(folder.glob("good/*.toml")) + sorted(folder.glob("bad/*.toml"))
    if not files:
        missing = Problem(("example_folder",), f"không thấy tệp ví dụ nào ở {folder}", "sửa đường dẫn hoặc bỏ khóa này")
        _refuse(path, source, [missing])
    for file in files:
        example_source, examples = _shaped(file, ExampleFile)
        _refuse(file, example_source, list(try_examples(examples.examples, syntax)))


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
