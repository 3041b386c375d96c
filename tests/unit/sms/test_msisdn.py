"""Source addresses: all forms of one number are one, and machines are nobody."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_service.sms.msisdn import MOBILE_PREFIXES, is_vietnam_mobile, normalise, operator_of

MOBILES = st.builds("84{}{:07}".format, st.sampled_from(sorted(MOBILE_PREFIXES)), st.integers(0, 9_999_999))
TONS = st.integers(0, 255).filter(lambda ton: ton != 5)
NPIS = st.integers(0, 255)

OLD = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",
    "186": "56", "188": "58", "199": "59",
}  # fmt: skip


@given(MOBILES, TONS, NPIS)
def test_every_form_of_a_mobile_number_is_one(msisdn, ton, npi):
    """84…, +84…, 0084…, 0…, without the 0, with a 0 behind the country code, under any TON and NPI: one number."""
    national = msisdn[2:]
    forms = (
        msisdn,
        "+" + msisdn,
        "00" + msisdn,
        "0" + national,
        national,
        "840" + national,
        "+840" + national,
        f" {msisdn} ",
    )

    assert {normalise(form, ton, npi) for form in forms} == {msisdn}


@pytest.mark.parametrize(("old", "new"), OLD.items())
def test_numbers_of_before_2018_are_those_they_became(old, new):
    """Eleven digits with an old prefix are the ten-digit number that replaced them, in every form."""
    forms = (
        f"0{old}1234567",
        f"84{old}1234567",
        f"+84{old}1234567",
        f"0084{old}1234567",
        f"840{old}1234567",
        f"{old}1234567",
    )

    assert {normalise(form, ton, 1) for form, ton in product(forms, (0, 1, 2))} == {f"84{new}1234567"}


@pytest.mark.parametrize(
    ("address", "msisdn"),
    [
        ("841234567", "84841234567"),  # nine digits: 084 1234567
        ("84841234567", "84841234567"),
        ("0841234567", "84841234567"),
        ("84341234567", "84341234567"),  # eleven digits: 84 is the country
        ("849123456", "84849123456"),
        ("+0912345678", "84912345678"),
        ("842438256789", "842438256789"),  # a fixed line of Hà Nội
        ("02438256789", "842438256789"),
        ("0951234567", "84951234567"),  # a prefix that nobody has: the register decides
        ("84951234567", "84951234567"),
    ],
)
def test_the_trap_of_84(address, msisdn):
    """84 before nine digits is the country; nine digits in all are a number of the 084 range without its 0."""
    assert normalise(address, 0, 0) == msisdn


@pytest.mark.parametrize(
    "address", ["+12025550123", "0012025550123", "12025550123", "+376312345", "8613812345678", "+4512345678"]
)
def test_foreign_numbers_pass_as_they_are(address):
    """Numbers of other countries are not refused here; the register does not know them."""
    assert normalise(address, 1, 1) == address.removeprefix("+").removeprefix("00")


def test_a_plus_rules_out_a_national_reading():
    """Nine digits of Andorra are read as Vietnamese only without the plus."""
    assert normalise("+376312345", 1, 1) == "376312345"
    assert normalise("376312345", 1, 1) == "84376312345"


@pytest.mark.parametrize(
    "address",
    [
        "", " ", "+", "00", "0", "VIETTEL", "84O12345678", "5505", "+5505", "+3332", "1414", "84", "845505", "+845505", "+841234567", "00841234567", "005505", "05505",
        "19001234", "18001091", "1900123456", "8419001234", "84190012345678", "+841900561234", "019001234", "01900561234",
        "12345678", "8412345678", "0000000000", "000000084912345678", "1234567890123456", "84912345678901234", "8400912345678",
        "84.912.345.678", "84 912345678", "84-912345678", "８４９１２３４５６７８", "8491234567²", "8491234567\0", "+84+912345678",
    ],
)  # fmt: skip
def test_machines_and_garbage_are_nobody(address):
    """Names, short codes, service numbers, and what no telephone has, in whatever form: None, so that no answer is sent."""
    assert normalise(address, 0, 1) is None
    assert normalise(address, 1, 1) is None


@given(MOBILES, NPIS)
def test_alphanumeric_is_a_machine_even_if_it_looks_like_a_number(msisdn, npi):
    """TON 5 says that the sender is not a telephone."""
    assert normalise(msisdn, 5, npi) is None


@given(st.text(st.sampled_from("0123456789+ a²"), max_size=21) | st.text(), TONS, NPIS)
def test_what_comes_out_is_a_number_and_stays_itself(address, ton, npi):
    """Any address gives None or 9 to 15 digits without a leading 0, and a Vietnamese number is not changed by a second reading."""
    msisdn = normalise(address, ton, npi)

    if msisdn is None:
        return
    assert msisdn.isascii()
    assert msisdn.isdigit()
    assert 9 <= len(msisdn) <= 15
    assert not msisdn.startswith("0")
    if is_vietnam_mobile(msisdn):
        assert normalise(msisdn, ton, npi) == msisdn


def test_prefixes_are_those_assigned():
    """The table holds the prefixes in use, each once, as two digits behind 84."""
    expected = {
        "Viettel": "32 33 34 35 36 37 38 39 86 96 97 98",
        "Vinaphone": "81 82 83 84 85 88 91 94",
        "Mobifone": "70 76 77 78 79 89 90 93",
        "Vietnamobile": "52 56 58 92",
        "Gmobile": "59 99",
        "Wintel": "55",
        "iTel": "87",
    }
    assert {prefix: name for name, prefixes in expected.items() for prefix in prefixes.split()} == MOBILE_PREFIXES
    assert len(MOBILE_PREFIXES) == sum(len(prefixes.split()) for prefixes in expected.values())


@given(MOBILES)
def test_the_operator_of_a_prefix(msisdn):
    """Statistics know the operator that a mobile number's prefix was assigned to."""
    assert is_vietnam_mobile(msisdn)
    assert operator_of(msisdn) == MOBILE_PREFIXES[msisdn[2:4]]


@pytest.mark.parametrize(
    "number",
    [
        "",
        "0912345678",
        "+84912345678",
        "8491234567",
        "849123456789",
        "84951234567",
        "12912345678",
        "8491234567x",
        "8491234567²",
    ],
)
def test_what_is_not_a_vietnamese_mobile_number_has_no_operator(number):
    """Other forms, lengths, countries and prefixes are not mobile numbers of Vietnam."""
    assert not is_vietnam_mobile(number)
    assert operator_of(number) is None
