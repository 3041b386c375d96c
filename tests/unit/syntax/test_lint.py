"""Each fault that a hand can sow into the files is found: at its line, with its reason and a way to mend it."""

import pytest

from syntax import FIELDS, REFERENCE, load
from syntax.lint import lint

NUMBER = '{ kind = "citizen_id", optional = true },'
BASIC = '["full_name", "date_of_birth", "sex", "citizen_id", "permanent_residence"]'

HELP = 'answers = "help"\ntext = "Mới"'
TEXTS = 'parameters = [\n  { kind = "text", equals = "full_name" },\n  { kind = "text", equals = "other_name", name = "o" },\n]'
ACCENTS = 'accented = true\nparameters = [\n  { kind = "accents", words = ["CD"] },\n]'


def command(keyword, example=None, answer=HELP, more="", values=""):
    """A command of its own with an example, before the guide."""
    return f"""[[commands]]
name = "new"
title = "Mới"
{answer}
usage = "Soạn {example or keyword} gửi {{short_code}}."
keyword = "{keyword}"
{more}

[[examples]]
texts = ["{example or keyword}"]
reads = "new"
{values}

[guide]"""


# what is wrong: passage, what it becomes, what is told, part of the line where, severity
FAULTS = {
    # errors: keys and types
    "unknown key": (
        "segments_max = 5",
        "segments_max = 5\nsegment_max = 5",
        "khóa lạ “segment_max”",
        "segment_max",
        "error",
    ),
    "missing key": ('title = "Xem thông tin chính của mình"\n', "", "thiếu khóa “title”", "[[commands]]", "error"),
    "missing text": ('busy = "', '# "', "thiếu khóa “busy”", "[texts]", "error"),
    "wrong kind of parameter": ('kind = "citizen_id"', 'kind = "so"', "không có lựa chọn “so”", 'kind = "so"', "error"),
    "number as keyword": ('keyword = "DC TB"', "keyword = 7", "không phải số nguyên", "keyword = 7", "error"),
    "budget too large": ("segments_max = 5", "segments_max = 50", "nhiều nhất là 10", "segments_max = 50", "error"),
    "missing quote": (
        'version = "2026.1"',
        'version = "2026.1',
        "thiếu một dấu nháy",
        'version = "2026.1',
        "error",
    ),
    # errors: views
    "unknown field": (
        '"birth_registration_place", "pl',
        '"birth_place", "pl',
        "không có mục “birth_place”",
        "birth_place",
        "error",
    ),
    "unknown view": ('view = "all"', 'view = "alle"', "không có nhóm mục “alle”", 'view = "alle"', "error"),
    "unknown view of an option": (
        'view = "family" }',
        'view = "kin" }',
        "không có nhóm mục “kin”",
        'view = "kin"',
        "error",
    ),
    "field twice": ('"sex", "citizen_id"', '"sex", "sex"', "mục “sex” ghi 2 lần", '"sex", "sex"', "error"),
    "sensitive field": (
        '"sex", "nat',
        '"sex", "ethnicity", "nat',
        "“ethnicity” là thông tin nhạy cảm",
        "ethnicity",
        "error",
    ),
    "third-party field": (
        '"relation_to_head"]',
        '"household"]',
        "“household” là thông tin nhạy cảm",
        "household",
        "error",
    ),
    "ordinary field declared": (
        BASIC,
        f'{BASIC}\ndiscloses = ["sex"]',
        "“sex” không phải mục được bảo vệ",
        "discloses",
        "error",
    ),
    "field that never fits": (
        "segments_max = 5",
        "segments_max = 1",
        "khi dài nhất không vừa 1 tin nhắn",
        "permanent_residence",
        "error",
    ),
    # errors: texts
    "sign outside GSM 03.38": ('busy = "', 'busy = "€ ', "ký tự không gửi được qua mọi nhà mạng: €", "busy", "error"),
    "unknown placeholder": ('foot = "', 'foot = "{name} ', "không có gì để ghi vào chỗ {name}", "foot", "error"),
    "misread without usage": (" {usage}", "", "không chỉ cách dùng", "misread", "error"),
    "more without next": ("soạn {next} gửi", "nhắn đến", "không chỉ cách xem tiếp", "more", "error"),
    "long refusal": (
        "công dân không tồn tại.",
        "công dân không tồn tại." * 8,
        "dài quá một tin nhắn",
        "refusal",
        "error",
    ),
    "text over the budget": ('busy = "', 'busy = "' + "bận " * 200, "lời văn dài quá 5 tin nhắn", "busy", "error"),
    # errors: commands
    "name twice": ('name = "help"', 'name = "items"', "hai lệnh cùng tên “items”", 'name = "items"', "error"),
    "keyword twice": ('["DC TOÀN BỘ"', '["MỤC"', "từ khóa “MỤC” đã dùng", "aliases", "error"),
    "keyword of signs": ('keyword = "DC TB"', 'keyword = "#"', "“#” không dùng làm từ khóa được", '"#"', "error"),
    "keyword of digits": ('keyword = "DC TB"', 'keyword = "5505"', "không dùng làm từ khóa được", "5505", "error"),
    "ambiguous": (
        'aliases = ["DC TOÀN BỘ"',
        'aliases = ["DC CÓ DẤU"',
        "vừa là lệnh “own_record” vừa là",
        "DC CÓ DẤU",
        "error",
    ),
    "ambiguous by Telex": (
        "[guide]",
        command("DDC"),
        "tin “DDC” vừa là lệnh “own_record” vừa là lệnh “new”",
        '"DDC"',
        "error",
    ),
    "ambiguous by a number": (
        "[guide]",
        command("DC 001085012345"),
        "tin “DC 001085012345” vừa là lệnh “own_record” vừa là lệnh “new”",
        "001085012345",
        "error",
    ),
    "unreachable command": (
        "[guide]",
        command("DC DẤU"),
        "lệnh “new” không bao giờ được dùng: tin nào của nó cũng là tin của lệnh “own_record”",
        'keyword = "DC DẤU"',
        "error",
    ),
    "option typed with Telex": (
        'words = ["THẺ"',
        'words = ["THẺ", "SINHX"',
        "chữ “SINHX” gõ kiểu Telex vừa là lựa chọn",
        "SINHX",
        "warning",
    ),
    "option of two options": ('words = ["THẺ"', 'words = ["GD CT"', "chữ “GD CT” vừa là lựa chọn", '"GD CT"', "error"),
    "unreachable option": (
        'words = ["THẺ", "CĂN CƯỚC", "CC"]',
        'words = ["sinh", "khai.sinh"]',
        "lựa chọn “card” không bao giờ được dùng",
        '"khai.sinh"',
        "error",
    ),
    "unread parameter": (
        '{ kind = "page", words = ["TRANG", "TR"] },\n  { kind = "accents", words = ["DẤU", "CÓ DẤU"] },\n]\nusage = "Soạn DC MUC',
        '{ kind = "choice", name = "more", optional = true, options = [{ words = ["CC"], view = "all" }] },\n]\nusage = "Soạn DC MUC',
        "tham số “more” không đọc được",
        'name = "more"',
        "error",
    ),
    "parameter name twice": (NUMBER, NUMBER * 2, "hai tham số cùng tên “citizen_id”", "citizen_id", "error"),
    "nothing to compare": (
        NUMBER,
        NUMBER.replace(" }", ', equals = "id" }'),
        "không có mục “id” để so sánh",
        '"id"',
        "error",
    ),
    "help with a page": (
        'parameters = [{ kind = "accents"',
        'parameters = [{ kind = "page"',
        "lời văn không dùng tham số",
        "page",
        "error",
    ),
    # errors: dates, examples
    "ends before it begins": (
        "# effective_until = 2027",
        "effective_until = 2025",
        "hết hiệu lực đứng trước",
        "effective_until",
        "error",
    ),
    "grace before it begins": (
        "# grace_until = 2026",
        "grace_until = 2025",
        "cú pháp cũ đứng trước",
        "grace_until",
        "error",
    ),
    "unknown time zone": ("Asia/Ho_Chi_Minh", "Asia/Hanoi_City", "không có múi giờ", "time_zone", "error"),
    "example that reads otherwise": (
        'texts = ["DC HD"',
        'texts = ["DC"',
        "ví dụ “DC” đọc ra “own_record”",
        '["DC", "Hướng',
        "error",
    ),
    "example of no command": ('reads = "help"', 'reads = "helf"', "không có lệnh “helf”", 'reads = "helf"', "error"),
    "sample of no field": ('sex = "Nam"', 'sexx = "Nam"', "không có mục “sexx”", "sexx", "error"),
    "example of nothing": ('reads = "help"\n', "", "đúng một trong hai khóa", "[[examples]]", "error"),
    "no example files": (
        "time_zone",
        'example_folder = "none"\ntime_zone',
        "không thấy tệp ví dụ nào",
        "example_folder",
        "error",
    ),
    # warnings
    "unused view": (
        '"GĐ"], view = "family"',
        '"GĐ"], view = "card"',
        "không lệnh nào dùng nhóm “family”",
        "[views.family]",
        "warning",
    ),
    "same view twice": (
        "[views.birth]",
        '[views.twin]\nfields = ["sex", "full_name", "date_of_birth", "citizen_id", "permanent_residence"]\n\n[views.birth]',
        "nhóm “twin” gồm đúng những mục của nhóm “basic”",
        'fields = ["sex"',
        "warning",
    ),
    "command without an example": (
        'texts = ["DC HD", "Hướng dẫn"]\nreads = "help"',
        'texts = ["DC"]\nreads = "own_record"',
        "lệnh “help” không có ví dụ nào",
        "[[commands]]",
        "warning",
    ),
    "a number behind an open one": (
        NUMBER,
        NUMBER + ' { kind = "date", equals = "date_of_birth", optional = true },',
        "số hoặc ngày này đứng sau một số có thể bỏ trống",
        'kind = "date"',
        "warning",
    ),
    "text beside text": (
        "[guide]",
        command("HOI", "HOI A B", 'answers = "record"\nview = "basic"', TEXTS, 'values = { text = "A", o = "B" }'),
        "hai tham số kiểu text đứng liền nhau",
        'name = "o"',
        "warning",
    ),
    "accents that change nothing": (
        "[guide]",
        command("HOI", more=ACCENTS, values="accented = true"),
        "tham số accents không thay đổi gì",
        'words = ["CD"]',
        "warning",
    ),
    "alias of the same letters": (
        '["DC TOÀN BỘ"',
        '["DC TOÀN BỘ", "dc t.b"',
        "tên gọi “dc t.b” với “DC TB” là một",
        "aliases",
        "warning",
    ),
    "usage that does not read": ("Soạn DC TB gửi", "Soạn DC TTB gửi", "tin ấy không hiểu được", "usage", "warning"),
    "usage of another command": ("Soạn DC TB gửi", "Soạn DC gửi", "tin ấy là lệnh “own_record”", "usage", "warning"),
    "usage whose example does not read": (
        "(ví dụ DC MUC THE)",
        "(ví dụ DC MUC TE)",
        "bảo soạn “DC MUC TE”",
        "usage",
        "warning",
    ),
    "usage without a message": (
        "Soạn DC TB gửi {short_code} để xem",
        "Xem",
        "cách dùng không nói phải soạn gì",
        "usage",
        "warning",
    ),
    "long usage": (
        "để xem toàn bộ",
        "để xem " + "tất cả " * 20 + "toàn bộ",
        "kèm cách dùng này dài 2 tin nhắn",
        "usage",
        "warning",
    ),
    "short code in words": (
        "Soạn DC TB gửi {short_code}",
        "Soạn DC TB gửi 5505",
        "đầu số 5505 ghi thẳng",
        "usage",
        "warning",
    ),
    "short code of another": (
        "soạn tin gửi {short_code}",
        "soạn tin gửi 8079",
        "lời văn chỉ đến đầu số 8079",
        "text",
        "warning",
    ),
    "override that says something else": (
        'foot = "Sai? Gọi 19000368"',
        'foot = { accented = "Sai? Gọi 19000368", unaccented = "Goi 1900" }',
        "hai cách viết có dấu và không dấu nói khác nhau",
        "foot",
        "warning",
    ),
    "answer that is cut": (
        'view = "basic"\nparameters = [\n  { kind = "citizen_id"',
        'view = "all"\nparameters = [\n  { kind = "citizen_id"',
        "nhóm “all” khi dài nhất là 11 tin nhắn, mà lệnh “own_record”",
        "fields = [",
        "warning",
    ),
    "answer that is cut with accents": (
        "segments_max = 5",
        "segments_max = 4",
        "tin nhắn có dấu, mà lệnh “own_record” không có trang",
        "fields",
        "warning",
    ),
    "grace beyond the end": (
        "# effective_until = 2027-12-31",
        "effective_until = 2026-02-01\ngrace_until = 2026-03-01",
        "kéo dài quá ngày hết hiệu lực",
        "grace_until",
        "warning",
    ),
    # notes
    "protected field": (
        '["marital_status", "relation_to_head"]',
        '["marital_status", "religion"]\ndiscloses = ["religion"]',
        "cung cấp thông tin nhạy cảm: “religion”",
        "discloses",
        "note",
    ),
    "field of others": (
        '["marital_status", "relation_to_head"]',
        '["marital_status", "relatives"]\ndiscloses = ["relatives"]',
        "cung cấp thông tin của người khác: “relatives”",
        "discloses",
        "note",
    ),
    "keyword that ends in a digit": (
        '"DC TẤT CẢ"]',
        '"DC TẤT CẢ", "DC 2"]',
        "“DC 2” tận cùng bằng chữ số mà ngay sau là số",
        'keyword = "DC TB"',
        "warning",
    ),
    "keyword of the frame": (
        'aliases = ["DC HƯỚNG DẪN", "HD", "HƯỚNG DẪN"]',
        'aliases = ["DC HƯỚNG DẪN", "HD", "HƯỚNG DẪN", "SOẠN TIN"]',
        "“SOẠN TIN” cũng là chữ thường đứng quanh lệnh",
        'keyword = "DC HD"',
        "warning",
    ),
    "suspended": ("time_zone", "suspended = true\ntime_zone", "mọi lệnh đang tạm ngừng", "suspended", "note"),
    "command suspended": (
        'keyword = "DC TB"',
        'keyword = "DC TB"\nsuspended = true',
        "lệnh “full_record” đang tạm ngừng",
        "suspended",
        "note",
    ),
    "no version after": (
        "# effective_until",
        "effective_until",
        "từ ngày 01/01/2028 không còn phiên bản nào",
        "effective_until",
        "note",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_finds(sown, fault):
    """At the right line, as grave as it is."""
    old, new, what, at, severity = FAULTS[fault]
    path = sown(old, new)
    lines = path.read_text("utf-8").splitlines()

    found = [finding for finding in lint(path).findings if what in finding.what]

    assert found, [str(finding) for finding in lint(path).findings]
    assert {finding.severity for finding in found} == {severity}
    assert any(at in lines[finding.line - 1] for finding in found), [(f.line, lines[f.line - 1]) for f in found]
    assert all(finding.mend and finding.why and finding.file == "c06.toml" for finding in found)


@pytest.mark.parametrize(
    "fault", [name for name, fault in FAULTS.items() if fault[4] != "error" and name != "field of others"]
)
def test_what_is_no_error_loads(sown, fault):
    """The loader refuses errors alone. (What is told of others is longer than the budget, an error of its own.)"""
    path = sown(*FAULTS[fault][:2])

    assert not lint(path).errors
    assert load(path)


@pytest.mark.parametrize("fault", [name for name, fault in FAULTS.items() if fault[4] == "error"])
def test_what_is_an_error_does_not_load(sown, findings, fault):
    """Whatever the loader tells, the linter tells in the same words."""
    path = sown(*FAULTS[fault][:2])
    report = lint(path)

    assert report.errors
    assert set(findings(*FAULTS[fault][:2])) <= {finding for finding in report.findings if finding.severity == "error"}


CATALOGUE_FAULTS = {
    "item left out": (
        "items = 26",
        "items = 27",
        "khoản 27 Điều 9 của luật “can_cuoc_2023” không khớp",
        "items = 27",
        "error",
    ),
    "item beyond the law": ("items = 18", "items = 17", "khoản 18 Điều 9 của luật", "items = 17", "error"),
    "unknown law": (
        "{ can_cuoc_cong_dan_2014 = 1,",
        "{ luat_1999 = 1,",
        "không có luật “luat_1999”",
        "luat_1999",
        "error",
    ),
    "label that cannot be sent": ('"Họ tên"', '"Họ_tên"', "mọi nhà mạng: _", "Họ_tên", "error"),
    "unknown kind": ('kind = "date"', 'kind = "day"', "không có lựa chọn “day”", 'kind = "day"', "error"),
    "unknown protection": ('"sensitive"\n\n', '"secret"\n\n', "không có lựa chọn “secret”", "secret", "error"),
    "word longer than its field": ('M = "Nam"', 'M = "Nam giới"', "“Nam giới” dài hơn length_max", "Nam giới", "error"),
    "nothing to stand beside": (
        'beside = "card_issue_date"',
        'beside = "card"',
        "không có mục “card”",
        'beside = "card"',
        "error",
    ),
    "length of nothing": (
        "length_max = 10\n",
        "length_max = 0\n",
        "số quá nhỏ: ít nhất là 1",
        "length_max = 0",
        "error",
    ),
    "labels alike without accents": (
        'short_label = "Nơi ở"',
        'short_label = "Nôi sinh"',
        "tên ngắn của “current_residence” và “place_of_birth” khi bỏ dấu là một",
        "Nôi sinh",
        "warning",
    ),
    "label of two meanings": (
        'short_label = "Quê quán"',
        'short_label = { accented = "Quê quán", unaccented = "Nguyen quan" }',
        "hai cách viết có dấu và không dấu nói khác nhau",
        "Nguyen quan",
        "warning",
    ),
}


@pytest.mark.parametrize("fault", CATALOGUE_FAULTS)
def test_finds_in_the_catalogue(sown, fault):
    """In the catalogue's own file, while the syntax file is gone through all the same."""
    old, new, what, at, severity = CATALOGUE_FAULTS[fault]
    path = sown(old, new, source=FIELDS)
    syntax = sown("segments_max = 5", "segments_max = 5\nsuspended = true")
    lines = path.read_text("utf-8").splitlines()

    report = lint(syntax)
    (finding,) = [finding for finding in report.findings if what in finding.what]

    assert (finding.file, finding.severity, at in lines[finding.line - 1]) == ("fields.toml", severity, True)
    assert finding.mend
    assert finding.why
    assert any(finding.file == "c06.toml" and "tạm ngừng" in finding.what for finding in report.findings)


def test_the_reference_has_no_findings():
    """The shipped files are as the linter wants them."""
    assert lint(REFERENCE).findings == ()


def test_a_suspended_file_has_no_other_findings(sown):
    """What is suspended is measured as it will be once it works again."""
    path = sown("segments_max = 5", "segments_max = 5\nsuspended = true")

    assert [finding.severity for finding in lint(path).findings] == ["note"]
    assert [length.accented.pages for length in lint(path).lengths] == [
        length.accented.pages for length in lint(REFERENCE).lengths
    ]


def test_all_stages_are_told_at_once(sown):
    """A text too long, a view of nothing known, two meanings and a wrong example: one report."""
    path = sown('"sex", "citizen_id"', '"sexx", "citizen_id"')
    text = path.read_text("utf-8").replace('busy = "', 'busy = "€').replace('["DC TOÀN BỘ"', '["DC DẤU"')
    path.write_text(text.replace('nearest = "own_record"', 'nearest = "help"'), "utf-8")

    told = " ".join(finding.what for finding in lint(path).findings)

    assert all(part in told for part in ("sexx", "€", "vừa là lệnh", "ví dụ “DC 00108501234”"))


def test_example_files_are_gone_through_each(sown, tmp_path):
    """A broken one hides no fault of the next; all of them count as examples."""
    path = sown("segments_max = 5", 'segments_max = 5\nexample_folder = "tried"')
    good = tmp_path / "tried" / "good"
    good.mkdir(parents=True)
    (good / "a.toml").write_text("examples = 1", "utf-8")
    (good / "b.toml").write_text('[[examples]]\ntexts = [\n  "hd",\n]\nreads = "items"\n', "utf-8")

    found = {(finding.file, finding.line) for finding in lint(path).findings}

    assert found == {("a.toml", 1), ("b.toml", 3)}


def test_a_folder_without_files_is_told(tmp_path):
    """As the loader tells it; so is a file that is not there."""
    assert lint(tmp_path).errors
    assert [finding.file for finding in lint(tmp_path / "none.toml").findings] == ["none.toml"]


def test_a_guide_without_a_command(sown):
    """A page that tells nobody how to ask is worth a word."""
    path = sown("DC HD", "DC HD")
    source = path.read_text("utf-8")
    path.write_text(source.replace('usage = "', 'in_guide = false\nusage = "'), "utf-8")
    found = [finding.what for finding in lint(path).findings]
    assert "không lệnh nào có trong tờ hướng dẫn" in found
