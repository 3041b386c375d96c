"""In which steps the parts of a batch are stored."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from sms_service.adapters.rounds import rounds
from sms_service.model import NewSegment


def part(group, number, octets):
    return NewSegment(b"%d" % group, number, 3, "viettel", 0.0, b"", b"%d %d %d" % (group, number, octets))


parts = st.builds(part, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))


@given(st.lists(parts, max_size=40))
def test_each_step_has_one_part_a_place_and_each_group_its_order(batch):
    """Nothing is lost, and a group needs a further step only for another part in a place that is taken."""
    steps = rounds(batch)
    assert all(steps)
    for step in steps:
        assert len({(one.group_key, one.number) for one in step}) == len({one.part_key for one in step})
    for group in {one.group_key for one in batch}:
        of_group = [[one for one in step if one.group_key == group] for step in steps]
        assert [one for step in of_group for one in step] == [one for one in batch if one.group_key == group]
        needed = [step for step in of_group if step]
        assert of_group[: len(needed)] == needed
        for earlier, later in itertools.pairwise(needed):
            assert later[0].part_key not in {one.part_key for one in earlier}
            assert later[0].number in {one.number for one in earlier}


def test_a_batch_without_conflict_is_one_step():
    """Also with parts that come twice."""
    batch = [part(1, 1, 1), part(2, 1, 1), part(1, 1, 1), part(1, 2, 1)]
    assert rounds(batch) == [batch]
    assert rounds([]) == []
