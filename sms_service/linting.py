"""The linter's report, told in Vietnamese to those who keep the syntax file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from syntax.findings import Severity, folded
from syntax.lengths import Length
from syntax.lint import Report

_SEVERITIES: Final[dict[Severity, str]] = {"error": "LỖI", "warning": "cảnh báo", "note": "lưu ý"}
"""How a finding's severity is called."""


def told(report: Report, *, whole: bool = False) -> Iterator[str]:
    """The findings, then how long the replies are if the files can be used, then a sentence that counts.

    Args:
        report: what the linter found.
        whole: each example that fails; else the first of a command, and how many more there are.
    """
    for finding in report.findings if whole else folded(report.findings):
        where = finding.file if finding.line is None else f"{finding.file}:{finding.line}"
        yield f"{where}: {_SEVERITIES[finding.severity]}: {finding.what}"
        if finding.why:
            yield f"    Vì sao:   {finding.why}"
        yield f"    Cách sửa: {finding.mend}"
        yield ""
    lengths = () if report.errors else report.lengths
    if lengths:
        yield "Độ dài tin trả lời, tính bằng tin nhắn đơn:"
    for length in lengths:
        yield f"  {length.file}, lệnh {length.command}, nhóm mục {length.view}:"
        yield f"    không dấu: {_length_told(length.unaccented)}"
        yield f"    có dấu:    {_length_told(length.accented)}"
    if lengths:
        yield ""
    counts = Counter(finding.severity for finding in report.findings)
    verdict = "KHÔNG dùng được" if report.errors else "dùng được"
    counted = ", ".join(f"{counts[severity]} {name.lower()}" for severity, name in _SEVERITIES.items())
    yield f"Kết luận: {verdict} ({counted})."


def _length_told(length: Length) -> str:
    pages = f", chia {length.pages} trang" if length.pages > 1 else ""
    cut = ", BỊ LƯỢC BỚT vì lệnh không có trang" if length.cut else ""
    told = f"dài nhất {length.segments}{pages}{cut}"
    if (measured := length.measured) is not None:
        share = f"{measured.over_one:.1%}".replace(".", ",")
        told += (
            f"; đo trên {measured.records} công dân mẫu: từ {measured.minimum} đến {measured.maximum}, "
            f"thường gặp {measured.median:g}, {share} dài hơn một tin"
        )
    return told
