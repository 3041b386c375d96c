"""Values that hold text keep it out of logs."""

from sms_service.sms.personal import Personal


class Letter(Personal, frozen=True):
    text: str


def test_a_personal_value_says_its_type_and_no_more():
    """However it is turned into text, inside a container too, the value is not shown."""
    letter = Letter("Nguyen Van A")

    assert f"{letter} {letter!s} {letter!r} {[letter]}" == "<Letter> <Letter> <Letter> [<Letter>]"
