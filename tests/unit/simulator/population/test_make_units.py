import json
import sqlite3

import pytest

from simulator.population.make_units import lines


def source(folder, converter):
    """A data set of one province with one commune that three were merged into, one of them split."""
    database = sqlite3.connect(folder / "dataset.db")
    database.executescript(
        """
        CREATE TABLE admin_units (provinceKey, provinceCode, province, wardKey, wardCode, ward);
        INSERT INTO admin_units VALUES ('p', '01', 'Tỉnh P', 'a', '00001', 'Xã A'), ('p', '01', 'Tỉnh P', 'b', '00002', 'Xã B');
        CREATE TABLE admin_units_legacy (provinceKey, districtKey, wardKey, provinceCode, districtCode, district, wardCode, ward);
        INSERT INTO admin_units_legacy VALUES
            ('q', 'd', 'x', '02', '001', 'Huyện D', '1', 'Xã X'), ('q', 'd', 'y', '02', '001', 'Huyện D', '2', 'Xã Y'),
            ('q', 'e', NULL, '02', '002', 'Huyện E', NULL, NULL);
        """
    )
    database.close()
    (folder / "converter_2025.json").write_text(json.dumps(converter))
    return folder


def test_communes_stand_under_what_they_became(tmp_path):
    """A province, its communes, under each the districts and communes it was made of; a split one under its default."""
    parts = [{"newWardKey": "a", "isDefaultNewWard": False}, {"newWardKey": "b", "isDefaultNewWard": True}]
    converter = {
        "DICT_PROVINCE_WARD_NO_DIVIDED": {"p": {"a": ["q_d_x", "q_e_"]}},
        "DICT_PROVINCE_WARD_DIVIDED": {"p": {"q_d_y": parts}},
    }
    assert list(lines(source(tmp_path, converter))) == [
        "01\tTỉnh P",
        "\t00001\tXã A",
        "\t\t02\tHuyện D\tXã X",
        "\t\t02\tHuyện E\t",
        "\t00002\tXã B",
        "\t\t02\tHuyện D\tXã Y",
    ]


def test_a_successor_that_does_not_exist_is_told(tmp_path):
    """A data set whose parts do not fit each other makes no file."""
    converter = {
        "DICT_PROVINCE_WARD_NO_DIVIDED": {"p": {"nowhere": ["q_d_x", "q_d_y", "q_e_"]}},
        "DICT_PROVINCE_WARD_DIVIDED": {},
    }
    with pytest.raises(ValueError, match="no commune"):
        list(lines(source(tmp_path, converter)))
