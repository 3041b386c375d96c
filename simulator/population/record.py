"""A citizen's record: every field of the syntax's catalogue (Luật Căn cước 2023, Điều 9), under the catalogue's codes.

The text is as a clerk would write it, in accented Vietnamese (NFC). A field that does not apply is None. The records
stand as at `AS_OF`, a constant, so that the same citizen looks the same next year.
"""

from datetime import date, timedelta
from typing import Final

import msgspec

from simulator.population.cultures import ethnicities
from simulator.population.draws import Draw, Weighted, between, day_between
from simulator.population.identity import Identity
from simulator.population.kin import AS_OF_YEAR, draw_family
from simulator.population.numbers import BOUND_FIRST, Number, NumberState
from simulator.population.places import places, provinces

AS_OF: Final = date(AS_OF_YEAR, 1, 1)

_CARD_AGES: Final = (25, 40, 60)
"""Years of age at which a card must be renewed (Luật Căn cước 2023, Điều 21). After the last it is valid for good."""

_CARD_GRACE_YEARS: Final = 2
"""A card issued within so many years of such an age is valid until the next one (Điều 21)."""

_CARD_FIRST: Final = date(2021, 1, 4)
"""Cards with a chip are issued from here on."""

_CARD_BY_MINISTRY: Final = date(2024, 7, 1)
"""From here on the card names the Ministry as issuer; before, the department."""

_OLD_ID_BORN_LAST: Final = 2001
"""The last year of birth whose members may have got a nine-digit card."""

_COMING_OF_AGE: Final = timedelta(days=14 * 365 + 4)
"""14 years."""

_DEATHS: Final = ((75, 0.14), (60, 0.045), (40, 0.016), (0, 0.007))
"""From this age (years), this share is dead or missing: two of a hundred citizens in all."""

_BLOOD: Final = Weighted(
    {"O+": 421, "B+": 300, "A+": 212, "AB+": 66, "O-": 0.4, "B-": 0.3, "A-": 0.2, "AB-": 0.1}.items()
)
_OTHER_NAME: Final = ("Út", "Bé", "Tý", "Cu", "Nhỏ", "Hai", "Mười", "Lớn", "Đen", "Mơ")


class Citizen(msgspec.Struct, frozen=True, gc=False):
    """One record, by field code. Its repr tells nothing, as that of a real one would not."""

    full_name: str
    other_name: str | None
    citizen_id: str
    date_of_birth: date
    sex: str
    place_of_birth: str
    birth_registration_place: str
    place_of_origin: str
    ethnicity: str
    religion: str
    nationality: str
    blood_type: str
    old_id_number: str | None
    card_issue_date: date
    card_issue_place: str
    card_expiry_date: date | None
    """None: valid for good."""
    relatives: str
    permanent_residence: str
    temporary_residence: str | None
    current_residence: str
    absence_declaration: str | None
    residence_file_number: str
    marital_status: str
    relation_to_head: str
    household: str
    death_or_missing_date: date | None
    contact: str | None
    other: str | None

    def __repr__(self) -> str:
        return "<Citizen>"


class Life(msgspec.Struct, frozen=True, gc=False):
    """The dates that bound everything else."""

    born: date
    of_age: date
    """14 years old."""
    ended: date | None
    """Dead or missing since."""


def draw_life(draw: Draw, identity: Identity) -> Life:
    """When a citizen was born, came of age and, of a few, died or went missing."""
    born = date.fromordinal(date(identity.born, 1, 1).toordinal() + between(draw, 0, 364))
    of_age = born + _COMING_OF_AGE
    age = AS_OF_YEAR - identity.born
    share = next(share for from_age, share in _DEATHS if age >= from_age)
    ended = day_between(draw, max(of_age, BOUND_FIRST), AS_OF) if draw() < share else None
    return Life(born, of_age, ended)


def _birthday(born: date, age: int) -> date:
    day = 28 if (born.month, born.day) == (2, 29) else born.day
    return date(born.year + age, born.month, day)


def _card_expiry(born: date, issued: date) -> date | None:
    for age in _CARD_AGES:
        last_year = born.year + age - _CARD_GRACE_YEARS
        if issued.year < last_year or (issued.year == last_year and issued < _birthday(born, age - _CARD_GRACE_YEARS)):
            return _birthday(born, age)
    return None


def draw_citizen(draw: Draw, identity: Identity, life: Life, numbers: tuple[Number, ...]) -> Citizen:
    """The record of a citizen whose identity, life and numbers stand."""
    ethnicity = ethnicities()[identity.province].pick(draw)
    culture = ethnicity.culture
    family_name = culture.family.pick(draw)
    full_name = culture.name(draw, family_name, female=identity.female, born=identity.born)
    family = draw_family(draw, identity, culture, full_name, family_name)

    units = places()
    birthplace = units.birthplace(draw, identity.province)
    origin = birthplace if draw() < 0.75 else units.birthplace(draw, identity.province)
    hospital = birthplace if draw() < 0.6 else units.birthplace(draw, identity.province)
    home = units.home(draw, birthplace)
    away = units.away(draw) if draw() < 0.09 else None

    last_day = life.ended or AS_OF
    issued = day_between(draw, min(max(life.of_age, _CARD_FIRST), last_day), last_day)
    old_id = None
    if identity.born <= _OLD_ID_BORN_LAST:
        old_id = f"{provinces()[identity.province].card_prefix}{between(draw, 0, 9_999_999):07}"
    contact = ", ".join([f"0{number.msisdn[2:]}" for number in numbers if number.state is NumberState.AUTHENTICATED])
    return Citizen(
        full_name=full_name,
        other_name=_OTHER_NAME[int(draw() * len(_OTHER_NAME))] if draw() < 0.02 else None,
        citizen_id=identity.citizen_id,
        date_of_birth=life.born,
        sex="Nữ" if identity.female else "Nam",
        place_of_birth=hospital.address,
        birth_registration_place=birthplace.address,
        place_of_origin=origin.address,
        ethnicity=ethnicity.name,
        religion=culture.religion.pick(draw),
        nationality="Việt Nam",
        blood_type=_BLOOD.pick(draw),
        old_id_number=old_id,
        card_issue_date=issued,
        card_issue_place=(
            "Bộ Công an" if issued >= _CARD_BY_MINISTRY else "Cục Cảnh sát quản lý hành chính về trật tự xã hội"
        ),
        card_expiry_date=_card_expiry(life.born, issued),
        relatives=family.relatives,
        permanent_residence=home.address,
        temporary_residence=away.address if away else None,
        current_residence=away.address if away else home.address,
        absence_declaration=f"Tạm vắng từ {day_between(draw, issued, last_day):%d/%m/%Y}" if away else None,
        residence_file_number=f"{home.commune.code}-{between(draw, 0, 999_999):06}",
        marital_status=family.marital_status,
        relation_to_head=family.relation_to_head,
        household=family.household,
        death_or_missing_date=life.ended,
        contact=contact or None,
        other=None,
    )
