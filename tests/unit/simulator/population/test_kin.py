import re
from collections import Counter

PERSON = re.compile(r"(?P<role>\w+): (?P<name>[^();]+?)(?: \((?P<id>\d{12})\))?, Việt Nam")


def relatives(citizen):
    found = [PERSON.fullmatch(part) for part in citizen.relatives.split("; ")]
    assert all(found)
    return [(match["role"], match["name"], match["id"]) for match in found]


def test_everybody_has_a_father_and_a_mother(people):
    """They stand first; their IDs say their sex, and that they are 19 years older at least."""
    for citizen, _ in people:
        (father, _, father_id), (mother, _, mother_id), *_ = relatives(citizen)
        assert (father, mother) == ("Cha", "Mẹ")
        born = citizen.date_of_birth.year
        if father_id:
            assert father_id[3] == "0"
            assert 1900 + int(father_id[4:6]) <= born - 22
        if mother_id:
            assert mother_id[3] == "1"
            assert 1900 + int(mother_id[4:6]) <= born - 19


def test_a_child_has_its_fathers_family_name(people):
    """A citizen that of theirs, a man's child his, a woman's child her husband's."""
    kinh = [citizen for citizen, _ in people if citizen.ethnicity == "Kinh"]
    for citizen in kinh:
        family = citizen.full_name.split()[0]
        named = relatives(citizen)
        assert named[0][1].split()[0] == family
        husband = next((name for role, name, _ in named if role == "Chồng"), None)
        for role, name, _ in named:
            if role == "Con" and (citizen.sex == "Nam" or husband):
                assert name.split()[0] == (family if citizen.sex == "Nam" else husband.split()[0])


def test_only_the_married_have_a_spouse(people):
    """A wife for a man, a husband for a woman; nobody below the age of marriage."""
    for citizen, _ in people:
        spouses = [role for role, _, _ in relatives(citizen) if role in {"Vợ", "Chồng"}]
        assert spouses == (
            [{"Nam": "Vợ", "Nữ": "Chồng"}[citizen.sex]] if citizen.marital_status == "Đã kết hôn" else []
        )
        if citizen.date_of_birth.year > {"Nam": 2005, "Nữ": 2007}[citizen.sex]:
            assert citizen.marital_status == "Chưa kết hôn"


def test_every_marital_status_occurs(people):
    """Most are married; widows are more than widowers."""
    counts = Counter(citizen.marital_status for citizen, _ in people)
    assert set(counts) == {"Chưa kết hôn", "Đã kết hôn", "Đã ly hôn", "Góa"}
    assert counts.most_common(1)[0][0] == "Đã kết hôn"
    widowed = Counter(citizen.sex for citizen, _ in people if citizen.marital_status == "Góa")
    assert widowed["Nữ"] > widowed["Nam"]


def test_children_come_after_their_parents(people):
    """At most two, born when the citizen was of age and not in the future."""
    for citizen, _ in people:
        children = [number for role, _, number in relatives(citizen) if role == "Con"]
        assert len(children) <= 2
        for number in children:
            born = (1900 if number[3] in "01" else 2000) + int(number[4:6])
            assert citizen.date_of_birth.year + 19 <= born <= 2025


def test_the_household_agrees_with_the_relation(people):
    """A head is themselves, a wife's head is her husband, a child's head is the father; nobody stands twice."""
    relations = Counter()
    for citizen, _ in people:
        relations[citizen.relation_to_head] += 1
        head = citizen.household.removeprefix("Chủ hộ: ").split("; ")[0]
        persons = {role: f"{name} ({number})" if number else name for role, name, number in relatives(citizen)}
        expected = {"Chủ hộ": f"{citizen.full_name} ({citizen.citizen_id})"}.get(citizen.relation_to_head)
        assert head == (expected or persons[{"Vợ": "Chồng", "Con": "Cha"}[citizen.relation_to_head]])
        ids = re.findall(r"\d{12}", citizen.household)
        assert len(ids) == len(set(ids))
        if citizen.relation_to_head != "Chủ hộ":
            assert citizen.citizen_id not in ids
    assert set(relations) == {"Chủ hộ", "Vợ", "Con"}


def test_relatives_before_the_ids_have_none(people):
    """Parents born before 1926 stand with their name alone."""
    oldest = min((citizen for citizen, _ in people), key=lambda citizen: citizen.date_of_birth)
    assert [number for _, _, number in relatives(oldest)[:2]] == [None, None]
