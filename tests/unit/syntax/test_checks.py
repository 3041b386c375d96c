"""Each fault that a hand can make in the file is found, at its line, with its remedy."""

import datetime as dt

import pytest

from syntax import FIELDS, REFERENCE, load

FAULTS = {
    "unknown field": ('"sex", ', '"sexx", ', "không có mục “sexx”"),
    "field twice": ('"sex", ', '"sex", "sex", ', "mục “sex” ghi 2 lần"),
    "sensitive field": (
        '"sex", ',
        '"sex", "religion", ',
        "mục “religion” là thông tin nhạy cảm hoặc của người khác",
    ),
    "third-party field": (
        '"sex", ',
        '"sex", "relatives", ',
        "mục “relatives” là thông tin nhạy cảm hoặc của người khác",
    ),
    "ordinary field declared": (
        '"permanent_residence"]',
        '"permanent_residence"]\ndiscloses = ["sex"]',
        "“sex” không phải mục được bảo vệ có trong fields",
    ),
    "field declared but absent": (
        '"permanent_residence"]',
        '"permanent_residence"]\ndiscloses = ["religion"]',
        "“religion” không phải mục được bảo vệ có trong fields",
    ),
    "unknown view": ('view = "basic"', 'view = "basics"', "không có nhóm mục “basics”"),
    "command name twice": ('name = "help"', 'name = "own_record"', "hai lệnh cùng tên “own_record”"),
    "keyword twice": ('keyword = "DC HD"', 'keyword = "đc"', "từ khóa “đc” đã dùng ở một lệnh trước"),
    "alias is another's keyword": (
        'aliases = ["DC HƯỚNG DẪN"',
        'aliases = ["D C"',
        "từ khóa “D C” đã dùng ở một lệnh trước",
    ),
    "keyword of signs": ('keyword = "DC HD"', 'keyword = "**"', "“**” không dùng làm từ khóa được"),
    "keyword starts with a digit": ('keyword = "DC HD"', 'keyword = "1C HD"', "“1C HD” không dùng làm từ khóa được"),
    "keyword of another script": ('keyword = "DC HD"', 'keyword = "ДС"', "“ДС” không dùng làm từ khóa được"),
    "word for accents of signs": ('words = ["DẤU"', 'words = ["?"', "“?” không dùng làm từ khóa được"),
    "parameter twice": (
        '{ kind = "citizen_id", optional = true },',
        '{ kind = "accents", words = ["X"] },',
        "hai tham số cùng tên “accents”",
    ),
    "two pages": (
        '{ kind = "citizen_id", optional = true },',
        '{ kind = "page", words = ["TỜ"], name = "sheet" }, { kind = "page", words = ["TẬP"], name = "volume" },',
        "hai tham số kiểu page",
    ),
    "parameters of one given name": (
        '{ kind = "citizen_id", optional = true },',
        '{ kind = "citizen_id", optional = true, name = "accents" },',
        "hai tham số cùng tên “accents”",
    ),
    "nothing to compare with": (
        '{ kind = "citizen_id", optional = true },',
        '{ kind = "citizen_id", optional = true, equals = "so_dinh_danh" },',
        "không có mục “so_dinh_danh” để so sánh",
    ),
    "a date that is compared with none": (
        '{ kind = "citizen_id", optional = true },',
        '{ kind = "date", equals = "full_name", optional = true },',
        "so với mục “full_name”, không phải là ngày",
    ),
    "too many texts": (
        '{ kind = "citizen_id", optional = true },',
        '{ kind = "text", equals = "full_name", repeated = true },',
        "một tin có quá 2 tham số kiểu text",
    ),
    "option of an unknown view": ('view = "birth" }', 'view = "brith" }', "không có nhóm mục “brith”"),
    "option's word of signs": ('words = ["SINH"', 'words = ["!"', "“!” không dùng làm từ khóa được"),
    "word of two options": ('words = ["THẺ"', 'words = ["sinh"', "lựa chọn “sinh” thuộc về hai nhóm mục"),
    "help with a number": (
        'parameters = [{ kind = "accents"',
        'parameters = [{ kind = "citizen_id" }, { kind = "accents"',
        "lệnh trả lời bằng lời văn không dùng tham số nào ngoài accents",
    ),
    "unknown time zone": ('"Asia/Ho_Chi_Minh"', '"Asia/Saigoon"', "không có múi giờ “Asia/Saigoon”"),
    "short code twice": ('["5505"]', '["5505", "5505"]', "đầu số 5505 ghi 2 lần"),
    "grace before the beginning": (
        "# grace_until = 2026-03-31",
        "grace_until = 2025-12-31",
        "hạn dùng cú pháp cũ đứng trước ngày bắt đầu",
    ),
    "ambiguous commands": (
        'aliases = ["DC HƯỚNG DẪN"',
        'aliases = ["DC DẤU"',
        "tin “DC DAU” vừa là lệnh “own_record” vừa là lệnh “help”",
    ),
    "sign outside GSM": (
        'Vui lòng nhắn lại sau ít phút."',
        'Vui lòng nhắn lại sau [ít phút]."',
        "có ký tự không gửi được",
    ),
    "emoji": ('busy = "', 'busy = "🙏 ', "có ký tự không gửi được qua mọi nhà mạng: 🙏"),
    "unknown placeholder": ('busy = "', 'busy = "{name} ', "không có gì để ghi vào chỗ {name}"),
    "misread without usage": (" {usage}", "", "lời báo sai cú pháp không chỉ cách dùng"),
    "refusal of two segments": (
        "công dân không tồn tại.",
        "công dân không tồn tại." * 8,
        "lời từ chối dài quá một tin nhắn",
    ),
    "retired without usage": ('hết hiệu lực. {usage}"', 'hết hiệu lực."', "lời báo cú pháp cũ không chỉ cách dùng mới"),
    "more without the next": ("soạn {next} gửi", "gửi", "lời báo còn trang sau không chỉ cách xem tiếp"),
    "accents where none are wanted": (
        'busy = "Hệ thống đang bận, chưa tra cứu được. Vui lòng nhắn lại sau ít phút."',
        'busy = { accented = "Bận", unaccented = "Bận" }',
        "cách viết không dấu (unaccented) còn chữ có dấu",
    ),
    "text over the budget": ('busy = "', 'busy = "' + "bận " * 200, "lời văn dài quá 5 tin nhắn"),
    "help over the budget with accents": ('text = """', 'text = """' + "giúp " * 60, "lời văn dài quá 5 tin nhắn"),
    "head leaves no room": ('cut = "', 'head = "' + "đầu " * 60 + '"\ncut = "', "khi dài nhất không vừa 5 tin nhắn"),
    "room by what is sent without accents": (
        'foot = "Sai? Gọi 19000368"',
        'foot = { accented = "Sai?", unaccented = "' + "Sai thi goi " * 58 + '" }',
        "mục “permanent_residence” khi dài nhất không vừa 5 tin nhắn",
    ),
    "room with the way to the next page": (
        'more = "Trang {page}/{pages}. Xem tiếp: soạn {next} gửi {short_code}"',
        'more = "' + "đi " * 75 + '{next}"',
        "mục “card_issue_place” khi dài nhất không vừa 5 tin nhắn",
    ),
    "title with what nothing fills": (
        'title = "Xem toàn',
        'title = "{usage} Xem toàn',
        "không có gì để ghi vào chỗ {usage}",
    ),
    "guide with what nothing fills": ("nhắn tin đến {short_code}", "nhắn tin đến {Short_code}", "vào chỗ {Short_code}"),
    "note with a brace": ('"Viết hoa hay', '"{Viết hoa hay', "không có gì để ghi vào chỗ {"),
    "ends before it begins": (
        "short_codes",
        "effective_until = 2025-12-31\nshort_codes",
        "ngày hết hiệu lực đứng trước ngày bắt đầu",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_finds(findings, fault):
    """A fault sown into the reference is told, at a line of the file, with a way to mend it."""
    old, new, what = FAULTS[fault]

    found = [finding for finding in findings(old, new) if what in finding.what]

    assert found
    assert all(finding.line is not None and finding.mend and finding.why for finding in found)


@pytest.mark.parametrize("missing", ["refusal", "misread", "busy", "over_quota", "suspended", "retired", "cut"])
def test_finds_a_missing_text(findings, missing):
    """Each ending needs its words."""
    (finding,) = findings(f"{missing} = ", f"# {missing} = ")

    assert finding.what == f"thiếu khóa “{missing}”"


def test_a_protected_field_may_be_disclosed_in_so_many_words(sown):
    """With the field declared, the view loads and discloses it."""
    path = sown(
        '["full_name", "date_of_birth", "sex", "citizen_id", "permanent_residence"]',
        '["religion"]\ndiscloses = ["religion"]',
    )

    syntax = load(path)

    reply = syntax.reply_record(syntax.read("DC"), {"religion": "Không"})
    assert reply.text.splitlines()[0] == "Ton giao: Khong"
    assert reply.fields == ("religion",)


def test_a_last_day_in_force_is_read(sown):
    """One day is the shortest that a syntax can be in force."""
    path = sown("short_codes", "effective_until = 2026-01-01\nshort_codes")

    assert load(path).effective_until == dt.date(2026, 1, 1)


CATALOGUE_FAULTS = {
    "item left out": ("items = 26", "items = 27", "khoản 27 Điều 9 của luật “can_cuoc_2023” không khớp"),
    "item beyond the law": ("items = 18", "items = 17", "khoản 18 Điều 9 của luật “can_cuoc_cong_dan_2014” không khớp"),
    "unknown law": ("{ can_cuoc_cong_dan_2014 = 1,", "{ luat_1999 = 1,", "không có luật “luat_1999”"),
    "label that cannot be sent": ('short_label = "Họ tên"', 'short_label = "Họ_tên"', "mọi nhà mạng: _"),
    "unknown kind": ('kind = "text"', 'kind = "txt"', "không có lựa chọn “txt”"),
    "unknown protection": ('protection = "sensitive"', 'protection = "secret"', "không có lựa chọn “secret”"),
}


@pytest.mark.parametrize("fault", CATALOGUE_FAULTS)
def test_finds_in_the_catalogue(findings, fault):
    """A fault sown into the catalogue is told in its own file."""
    old, new, what = CATALOGUE_FAULTS[fault]

    found = [finding for finding in findings(old, new, source=FIELDS) if what in finding.what]

    assert found
    assert {finding.file for finding in found} == {"fields.toml"}
    assert all(finding.line is not None for finding in found)


def test_words_without_end_are_refused(findings):
    """Each letter costs time in making the parser, so a file has so many of them at most."""
    aliases = ", ".join(f'"{"X" * 50}{letter}{other}"' for letter in "ABCDE" for other in "ABCD")
    commands = "".join(
        f'[[commands]]\nname = "c{n}"\nkeyword = "K{n} {"Y" * 50}"\nanswers = "help"\ntext = "x"\nusage = "x"\ntitle = "x"\n'
        f"aliases = [{aliases.replace('X', 'ABCDEFGH'[n])}]\n"
        for n in range(5)
    )

    assert any("quá 2500" in finding.what for finding in findings("[guide]", commands + "\n[guide]"))


def test_examples_without_end_are_refused(findings):
    """Each is read whenever the file is loaded."""
    texts = ", ".join(['"DC"'] * 5001)

    (finding,) = findings('texts = ["DC HD", "Hướng dẫn"]', f"texts = [{texts}]")

    assert "quá 5000 tin ví dụ" in finding.what


def test_the_catalogue_holds_both_laws(reference):
    """18 items of the law of 2014 and 26 of that of 2023, under codes that serve as column names."""
    from syntax.model import Catalogue
    from syntax.shape import shape

    catalogue = shape(FIELDS.read_bytes(), Catalogue)

    assert [law.items for law in catalogue.laws.values()] == [18, 26]
    assert {code for code, field in catalogue.fields.items() if field.protection == "third_party"} == {
        "relatives",
        "household",
    }
    assert {code for code, field in catalogue.fields.items() if field.protection == "sensitive"} >= {
        "ethnicity",
        "religion",
        "blood_type",
    }
    assert REFERENCE.exists()


@pytest.mark.parametrize(
    ("typed", "mend"),
    [
        ("full_nam", "sửa thành “full_name”"),
        ("ho ten", "mã của mục này là “full_name”"),
        ("Họ tên", "mã của mục này là “full_name”"),
        ("Nhóm máu", "mã của mục này là “blood_type”"),
        ("zzz", "dùng một mã có ở fields.toml"),
    ],
)
def test_a_code_is_named_by_what_stands_in_its_place(findings, typed, mend):
    """By the label, which is what an author knows; or by likeness."""
    (finding,) = [f for f in findings('"sex", ', f'"{typed}", ') if "không có mục" in f.what]
    assert mend in finding.mend
