"""Where people are born and live: the administrative units since 1/7/2025, and those that birth certificates still name.

Both are real. A citizen is born in a commune of the 63 provinces (its province gives the citizen ID its first digits)
and has a residence in a commune of the 34, mostly the one that the first became.
"""

import re
from collections import defaultdict
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from simulator.population.draws import Draw, Weighted, between

_DATA: Final = files("simulator.population")

HOMEBOUND: Final = 0.8
"""Share of the citizens who live in the commune that their birthplace became."""

_MIGRATION: Final = Weighted(
    {"79": 46, "01": 22, "75": 10, "24": 6, "48": 4, "31": 4, "22": 2, "68": 2, "66": 2, "92": 2}.items()
)
"""Provinces of the 34 (codes of the statistics office) that people move to, and how much."""

_FIRST_SOUTHERN_CODE: Final = 70
"""From Bình Phước on, a hamlet is an ấp and no longer a thôn."""

_STREETS: Final = (
    *("Nguyễn Trãi", "Lê Lợi", "Trần Hưng Đạo", "Hai Bà Trưng", "Lý Thường Kiệt", "Nguyễn Huệ", "Quang Trung"),
    *(
        "Phan Chu Trinh",
        "Phan Bội Châu",
        "Lê Hồng Phong",
        "Trần Phú",
        "Hùng Vương",
        "Nguyễn Du",
        "Ngô Quyền",
        "Lê Duẩn",
    ),
    *("Điện Biên Phủ", "Hoàng Hoa Thám", "Võ Thị Sáu", "30 Tháng 4", "Cách Mạng Tháng 8", "Nguyễn Đình Chiểu"),
    *("Bà Triệu", "Phạm Văn Đồng", "Nguyễn Văn Cừ", "Tôn Đức Thắng", "Lê Thánh Tông", "Nguyễn Thị Minh Khai"),
)


class Province(NamedTuple):
    """One of the 63 provinces that citizen IDs name."""

    code: str
    """Three digits."""
    people: int
    """Thousands, census of 2019."""
    card_prefix: str
    """First two digits of the nine-digit identity cards that it issued."""
    name: str


class Commune(NamedTuple):
    """A commune since 1/7/2025."""

    province: str
    """Two digits, of the statistics office."""
    code: str
    address: str
    """`Phường Ba Đình, Hà Nội`."""


class Birthplace(NamedTuple):
    """A commune as it was before, and what became of it."""

    address: str
    """`Phường Trúc Bạch, Quận Ba Đình, Hà Nội`."""
    became: Commune


class Residence(NamedTuple):
    """A place to live."""

    address: str
    commune: Commune


def table(name: str) -> list[list[str]]:
    """The rows of a tab-separated data file of this package, without its header."""
    return [line.split("\t") for line in (_DATA / name).read_text(encoding="utf-8").splitlines()[1:]]


@cache
def provinces() -> dict[str, Province]:
    """The 63 provinces by their code in citizen IDs."""
    return {
        code: Province(code, int(people), card_prefix, name)
        for code, people, card_prefix, name in table("provinces.tsv")
    }


class Places:
    """The units of `units.tsv`; `make_units.py` explains its form."""

    def __init__(self) -> None:
        self._born: dict[str, list[Birthplace]] = defaultdict(list)
        self._live: dict[str, list[Commune]] = defaultdict(list)
        text = (_DATA / "units.tsv").read_text(encoding="utf-8").rstrip("\n")
        for branch in re.split(r"\n(?=\d)", text):
            head, *communes = re.split(r"\n\t(?=\d)", branch)
            province, name = head.split("\t")
            province_name = name.removeprefix("Tỉnh ").removeprefix("Thành phố ")
            for twig in communes:
                head, *formers = twig.split("\n\t\t")
                code, name = head.split("\t")
                commune = Commune(province, code, f"{name}, {province_name}")
                self._live[province].append(commune)
                for former in formers:
                    self._add_birthplaces(commune, *former.split("\t"))

    def _add_birthplaces(self, became: Commune, province: str, district: str, names: str) -> None:
        province_63 = provinces()["0" + province]
        for name in names.split(";"):
            address = ", ".join(part for part in (name, district, province_63.name) if part)
            self._born[province_63.code].append(Birthplace(address, became))

    def birthplace(self, draw: Draw, province_63: str) -> Birthplace:
        """A commune of one of the 63 provinces."""
        places = self._born[province_63]
        return places[int(draw() * len(places))]

    def home(self, draw: Draw, birthplace: Birthplace) -> Residence:
        """Where someone born there lives now."""
        if draw() < HOMEBOUND:
            return self._residence(draw, birthplace.became)
        return self.away(draw)

    def away(self, draw: Draw) -> Residence:
        """Where people go for work or study."""
        communes = self._live[_MIGRATION.pick(draw)]
        return self._residence(draw, communes[int(draw() * len(communes))])

    def _residence(self, draw: Draw, commune: Commune) -> Residence:
        if commune.address.startswith("Phường"):
            door = f"Số {between(draw, 1, 320)} {_STREETS[int(draw() * len(_STREETS))]}"
        else:
            hamlet = "Ấp" if int(commune.province) >= _FIRST_SOUTHERN_CODE else "Thôn"
            door = f"{hamlet} {between(draw, 1, 12)}"
        return Residence(f"{door}, {commune.address}", commune)


@cache
def places() -> Places:
    """All units, read once."""
    return Places()
