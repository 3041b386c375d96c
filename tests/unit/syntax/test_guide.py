"""What the citizens' guide says, as a page and as plain text: all of the file, nothing that the file does not say."""

import re
import unicodedata
from html.parser import HTMLParser

import pytest

from syntax import REFERENCE, Read, load
from syntax.guide import ALL_ABOVE, notice
from syntax.guide_page import guide_html
from syntax.guide_text import COUNTRY, WIDTH, guide_text, written

C06 = REFERENCE.read_text("utf-8")

OTHER = """
authority = "Công an phường Bến Đò"
version = "thu-1"
effective_from = 2027-05-01
effective_until = 2027-12-31
grace_until = 2027-06-30
short_codes = ["8179", "6179"]
time_zone = "Asia/Ho_Chi_Minh"
segments_max = 5

[texts]
refusal = "Số điện thoại hoặc công dân không tồn tại."
misread = "Sai cú pháp. {usage}"
busy = "Hệ thống bận."
over_quota = "Quá số lần."
suspended = "Dịch vụ {short_code} tạm ngừng."
retired = "Cú pháp cũ. {usage}"
cut = "(Còn nữa.)"

[views.who]
fields = ["full_name", "date_of_birth"]

[views.card]
fields = ["old_id_number"]

[views.home]
fields = ["permanent_residence"]

[[commands]]
name = "check"
keyword = "KIỂM TRA"
title = "Kiểm tra & so sánh"
answers = "record"
view = "who"
fee = 1500
parameters = [
  { kind = "date" },
  { kind = "choice", optional = true, options = [
    { words = ["THẺ"], view = "card" }, { words = ["NHÀ"], view = "home" } ] },
]
usage = "Soạn KT và ngày sinh gửi {short_code}."

[[commands]]
name = "accented"
keyword = "CD"
title = "Luôn có dấu"
answers = "record"
view = "home"
accented = true
parameters = [{ kind = "accents", words = ["DẤU"] }, { kind = "old_id", optional = true }]
usage = "Soạn CD gửi {short_code}."

[guide]
title = "Hỏi <nhanh>"
introduction = "Nhắn tới {short_code}."

[guide.sample]
full_name = "Trần Thị B"
date_of_birth = "01/02/1990"
"""


@pytest.fixture
def made(tmp_path):
    """Loads a syntax file with changes made to its text; examples are left out."""

    def make(source=C06, **changes):
        source = source.split("\n[[examples]]")[0].replace('example_folder = "examples"', "")
        for old, new in changes.get("edits", ()):
            assert old in source
            source = source.replace(old, new, 1)
        (tmp_path / "file.toml").write_text(source, "utf-8")
        return load(tmp_path / "file.toml")

    return make


@pytest.fixture(scope="module")
def c06():
    return load(REFERENCE)


class Page(HTMLParser):
    """The text of a page, its tags and whether each is closed."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.said, self.attributes = [], [], [], []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.said.append(data)

    @property
    def text(self):
        return joined(" ".join(self.said))


def joined(text):
    return " ".join(text.split())


def both(syntax):
    """The words of the page and those of the plain text, blanks aside."""
    return Page(guide_html(syntax)).text, joined(guide_text(syntax))


# ---- what the commands say -------------------------------------------------------------------------------------------


def asked(pieces, syntax):
    return " ".join(syntax.document.guide.sample.get(piece.field, piece.text) for piece in pieces)


@pytest.mark.parametrize("source", [C06, OTHER], ids=["c06", "other"])
def test_every_message_reads_as_printed(made, source):
    """What the guide says to text is that command to the parser, and is answered by the fields that it names."""
    syntax = made(source)
    labels = {field.label: code for code, field in syntax.catalogue.fields.items()}
    for command, block in zip(syntax.document.commands, notice(syntax).blocks, strict=True):
        assert block.title == command.title
        for form in block.forms:
            reading = syntax.read(asked(form.pieces, syntax))
            assert isinstance(reading, Read)
            assert reading.command == command.name
            if ALL_ABOVE not in form.gets:
                assert tuple(labels[label] for label in form.gets) == reading.view.fields
        if block.several:
            assert len(dict(syntax.read(block.several).conditions)) == 0
            assert "+" in syntax.read(block.several).view.code


def test_every_addition_reads_as_printed(c06):
    """What may be written behind a command does what the guide says, behind each command that it names."""
    said = notice(c06)
    additions = {addition.meaning: addition for addition in said.additions}
    assert [written(addition.pieces) for addition in said.additions] == ["<số định danh>", "DAU", "TRANG 2"]
    keywords = {"DC": "DC", "DC MUC": "DC MUC SINH", "DC TB": "DC TB", "DC HD": "DC HD"}
    for addition in additions.values():
        for keyword in addition.commands or keywords:
            reading = c06.read(f"{keywords[keyword]} {asked(addition.pieces, c06)}")
            assert isinstance(reading, Read)
            assert reading.accented == ("dấu" in addition.meaning)
            assert (reading.page == 2) == ("trang 2" in addition.meaning)
            assert bool(reading.conditions) == ("của người nhắn" in addition.meaning)


def test_every_field_is_named(c06):
    """All that a command discloses stands in the guide by its label."""
    for text in both(c06):
        for view in c06.views.values():
            for code in view.fields:
                assert c06.catalogue.fields[code].label in text


def test_a_command_that_answers_all_above(c06):
    """The fields that were listed are not listed again; those that come on top are."""
    full = notice(c06).blocks[2]
    assert full.forms[0].gets == (ALL_ABOVE, "Tên gọi khác", "Quốc tịch")


def test_choices_and_values_that_must_be_typed(made):
    """A choice that may be left out has a form without it; a value that must be typed is named in its place."""
    check, accented = notice(made(OTHER)).blocks
    assert [written(form.pieces) for form in check.forms] == [
        "KIEM TRA <ngày sinh>",
        "KIEM TRA <ngày sinh> THE",
        "KIEM TRA <ngày sinh> NHA",
    ]
    assert [form.gets for form in check.forms] == [
        ("Họ, chữ đệm và tên khai sinh", "Ngày, tháng, năm sinh"),
        ("Số chứng minh nhân dân 9 số",),
        ("Nơi thường trú",),
    ]
    assert [written(form.pieces) for form in accented.forms] == ["CD"]


def test_no_word_for_accents_where_they_come_anyway(made):
    """A command that always answers with accents needs no word for them."""
    additions = notice(made(OTHER)).additions
    assert [(written(addition.pieces), addition.commands) for addition in additions] == [("<số CMND>", ("CD",))]


def test_commands_that_are_not_for_the_guide(made):
    """`in_guide = false` keeps a command out, with what may be written behind it alone."""
    syntax = made(edits=[('name = "items"\n', 'name = "items"\nin_guide = false\n')])
    for text in both(syntax):
        assert "DC MUC" not in text
        assert "Chỉ xem những mục cần biết" not in text
        assert "DC TB" in text


def test_a_guide_to_nothing(made):
    """A file that keeps every command out of the guide still has one: who, where, until when."""
    source = OTHER.replace("usage = ", "in_guide = false\nusage = ")
    for text in both(made(source)):
        assert "Soạn tin như dưới đây" in text
        assert "KIEM TRA" not in text
        assert "cách soạn tin" not in text.casefold()


def test_no_controls(made):
    """A control character of the file reaches neither page nor terminal."""
    edits = [("Luôn có dấu", "Luôn\\u001b[31m có dấu"), ("Hỏi <nhanh>", "Hỏi\\u0007")]
    syntax = made(OTHER, edits=edits)
    for text in (guide_html(syntax), guide_text(syntax)):
        assert not {c for c in text if unicodedata.category(c) == "Cc"} - {"\n"}


def test_a_suspended_command(made):
    """It stays, marked, so that nobody misses what hung there before."""
    syntax = made(edits=[('name = "items"\n', 'name = "items"\nsuspended = true\n')])
    assert [block.suspended for block in notice(syntax).blocks] == [False, True, False, False]
    for text in both(syntax):
        assert text.casefold().count("đang tạm ngừng") == 1


def test_a_suspended_service(made):
    """Every command is marked, the file's own words are said, and no example promises an answer."""
    syntax = made(OTHER, edits=[("segments_max", "suspended = true\nsegments_max")])
    assert notice(syntax).exchanges == ()
    for text in both(syntax):
        assert "Dịch vụ 8179 tạm ngừng." in text
        assert text.casefold().count("đang tạm ngừng") == 3


# ---- the example -----------------------------------------------------------------------------------------------------


def test_the_example_is_what_would_be_sent(c06):
    """It comes from the parser and the composer, for the citizen of the file."""
    plain, accented = notice(c06).exchanges
    assert plain.message == "DC"
    assert plain.reply.startswith("Ho ten: Nguyen Van A\nSinh: 14/02/1985\n")
    assert accented.message == "DC DAU"
    assert accented.reply.startswith("Họ tên: Nguyễn Văn A\nNgày sinh: 14/02/1985\n")


def test_an_example_with_a_value(made):
    """What must be typed is the made-up citizen's own, or it would be refused."""
    (exchange,) = notice(made(OTHER)).exchanges
    assert exchange.message == "KIEM TRA 01/02/1990"
    assert exchange.reply == "Ho ten: Tran Thi B\nSinh: 01/02/1990"


@pytest.mark.parametrize("born", ["1990", "31/02/1990"])
def test_no_example_where_none_would_be_answered(made, born):
    """A command whose value the sample lacks is passed over; nobody is shown a refusal or an empty reply."""
    syntax = made(OTHER, edits=[('"01/02/1990"', f'"{born}"')])
    assert notice(syntax).exchanges == ()
    assert "Ví dụ" not in guide_html(syntax)
    assert "VÍ DỤ" not in guide_text(syntax)


# ---- the rest of the file --------------------------------------------------------------------------------------------


def test_what_the_file_says_is_said(c06):
    """Title, introduction, notes, contact, authority, day and version; nothing with braces left."""
    guide = c06.document.guide
    for text in both(c06):
        folded = text.casefold().replace("\N{NO-BREAK SPACE}", " ")
        for words in (
            guide.title,
            guide.contact,
            *guide.notes,
            *COUNTRY,
            "Bộ Công an",
            "01/01/2026",
            "Phiên bản 2026.1",
        ):
            assert words.casefold() in folded
        assert "nhắn tin đến 5505 để xem" in text
        assert "{" not in text


def test_days(made):
    """The first day, the last one, and how long the old way still works."""
    for text in both(made(OTHER)):
        assert "Có hiệu lực từ ngày 01/05/2027 đến hết ngày 31/12/2027" in text
        assert "Tin soạn theo cách cũ còn được trả lời đến hết ngày 30/06/2027" in text


def test_fees(made, c06):
    """One fee for all commands is said once; else each command has its own."""
    for text in both(c06):
        assert text.count("Không thu phí tra cứu") == 1
    for text in both(made(OTHER)):
        assert text.count("Phí mỗi lần được trả lời: 1.500 đồng") == 1
        assert text.count("Không thu phí tra cứu") == 1


@pytest.mark.parametrize(
    ("authority", "told"),
    [("Công an phường Bến Đò", ("Công an phường Bến Đò", "")), ("Đội A, Phòng B, Bộ C", ("Đội A, Phòng B", "Bộ C"))],
)
def test_the_authority(made, authority, told):
    """What stands behind the last comma is the body above it."""
    said = notice(made(OTHER, edits=[("Công an phường Bến Đò", authority)]))
    assert (said.authority, said.superior) == told


def test_several_short_codes(made):
    """All of them are named, the first where a message is printed."""
    page, text = both(made(OTHER))
    assert "8179 6179" in page
    assert "8179 hoặc 6179" in text


# ---- page and text ---------------------------------------------------------------------------------------------------


def test_nothing_of_the_file_is_markup(made):
    """Every text of the file is escaped: what looks like markup is shown as it was written."""
    nasty = """<script>alert("1")</script> & 'x'"""
    written_in_file = nasty.replace('"', '\\"')
    edits = [
        ("Công an phường Bến Đò", written_in_file),
        ("Kiểm tra & so sánh", written_in_file),
        ("Hỏi <nhanh>", written_in_file),
        ("Nhắn tới {short_code}.", written_in_file + '"\ncontact = "' + written_in_file + '"\nnotes = ["' + written_in_file + '"]\n#"'),
        ("Trần Thị B", written_in_file),
    ]  # fmt: skip
    page = Page(guide_html(made(OTHER, edits=edits)))
    assert "script" not in page.tags
    assert page.text.count(nasty) == 7  # the title stands in the head, too
    assert nasty.upper() in page.text
    assert "Ho ten: <script>" in page.text


def test_the_page_fetches_nothing(c06):
    """One file: no script, no picture, no address."""
    page = guide_html(c06)
    assert not {"script", "img", "link", "iframe"} & {*Page(page).tags}
    assert not re.search(r"https?:|url\(|@import|src=|href=", page)
    assert dict(Page(page).attributes)["lang"] == "vi"


@pytest.mark.parametrize("source", [C06, OTHER], ids=["c06", "other"])
def test_plain_text(made, source):
    """Composed letters, lines of the promised width, no blanks at their ends, one line feed at the end."""
    text = guide_text(made(source))
    assert unicodedata.is_normalized("NFC", text)
    assert all(len(line) <= WIDTH and line == line.rstrip() for line in text.split("\n"))
    assert text.endswith(".\n")
    assert "\n\n\n" not in text
