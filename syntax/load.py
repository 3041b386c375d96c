"""From a path to a `Syntax`, or to every reason why not.

A file goes through shape (keys and types), checks (what holds between its parts), proof (no message means two things) and
examples (what it reads), in that order; all problems of a stage are told at once. A file that does not pass is not used in
any part. Each stage is bounded by limits of `model` and `ambiguity`: no file of `FILE_OCTETS_MAX` takes more than seconds.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from syntax.ambiguity import prove
from syntax.checks import check_catalogue, check_document, check_examples
from syntax.findings import Finding, Problem, SyntaxFileError, place_in
from syntax.language import Syntax
from syntax.model import Catalogue, Document, ExampleFile
from syntax.shape import shape
from syntax.trials import try_examples
from syntax.versions import Versions
from syntax.wording import check_texts

REFERENCE: Final = Path(__file__).with_name("c06.toml")
"""The reference syntax."""

FIELDS: Final = Path(__file__).with_name("fields.toml")
"""The catalogue of Điều 9."""

FILE_OCTETS_MAX: Final = 250_000
"""Octets of one file: thirty times the reference, so that neither a wrong path nor a hostile file takes long."""

EXAMPLE_FILES_MAX: Final = 200
"""Files of an example folder."""

_NO_FILE: Final = "tệp này không đọc được thì cú pháp không dùng được"

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
    catalogue_source, catalogue = load_catalogue(Path(fields_path) if fields_path else catalogue_of(path))
    source, document = read_file(path, Document)
    refuse(path, source, itertools.chain(check_document(document, catalogue), check_texts(document)))
    syntax = make(document, catalogue, source, catalogue_source)
    refuse(path, source, itertools.chain(prove(syntax), try_examples(document.examples, syntax)))
    for file in example_files(path, source, document):
        example_source, examples = read_file(file, ExampleFile)
        refuse(file, example_source, try_example_file(examples, syntax))
    return syntax


def load_catalogue(path: Path) -> tuple[bytes, Catalogue]:
    """The catalogue of fields, checked, and its source."""
    source, catalogue = read_file(path, Catalogue)
    refuse(path, source, check_catalogue(catalogue))
    return source, catalogue


def make(document: Document, catalogue: Catalogue, source: bytes, catalogue_source: bytes) -> Syntax:
    """A document that has been checked, ready to read."""
    digest = hashlib.sha256(hashlib.sha256(source).digest() + hashlib.sha256(catalogue_source).digest())
    return Syntax(document, catalogue, digest.hexdigest())


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
    for path in files_of(listed):
        try:
            loaded.append((path, load(path)))
        except SyntaxFileError as error:
            findings += error.findings
    findings += check_versions(loaded)
    if not loaded and not findings:
        findings.append(no_file(listed))
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
                why = "nhật ký ghi mỗi tin được đọc theo phiên bản nào"
                findings.append(_of_version(path, "version", what, "đặt version khác cho một tệp", why))
            if syntax.effective_from == other.effective_from:
                what = f"ngày bắt đầu {written(syntax.effective_from)} trùng với {other_path.name}"
                why = "không biết ngày ấy phiên bản nào có hiệu lực"
                findings.append(
                    _of_version(path, "effective_from", what, "mỗi phiên bản bắt đầu vào một ngày khác nhau", why)
                )
        if syntax.time_zone != loaded[0][1].time_zone:
            what = f"múi giờ {syntax.time_zone} khác với {loaded[0][0].name} ({loaded[0][1].time_zone})"
            why = "ngày này nối ngày kia phải theo cùng một múi giờ"
            findings.append(_of_version(path, "time_zone", what, "ghi cùng một time_zone", why))
    return findings


def _of_version(path: Path, key: str, what: str, mend: str, why: str) -> Finding:
    return place_in(path, path.read_bytes(), [Problem((key,), what, mend, why=why)])[0]


def written(day: dt.date) -> str:
    """A day as findings write it."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def files_of(paths: Iterable[Path | str]) -> list[Path]:
    """The syntax files that are meant, each once: the files given, and those of the folders given."""
    files: list[Path] = []
    for path in map(Path, paths):
        files += [file for file in _toml(path) if file.name != FIELDS.name] if path.is_dir() else [path]
    return list(dict.fromkeys(files))


def _toml(folder: Path) -> list[Path]:
    """The TOML files of a folder, in the order of their names. In capitals too: a version must not be passed over in silence.
    Without hidden ones, which are what editors and other systems leave beside a file.
    """
    return sorted(file for file in folder.glob("[!.]*") if file.suffix.lower() == ".toml")


def no_file(paths: Iterable[Path | str]) -> Finding:
    """What is said of a folder without any."""
    why = "không có cú pháp thì không hiểu được tin nào"
    return Finding(", ".join(map(str, paths)), None, "không có tệp cú pháp nào", "đặt tệp cú pháp vào thư mục này", why)


def catalogue_of(path: Path) -> Path:
    """The catalogue of fields that goes with a syntax file. One that is a link to nowhere was meant, and is refused later."""
    beside = path.with_name(FIELDS.name)
    return beside if os.path.lexists(beside) else FIELDS


def example_files(path: Path, source: bytes, document: Document) -> list[Path]:
    """The files of the example folder that a document names. Raises SyntaxFileError where it has none."""
    if document.example_folder is None:
        return []
    place = ("example_folder",)
    why = "mọi ví dụ được đọc thử mỗi lần nạp"
    try:
        folder = path.parent / document.example_folder
        files = _toml(folder / "good") + _toml(folder / "bad")
    except (OSError, ValueError) as error:
        what = f"không đọc được thư mục ví dụ: {error}"
        raise SyntaxFileError(place_in(path, source, [Problem(place, what, "sửa đường dẫn", why=why)])) from error
    if not files:
        refuse(
            path,
            source,
            [Problem(place, f"không thấy tệp ví dụ nào ở {folder}", "sửa đường dẫn hoặc bỏ khóa này", why=why)],
        )
    if len(files) > EXAMPLE_FILES_MAX:
        refuse(path, source, [Problem(place, f"thư mục có quá {EXAMPLE_FILES_MAX} tệp ví dụ", "gộp bớt tệp", why=why)])
    return files


def try_example_file(examples: ExampleFile, syntax: Syntax) -> Iterator[Problem]:
    """What is wrong with the examples of a file of their own."""
    too_many = list(check_examples(examples.examples))
    yield from too_many or try_examples(examples.examples, syntax)


def read_file(path: Path, type_: type[T]) -> tuple[bytes, T]:
    """A file's source and what it says. Raises SyntaxFileError where it has not the shape of the type."""
    try:
        if path.exists() and not (
            path.is_file() or path.is_dir()
        ):  # a pipe would keep us waiting; a folder says so itself
            raise SyntaxFileError([Finding(path.name, None, "đây không phải là tệp", "sửa đường dẫn", _NO_FILE)])
        with path.open("rb") as file:
            source = file.read(FILE_OCTETS_MAX + 1)
    except (OSError, ValueError) as error:
        raise SyntaxFileError([_unread(path, error)]) from error
    if len(source) > FILE_OCTETS_MAX:
        raise SyntaxFileError(
            [Finding(path.name, None, f"tệp lớn hơn {FILE_OCTETS_MAX} byte", "kiểm tra lại tệp", _NO_FILE)]
        )
    document = shape(source, type_)
    if isinstance(document, list):
        raise SyntaxFileError(place_in(path, source, document))
    return source, document


def _unread(path: Path, error: OSError | ValueError) -> Finding:
    """Why a file cannot be read, in the words of whoever named it."""
    if isinstance(error, FileNotFoundError):
        return Finding(path.name, None, "không có tệp này", f"kiểm tra lại đường dẫn: {path}", _NO_FILE)
    if isinstance(error, IsADirectoryError):
        return Finding(path.name, None, "đây là thư mục, không phải tệp", "ghi đường dẫn đến một tệp", _NO_FILE)
    if isinstance(error, PermissionError):
        return Finding(
            path.name, None, "không có quyền đọc tệp này", "xin quyền đọc, hoặc chép tệp ra chỗ khác", _NO_FILE
        )
    return Finding(path.name, None, f"không đọc được tệp: {error}", "sửa đường dẫn", _NO_FILE)


def refuse(path: Path, source: bytes, problems: Iterable[Problem]) -> None:
    """Raises SyntaxFileError if there is any error among them."""
    if findings := place_in(path, source, (problem for problem in problems if problem.severity == "error")):
        raise SyntaxFileError(findings)
