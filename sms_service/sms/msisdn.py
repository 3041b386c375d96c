"""Source addresses to Vietnamese MSISDNs, and machines told from people.

Rule: the digits decide, not TON and NPI, which operators fill at will; only "alphanumeric" is believed. Every form of
one number becomes the same ``84…`` without a plus, because the subscriber register and the quotas know only that. A
sender that is not a telephone (a name, a short code, a service number) is None and is never answered: two machines
must not text each other.

A number that is whole but not Vietnamese passes as it is; the register does not know it. Written without a plus, a
foreign number of nine digits may be taken for a Vietnamese one without its 0; so a reply goes to the number read here,
never to the address as it came.
"""

_COUNTRY = "84"
_TON_ALPHANUMERIC = 5  # SMPP 3.4 section 5.2.5

MAX_E164_DIGITS = 15
"""ITU-T E.164: digits of an international number."""
MAX_SERVICE_DIGITS = 8
"""Digits of the longest number without a country code that is a service, not a telephone."""
_MOBILE_DIGITS = 9  # of a mobile number behind the country code
_MSISDN_DIGITS = len(_COUNTRY) + _MOBILE_DIGITS
_OLD_MOBILE_DIGITS = 10  # of one before 2018

_OPERATORS = {
    "Viettel": ("32", "33", "34", "35", "36", "37", "38", "39", "86", "96", "97", "98"),
    "Vinaphone": ("81", "82", "83", "84", "85", "88", "91", "94"),
    "Mobifone": ("70", "76", "77", "78", "79", "89", "90", "93"),
    "Vietnamobile": ("52", "56", "58", "92"),
    "Gmobile": ("59", "99"),
    "Wintel": ("55",),
    "iTel": ("87",),
}
MOBILE_PREFIXES = {prefix: operator for operator, prefixes in _OPERATORS.items() for prefix in prefixes}
"""The two digits behind 84 of a mobile number (``32`` where people write 032), to the operator it was assigned to."""

# The change of 2018: eleven digits (with the trunk 0) became ten.
_OLD_PREFIXES = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",
    "186": "56", "188": "58", "199": "59",
}  # fmt: skip
_SERVICE_PREFIXES = ("1800", "1900")  # hotlines, free and paid, of up to ten digits


def normalise(source_addr: str, ton: int, npi: int) -> str | None:  # noqa: ARG001 - npi belongs to an address
    """Read the address that a message came from.

    Args:
        source_addr: as in the PDU.
        ton: type of number (SMPP 3.4 section 5.2.5); only 5, alphanumeric, tells anything.
        npi: numbering plan (section 5.2.6); tells nothing.

    Returns:
        Digits of the international number without a plus, ``84…`` for Vietnam in all its forms: ``84…``, ``+84…``,
        ``0084…``, ``0…``, bare nine digits, and numbers of before 2018. None for whatever is not a telephone.
    """
    if ton == _TON_ALPHANUMERIC:
        return None
    if is_vietnam_mobile(source_addr):
        return source_addr
    digits = source_addr.strip()
    explicit = digits.startswith(("+", "00"))
    digits = digits.removeprefix("+").removeprefix("00")
    if not (digits.isascii() and digits.isdigit()):
        return None
    if digits.startswith("0"):
        return _national(digits[1:])
    return _without_trunk_prefix(digits, explicit=explicit)


def _without_trunk_prefix(digits: str, *, explicit: bool) -> str | None:
    """Digits that do not begin with 0: an international number, or a national one written without its 0.

    Nine digits are never 84 and seven more, for Vietnam has no such number: 841234567 is 084 1234567. An ``explicit``
    plus or 00 rules out any other reading than the international one.
    """
    if digits.startswith(_COUNTRY) and (explicit or len(digits) > _MOBILE_DIGITS):
        return _national(digits[len(_COUNTRY) :].removeprefix("0"))
    bare = len(digits) == _MOBILE_DIGITS and digits[:2] in MOBILE_PREFIXES
    old = len(digits) == _OLD_MOBILE_DIGITS and digits[:3] in _OLD_PREFIXES
    if (bare or old) and not explicit:
        return _national(digits)
    if not MAX_SERVICE_DIGITS < len(digits) <= MAX_E164_DIGITS or digits.startswith(_SERVICE_PREFIXES):
        return None
    return digits


def _national(number: str) -> str | None:
    """A number of Vietnam without trunk prefix and country code."""
    if len(number) == _OLD_MOBILE_DIGITS and number[:3] in _OLD_PREFIXES:
        number = _OLD_PREFIXES[number[:3]] + number[3:]
    if not MAX_SERVICE_DIGITS < len(number) <= MAX_E164_DIGITS - len(_COUNTRY):
        return None
    if number.startswith(("0", *_SERVICE_PREFIXES)):
        return None
    return _COUNTRY + number


def is_vietnam_mobile(msisdn: str) -> bool:
    """Whether this is a Vietnamese mobile number in the form that ``normalise`` gives, of a prefix that is assigned."""
    return (
        len(msisdn) == _MSISDN_DIGITS
        and msisdn[2:4] in MOBILE_PREFIXES
        and msisdn.startswith(_COUNTRY)
        and msisdn.isascii()
        and msisdn.isdigit()
    )


def operator_of(msisdn: str) -> str | None:
    """The operator to which the number's prefix was assigned, for statistics; None if not a Vietnamese mobile number.

    Numbers are portable: the one that serves it may be another.
    """
    return MOBILE_PREFIXES[msisdn[2:4]] if is_vietnam_mobile(msisdn) else None
