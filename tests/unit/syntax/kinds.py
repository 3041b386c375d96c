"""A syntax that uses every kind of parameter: required, optional, repeated, alone and side by side."""

from syntax import View
from syntax.model import Accents, Choice, CitizenId, Date, FreeText, HelpCommand, OldId, Option, Page, RecordCommand
from syntax.parser import Parser

SHORT_CODES = ("5505", "8079")

VIEWS = {
    "basic": View("basic", ("full_name", "date_of_birth", "sex")),
    "birth": View("birth", ("date_of_birth", "place_of_birth")),
    "residence": View("residence", ("permanent_residence", "temporary_residence")),
    "card": View("card", ("citizen_id", "card_issue_date")),
}

PAGE = Page(("TRANG", "TR"))
ACCENTS = Accents(("DẤU", "CÓ DẤU"))
OPTIONS = (
    Option(("SINH", "KHAI SINH"), "birth"),
    Option(("CƯ TRÚ", "HỘ KHẨU", "CT"), "residence"),
    Option(("THẺ", "CĂN CƯỚC"), "card"),
)


def _command(name, keyword, *parameters, **rest):
    return RecordCommand(
        name=name, keyword=keyword, usage=keyword, title=keyword, view="basic", parameters=parameters, **rest
    )


COMMANDS = (
    _command("citizen_id", "SĐ", CitizenId(), ACCENTS),
    _command("citizen_ids", "SĐ NHIỀU", CitizenId(repeated=True), PAGE, ACCENTS),
    _command("old_id", "CM", OldId(), aliases=("CHỨNG MINH",)),
    _command("old_ids", "CM NHIỀU", OldId(repeated=True, optional=True), PAGE),
    _command("birth", "NS", Date(), PAGE, ACCENTS, aliases=("NGÀY SINH",)),
    _command("dates", "NS NHIỀU", Date(repeated=True)),
    _command("card", "BH THẺ", FreeText(equals="card_number"), ACCENTS),
    _command("name", "TÊN", FreeText(equals="full_name", optional=True, length_max=100), PAGE, ACCENTS),
    _command("names", "BÍ DANH", FreeText(equals="other_name", repeated=True), ACCENTS),
    _command("word_then_date", "HỘ", FreeText(equals="residence_file_number"), Date(optional=True), PAGE),
    _command("items", "MỤC", Choice(OPTIONS, repeated=True), PAGE, ACCENTS),
    _command("one_item", "XEM", Choice(OPTIONS, optional=True), CitizenId(optional=True), ACCENTS),
    _command(
        "everything",
        "ĐỦ",
        CitizenId(),
        Date(optional=True),
        Choice(OPTIONS, optional=True, repeated=True),
        FreeText(equals="full_name", optional=True),
        PAGE,
        ACCENTS,
    ),
    _command("always_accented", "TIẾNG VIỆT", OldId(optional=True), accented=True),
    HelpCommand(
        name="help", keyword="TRỢ GIÚP", usage="TG", title="Help", text="?", aliases=("TG",), parameters=(ACCENTS,)
    ),
)

PARSER = Parser(COMMANDS, VIEWS, SHORT_CODES)
