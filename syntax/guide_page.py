"""The citizens' guide as one page of HTML to print and hang up: A4 upright, all in one file, nothing fetched.

Looks like the notices of an office: the authority on the left, the national name and motto on the right, then what to
text, in letters that are read from a metre. `guide.css` lays it out, on paper and on a phone's screen. Every word of the file is
escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Final

from syntax.guide import Addition, Block, Exchange, Form, Notice, Pieces, notice
from syntax.guide_text import COUNTRY
from syntax.language import Syntax

STYLE: Final = Path(__file__).with_name("guide.css")

_DIGITS_APART: Final = re.compile(r"(?<=[0-9]) (?=[0-9])")


def guide_html(syntax: Syntax) -> str:
    """The guide to a syntax, a whole HTML document."""
    said = notice(syntax)
    return f"""<!DOCTYPE html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(said.title)}</title>
<style>
{STYLE.read_text("utf-8")}</style>
</head>
<body>
<main>
{_head(said)}
<h1>{escape(said.title)}</h1>
<p class="introduction">{_running(said.introduction)}</p>
{_suspended(said)}{_number_and_example(said)}
{_section("commands", "<span>Soạn tin</span><span>Nội dung trả lời</span>", map(_block, said.blocks))}
<div class="last">
{_section("additions", "Có thể viết thêm ở cuối", map(_addition, said.additions))}
{_section("notes", "Lưu ý", (f"<p>{_running(note)}</p>" for note in said.notes))}
</div>
{_foot(said)}
</main>
</body>
</html>
"""


def _head(said: Notice) -> str:
    superior = f'<span class="superior">{escape(said.superior.upper())}</span>' if said.superior else ""
    country, motto = COUNTRY
    return f"""<header>
<p class="office">{superior}<b>{escape(said.authority.upper())}</b></p>
<p class="country"><b>{country}</b><b class="motto">{motto}</b></p>
</header>"""


def _suspended(said: Notice) -> str:
    return f'<p class="suspended"><b>Đang tạm ngừng.</b> {escape(said.suspended)}</p>\n' if said.suspended else ""


def _number_and_example(said: Notice) -> str:
    codes = "".join(
        f'<b class="short-code" style="--digits: {len(code)}">{escape(code)}</b>' for code in said.short_codes
    )
    fee = f"<p>{escape(said.fee)}</p>" if said.fee else ""
    examples = "".join(map(_exchange, said.exchanges))
    return f"""<div class="hero">
<div class="number"><span>Soạn tin như dưới đây rồi gửi đến số</span>{codes}{fee}</div>
{f'<div class="examples"><h2>Ví dụ</h2><div>{examples}</div></div>' if examples else ""}
</div>"""


def _exchange(exchange: Exchange) -> str:
    return (
        f'<div class="exchange"><p class="sent">{escape(exchange.message)}</p>'
        f'<p class="received">{escape(exchange.reply)}</p></div>'
    )


def _block(block: Block) -> str:
    mark = ' <span class="mark">Đang tạm ngừng</span>' if block.suspended else ""
    title = f"<h3>{escape(block.title)}{mark}</h3>"
    fee = f'<p class="gets">{escape(block.fee)}.</p>' if block.fee else ""
    if len(block.forms) == 1:
        return f"<article>{_form(block.forms[0], title, fee)}</article>"
    rows = [_form(form) for form in block.forms]
    if block.several:
        rows.append(_row(_message(block.several), '<p class="gets"><em>Hỏi nhiều mục trong một tin</em></p>'))
    return f"<article>{title}{''.join(rows)}{fee}</article>"


def _form(form: Form, before: str = "", after: str = "") -> str:
    labels = ";</span> <span>".join(map(escape, form.gets))
    gets = f'<p class="gets"><span>{labels}</span></p>' if form.gets else ""
    return _row(_message(form.pieces), before + gets + after)


def _row(message: str, told: str) -> str:
    return f'<div class="form"><p>{message}</p><div>{told}</div></div>'


def _addition(addition: Addition) -> str:
    after = f' <span class="after">(sau {escape(", ".join(addition.commands))})</span>' if addition.commands else ""
    return f"<p>{_message(addition.pieces)} {escape(addition.meaning)}{after}</p>"


def _foot(said: Notice) -> str:
    contact = f'<p class="contact">{_running(said.contact)}</p>' if said.contact else ""
    return f'<footer>{contact}<p class="validity">{escape(". ".join(said.validity))}.</p></footer>'


def _message(message: Pieces | str) -> str:
    """Words as they are to be typed; what stands for a value is set apart."""
    if isinstance(message, str):
        return f"<kbd>{escape(message)}</kbd>"
    pieces = (f"<i>{escape(piece.text)}</i>" if piece.field else escape(piece.text) for piece in message)
    return f"<kbd>{' '.join(pieces)}</kbd>"


def _running(text: str) -> str:
    """Words of the file, with no line break inside a telephone number."""
    return escape(_DIGITS_APART.sub("\N{NO-BREAK SPACE}", text))


def _section(name: str, heading: str, parts: Iterable[str]) -> str:
    return f'<section class="{name}"><h2>{heading}</h2>\n{inner}\n</section>' if (inner := "\n".join(parts)) else ""
