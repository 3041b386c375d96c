"""`sms-service syntax`: what those who keep the syntax file type, and what they read."""

import datetime as dt
import json
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import asdict

from simulator.population import Population
from sms_service import cli_syntax
from sms_service.cli import commands
from sms_service.sms import Alphabet, segment_count
from sms_service.trying import DEPARTED, shown
from syntax import REFERENCE, load
from syntax.guide_page import guide_html
from syntax.guide_text import guide_text
from syntax.lengths import RECORDS_MAX

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = Population(1000, cli_syntax.SEED)
DEAD = next(index for index in range(1000) if PEOPLE.citizen(index).death_or_missing_date)
C06 = REFERENCE.read_text("utf-8").split("\n[[examples]]")[0].replace('example_folder = "examples"', "")


@pytest.fixture
def call():
    """Call the command line in this process."""

    def invoke(*arguments, stdin=None):
        return CliRunner().invoke(commands, ["syntax", *map(str, arguments)], prog_name="sms-service", input=stdin)

    return invoke


@pytest.fixture
def tried(call):
    """The JSON of one message."""

    def invoke(*arguments, stdin=None):
        result = call("try", "--json", *arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return invoke


@pytest.fixture
def version(tmp_path):
    """Writes a version of the reference, with passages replaced."""

    def write(name, *edits):
        text = C06
        for old, new in edits:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / f"{name}.toml"
        path.write_text(text.replace('version = "2026.1"', f'version = "{name}"'), "utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def reference():
    return load(REFERENCE)


# ---- try: what is read -----------------------------------------------------------------------------------------------


def test_a_message_that_is_understood(call, reference):
    """As it came, as it is folded, what it means, what is answered, what the audit lists."""
    result = call("try", "--on", "2026-03-01", "dc mục sinh")
    record = asdict(PEOPLE.citizen(0))
    reply = reference.reply_record(reference.read("dc mục sinh"), record)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Tin nhắn đến:     dc mục sinh",
        "Chuẩn hóa thành:  DC MUC SINH",
        f"Phiên bản:        {reference.version} (mã {reference.digest[:16]}), thử như vào ngày 01/03/2026",
        "Đọc:              lệnh items (“Chỉ xem những mục cần biết”)",
        "  choice: birth",
        f"  nhóm mục: birth ({', '.join(reference.views['birth'].fields)})",
        "  trang: 1",
        "  có dấu: không",
        "Người nhắn:       công dân mẫu số 0 (seed 1)",
        "",
        f"Trả lời (GSM-7, {segment_count(reply.text, Alphabet.GSM7)} tin nhắn đơn, {len(reply.text)} ký tự):",
        *(f"  | {line}" for line in reply.text.split("\n")),
        f"Mục ghi vào nhật ký kiểm tra: {', '.join(reply.fields)}",
    ]


def test_as_json(tried, reference):
    """The same, for programs."""
    record = asdict(PEOPLE.citizen(0))
    reply = reference.reply_record(reference.read("DC DAU"), record)
    assert tried("--on", "2026-03-01", "DC DAU") == {
        "message": "DC DAU",
        "shown": "DC DAU",
        "folded": "DC DAU",
        "day": "2026-03-01",
        "version": reference.version,
        "digest": reference.digest,
        "grace": False,
        "reading": "read",
        "command": "own_record",
        "title": "Xem thông tin chính của mình",
        "usage": "Soạn DC gửi 5505 để xem thông tin của mình, DC HD gửi 5505 để xem hướng dẫn.",
        "view": "basic",
        "fields": list(reference.views["basic"].fields),
        "values": [],
        "page": 1,
        "accented": True,
        "citizen": "công dân mẫu số 0 (seed 1)",
        "refused": [],
        "reply": {
            "text": reply.text,
            "encoding": "UCS-2",
            "segments": segment_count(reply.text, Alphabet.GSM7),
            "fields": list(reply.fields),
            "page": 1,
            "pages": 1,
        },
        "if_own": None,
    }


def test_pages(call, tried):
    """Which page of how many, and only its fields for the audit."""
    first, second = (tried("DC TB DAU"), tried("DC TB TRANG 2 DAU"))
    assert (first["reply"]["page"], second["reply"]["page"]) == (1, 2)
    assert first["reply"]["pages"] == second["reply"]["pages"] == 2
    assert not set(first["reply"]["fields"]) & set(second["reply"]["fields"])
    assert re.search(
        r"^Trả lời \(UCS-2, \d tin nhắn đơn, \d+ ký tự, trang 2/2\):$",
        call("try", "DC TB TRANG 2 DAU").stdout,
        re.MULTILINE,
    )


def test_a_page_beyond_the_last(call):
    """The last is sent, and it is said why."""
    told = call("try", "DC TB TRANG 9 DAU").stdout
    assert "CHÚ Ý: câu trả lời chỉ có 2 trang; hỏi trang 9 thì nhận trang 2." in told
    assert "CHÚ Ý" not in call("try", "DC TB TRANG 2 DAU").stdout


def test_of_many_failed_examples_the_first(call, version):
    """And how many more; all of them when asked for."""
    texts = ", ".join(f'"DC MUC THE TRANG {page}"' for page in range(1, 8))
    path = version("other", ("[guide]", f'[[examples]]\ntexts = [{texts}]\nreads = "help"\n\n[guide]'))
    few, all_ = call("lint", path, "--citizens", 0).stdout, call("lint", path, "--citizens", 0, "--all").stdout
    assert few.count("đọc ra") < all_.count("đọc ra")
    assert "và 2 ví dụ nữa của lệnh “help”" in few
    assert "ví dụ nữa của lệnh" not in all_
    assert few.splitlines()[-1] == all_.splitlines()[-1]


def test_a_message_that_is_not_understood(call, tried, reference):
    """The nearest command, its usage, and the answer that says so."""
    read = tried("DC 00108501234")
    assert (read["reading"], read["command"], read["citizen"], read["fields"]) == ("misread", "own_record", "", [])
    assert read["reply"]["text"] == reference.misread(reference.read("DC 00108501234"))
    said = call("try", "DC 00108501234").stdout
    assert "Đọc:              KHÔNG HIỂU. Lệnh gần nhất: own_record (“Xem thông tin chính của mình”)\n" in said
    assert f"Cách dùng:        {read['usage']}\n" in said
    assert "Mục ghi vào nhật ký kiểm tra: không có\n" in said


def test_help_needs_no_citizen(tried, reference):
    """A command that is answered by a text."""
    read = tried("hướng dẫn")
    assert (read["command"], read["citizen"], read["view"]) == ("help", "", "")
    assert read["reply"]["text"] == reference.help(reference.read("hướng dẫn"))


def test_a_suspended_command(call, tried, version, reference):
    """It is read, and the answer is that of a service at rest."""
    path = version("rest", ('name = "items"\n', 'name = "items"\nsuspended = true\n'))
    read = tried("--file", path, "DC MUC THE")
    assert (read["reading"], read["command"], read["citizen"]) == ("suspended", "items", "")
    assert read["reply"]["text"] == reference.suspended
    assert (
        "lệnh items (“Chỉ xem những mục cần biết”), ĐANG TẠM NGỪNG" in call("try", "--file", path, "DC MUC THE").stdout
    )


# ---- try: the message ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DC @ {5505}", "DC @ {5505}"),
        ("mục", "mục"),
        (unicodedata.normalize("NFD", "ụ"), "u‹U+0323 COMBINING DOT BELOW›"),
        ("DC\u00a0\u200bHD", "DC‹U+00A0 NO-BREAK SPACE›‹U+200B ZERO WIDTH SPACE›HD"),
        ("ＤＣ", "‹U+FF24 FULLWIDTH LATIN CAPITAL LETTER D›‹U+FF23 FULLWIDTH LATIN CAPITAL LETTER C›"),
        ("DС", "D‹U+0421 CYRILLIC CAPITAL LETTER ES›"),
        ("DC\nAn\r\t\x00\x1b", "DC‹U+000A xuống dòng›An‹U+000D về đầu dòng›‹U+0009 tab›‹U+0000 NUL›‹U+001B›"),
        ("\ud800", "‹U+D800›"),
        ("", ""),
    ],
)
def test_what_is_not_plain_is_named(text, said):
    """Nothing invisible stays so, and nothing passes for another character."""
    assert shown(text) == said


def test_folding_is_shown(call):
    """A message as people copy it from a leaflet; its line break is named in what is folded, too."""
    said = call("try", "[DC]_MỤC\u00a0SINH\nAn").stdout
    assert "Tin nhắn đến:     [DC]_MỤC‹U+00A0 NO-BREAK SPACE›SINH‹U+000A xuống dòng›An\n" in said
    assert "Chuẩn hóa thành:  DC MUC SINH‹U+000A xuống dòng›AN\n" in said
    assert "lệnh items" in said


def test_from_standard_input(tried, call):
    """`-` reads the message; the line feed that ends a file is no part of it, others are."""
    assert tried("-", stdin="DC HD\r\n")["message"] == "DC HD"
    assert tried("-", stdin="DC\nAn\n")["message"] == "DC\nAn"
    assert tried("-", stdin="")["reading"] == "misread"
    for octets, complaint in ((b"\xff", "UTF-8"), (b"D" * 100_001, "100000 byte")):
        result = call("try", "-", stdin=octets)
        assert (result.exit_code, result.stdout) == (2, "")
        assert complaint in result.stderr


def test_an_argument_that_is_no_unicode():
    """Octets of another encoding become U+FFFD, and are shown; nothing ends in a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "sms_service", "syntax", "try", "--json", b"DC \xff"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["shown"] == "DC ‹U+FFFD REPLACEMENT CHARACTER›"


# ---- try: the citizen ------------------------------------------------------------------------------------------------


def test_another_citizen(tried):
    """Index and seed choose who texts; the first of a seed is the same in a population of any size."""
    assert tried("--citizen", 7, "DC")["reply"]["text"] != tried("DC")["reply"]["text"]
    assert tried("--seed", 2, "DC")["reply"]["text"] != tried("DC")["reply"]["text"]
    own = PEOPLE.citizen(7).citizen_id
    read = tried("--citizen", 7, f"DC {own}")
    assert (read["refused"], read["values"]) == ([], [["citizen_id", own]])


def test_a_value_that_is_not_the_citizens_own(call, tried, reference):
    """The reply is the refusal, as it would be in earnest; what it would have been is told beside it."""
    read = tried("DC 001085012345")
    assert read["refused"] == ["citizen_id"]
    assert read["reply"]["text"] == reference.refusal
    assert read["reply"]["fields"] == []
    assert read["if_own"] == tried("DC")["reply"]
    said = call("try", "DC 001085012345").stdout
    assert "CHÚ Ý: “Số định danh cá nhân” ghi trong tin không phải của người nhắn, nên tin nhắn bị từ chối.\n" in said
    assert said.index(reference.refusal) < said.index("Nếu không bị từ chối thì trả lời (GSM-7")


def test_a_citizen_who_has_departed(call, tried, reference):
    """The dead and the missing cannot be texting."""
    read = tried("--citizen", DEAD, "DC")
    assert read["refused"] == [DEPARTED]
    assert read["reply"]["text"] == reference.refusal
    assert "công dân này đã chết hoặc mất tích" in call("try", "--citizen", DEAD, "DC").stdout


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("citizen.toml", 'full_name = "Trần Thị B"\ndate_of_birth = 1990-02-01\ncitizen_id = "079190000001"\n'),
        ("citizen.json", '{"full_name": "Trần Thị B", "date_of_birth": "1990-02-01", "citizen_id": "079190000001"}'),
    ],
)
def test_a_record_of_ones_own(tried, tmp_path, name, content):
    """By field code, in TOML or JSON; a day is a day in both."""
    (tmp_path / name).write_text(content, "utf-8")
    read = tried("--record", tmp_path / name, "DC 079190000001")
    assert read["refused"] == []
    assert read["reply"]["text"].split("\n")[:3] == [
        "Ho ten: Tran Thi B",
        "Sinh: 01/02/1990",
        "So DDCN: 079190000001",
    ]
    assert read["citizen"] == f"hồ sơ ở tệp {tmp_path / name}"


def test_only_the_year_of_birth(tried, tmp_path):
    """Older people's records may hold no more."""
    (tmp_path / "citizen.json").write_text('{"date_of_birth": "1930"}')
    assert tried("--record", tmp_path / "citizen.json", "DC")["reply"]["text"].startswith("Sinh: 1930\n")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("none.toml", None, "không đọc được"),
        ("bad.toml", "full_name = ", "không đúng cách viết"),
        ("bad.json", "{", "không đúng cách viết"),
        ("list.json", "[]", "cần một bảng"),
        ("strange.toml", 'full_nam = "B"', "không có mục “full_nam”"),
        ("latin.toml", "full_name = 'Trần'".encode("utf-16"), "không đúng cách viết"),
    ],
)
def test_a_bad_record(call, tmp_path, name, content, complaint):
    """It is named, with what is wrong."""
    if content is not None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    result = call("try", "--record", tmp_path / name, "DC")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("sms-service: ")
    assert complaint in result.stderr
    assert name in result.stderr


def test_without_the_simulator(call, monkeypatch, tmp_path):
    """A gateway in service may lack it: the command says what to do instead, and that then works."""
    monkeypatch.setitem(sys.modules, "simulator.population", None)
    result = call("try", "DC")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "simulator" in result.stderr
    assert "--record" in result.stderr
    (tmp_path / "citizen.toml").write_text('full_name = "B"')
    assert call("try", "--record", tmp_path / "citizen.toml", "DC").exit_code == 0
    linted = call("lint")
    assert linted.exit_code == 2
    assert "--citizens 0" in linted.stderr


def test_a_population_that_cannot_be(call):
    """A seed or an index beyond what there is, is said."""
    assert call("try", "--seed", 2**63, "DC").exit_code == 2
    result = call("try", "--citizen", 10**9, "DC")
    assert result.exit_code == 2
    assert "không có công dân mẫu" in result.stderr
    assert call("try", "--citizen", -1, "DC").exit_code == 2


# ---- try: versions ---------------------------------------------------------------------------------------------------


@pytest.fixture
def two(version):
    """A version of 2026 and one of 2027 that asks otherwise, with a period of grace until the end of January."""
    old = version("2026")
    new = version(
        "2027",
        ("effective_from = 2026-01-01", "effective_from = 2027-01-01\ngrace_until = 2027-01-31"),
        ('keyword = "DC MỤC"\naliases = ["MỤC"]', 'keyword = "DC XEM"'),
    )
    return ("--file", old, "--file", new)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-12-31", ("read", "2026", False)),
        ("2027-01-01", ("read", "2026", True)),
        ("31/01/2027", ("read", "2026", True)),
        ("2027-02-01", ("retired", "2027", False)),
    ],
)
def test_a_day_of_change(tried, two, day, told):
    """The old way works to the end of its grace; then it is told the new one."""
    read = tried(*two, "--on", day, "DC MUC THE")
    assert (read["reading"], read["version"], read["grace"]) == told
    assert read["command"] == "items"


def test_a_retired_way(call, two):
    """What is said of a message in a syntax that is out of force, and of one in its grace."""
    said = call("try", *two, "--on", "2027-02-01", "DC MUC THE").stdout
    assert "cú pháp của phiên bản đã hết hiệu lực. Lệnh dùng hiện nay: items" in said
    assert "  | Cu phap nay da het hieu luc. Soan DC MUC" in said
    assert "bản trước, còn trong thời gian chuyển tiếp" in call("try", *two, "--on", "2027-01-15", "DC MUC THE").stdout


def test_no_version_in_force(call, version, reference):
    """On a day that is asked for, what citizens get then."""
    path = version("2026")
    said = call("try", "--file", path, "--on", "2025-12-31", "DC").stdout
    assert "ngày này không có phiên bản nào đang có hiệu lực" in said
    assert f"  | {reference.suspended}" in said


@pytest.mark.parametrize(
    ("edit", "day"),
    [
        ("effective_from = 2999-01-01", "2999-01-01"),
        ("effective_from = 2001-01-01\neffective_until = 2001-12-31", "2001-12-31"),
    ],
)
def test_a_version_that_is_not_in_force_today(tried, version, edit, day):
    """Without a day a draft is tried as on its first day, and a past version as on its last."""
    read = tried("--file", version("draft", ("effective_from = 2026-01-01", edit)), "DC")
    assert (read["day"], read["reading"]) == (day, "read")


def test_a_past_version_that_was_cut_short(tried, version):
    """The last version tells its last day, though one before it promised a later one."""
    first = version(
        "first", ("effective_from = 2026-01-01", "effective_from = 2001-01-01\neffective_until = 2009-12-31")
    )
    second = version(
        "second", ("effective_from = 2026-01-01", "effective_from = 2002-01-01\neffective_until = 2003-12-31")
    )
    read = tried("--file", first, "--file", second, "DC")
    assert (read["day"], read["version"], read["reading"]) == ("2003-12-31", "second", "read")


def test_today(tried):
    """Without a day it is today where the department is."""
    before = dt.datetime.now(dt.timezone(dt.timedelta(hours=7))).date()
    read = dt.date.fromisoformat(tried("DC")["day"])
    assert before <= read <= dt.datetime.now(dt.timezone(dt.timedelta(hours=7))).date()


def test_a_file_that_does_not_load(call, version):
    """Its findings are told, and nothing is tried."""
    path = version("bad", ('view = "basic"', 'view = "nobody"'))
    for arguments in (("try", "--file", path, "DC"), ("guide", "--file", path)):
        result = call(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "bad.toml:" in result.stderr
        assert "nobody" in result.stderr


# ---- guide -----------------------------------------------------------------------------------------------------------


def test_the_guide(call, tmp_path, reference):
    """Plain text unless a page is asked for; both, where both are."""
    assert call("guide").stdout == guide_text(reference)
    page = tmp_path / "guide.html"
    written = call("guide", "--html", page)
    assert written.stdout == f"Đã ghi {page}. Mở bằng trình duyệt rồi in trên giấy A4.\n"
    assert page.read_text("utf-8") == guide_html(reference)
    both = call("guide", "--html", page, "--text")
    assert both.stdout == guide_text(reference)


def test_a_guide_of_another_file(call, version):
    assert (
        "Hỏi gì đáp nấy"
        in call("guide", "--file", version("x", ("Xem toàn bộ thông tin của mình", "Hỏi gì đáp nấy"))).stdout
    )


def test_a_guide_of_several_versions(call, version):
    """That of the one in force on the day."""
    first = version("first", ("Xem toàn bộ thông tin của mình", "Cách cũ"))
    second = version(
        "second",
        ("Xem toàn bộ thông tin của mình", "Cách mới"),
        ("effective_from = 2026-01-01", "effective_from = 2126-01-01"),
    )
    for files in (("--file", first, "--file", second), ("--file", first.parent)):
        assert "Cách cũ" in call("guide", *files).stdout
        assert "Cách mới" in call("guide", *files, "--on", "01/01/2126").stdout


def test_a_page_that_cannot_be_written(call, tmp_path):
    """The reason, and exit code 2."""
    result = call("guide", "--html", tmp_path / "none" / "guide.html")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "không ghi được" in result.stderr


# ---- lint ------------------------------------------------------------------------------------------------------------


def test_nothing_is_wrong_with_the_reference(call):
    """Exit code 0, how long each reply is, and a sentence that says so."""
    result = call("lint", "--citizens", 20)
    assert result.exit_code == 0
    assert result.stdout.endswith("\nKết luận: dùng được (0 lỗi, 0 cảnh báo, 0 lưu ý).\n")
    assert re.search(
        r"lệnh own_record, nhóm mục basic:\n    không dấu: dài nhất \d+.*; đo trên 20 công dân mẫu: từ 1 ",
        result.stdout,
    )
    assert "công dân mẫu" not in call("lint", "--citizens", 0).stdout


def test_errors(call, version):
    """Where, what, why and how to mend it, and exit code 1."""
    path = version("bad", ('view = "basic"', 'view = "nobody"'))
    line = path.read_text("utf-8").splitlines().index('view = "nobody"') + 1
    result = call("lint", "--citizens", 0, path)
    assert result.exit_code == 1
    assert re.search(
        rf"^bad\.toml:{line}: LỖI: .*nobody.*\n(    Vì sao:   .+\n)?    Cách sửa: .+$", result.stdout, re.MULTILINE
    )
    assert re.search(r"^Kết luận: KHÔNG dùng được \([1-9]\d* lỗi, ", result.stdout, re.MULTILINE)


def test_findings_as_json(call, version):
    """For programs; the exit code is the same."""
    good, bad = (
        call("lint", "--json", "--citizens", 5),
        call("lint", "--json", version("bad", ('view = "basic"', 'view = "x"'))),
    )
    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert [json.loads(result.stdout)["errors"] for result in (good, bad)] == [False, True]
    assert json.loads(good.stdout)["findings"] == []
    assert json.loads(good.stdout)["lengths"][0]["unaccented"]["measured"]["records"] == 5
    finding = json.loads(bad.stdout)["findings"][0]
    assert {"file", "line", "what", "why", "mend", "severity", "example_of"} == finding.keys()


def test_as_many_citizens_as_are_measured(call):
    """No more are asked for than the linter looks at."""
    assert cli_syntax.CITIZENS_MAX == RECORDS_MAX
    assert call("lint", "--citizens", RECORDS_MAX + 1).exit_code == 2


def test_warnings_alone(call, version):
    """They do not make the file unusable: exit code 0."""
    path = version("gap", ("effective_from = 2026-01-01", "effective_from = 2026-01-01\neffective_until = 2026-06-30"))
    later = version("later", ("effective_from = 2026-01-01", "effective_from = 2026-09-01"))
    result = call("lint", "--citizens", 0, path, later)
    assert result.exit_code == 0, result.stdout
    assert ": cảnh báo: " in result.stdout


def test_a_file_that_is_not_there(call, tmp_path):
    """It is a finding like others."""
    result = call("lint", tmp_path / "none.toml")
    assert result.exit_code == 1
    assert "none.toml: LỖI: " in result.stdout


@pytest.mark.parametrize("arguments", [("try", "--on", "mai", "DC"), ("guide", "--on", "2027-02-30")])
def test_a_day_that_is_none(call, arguments):
    """Said in the language of whoever typed it."""
    result = call(*arguments)
    assert result.exit_code == 2
    assert "không phải là ngày; viết 01/01/2027 hoặc 2027-01-01" in result.stderr
