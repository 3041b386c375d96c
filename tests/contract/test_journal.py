"""The contract of `ports.Journal`, in memory and in PostgreSQL."""

import asyncio
import itertools
import random

import pytest

from sms_service.model import (
    AuditEntry,
    ChainedEntry,
    Ending,
    Finished,
    JournalCounts,
    NewInquiry,
    NewSegment,
    Run,
    StoredSegment,
)
from sms_service.ports import Misconfigured

LEASE_S = 15.0
SLACK_S = 5.0
"""For a busy machine between two statements of a real server."""
numbers = itertools.count(1)


def inquiry(run: Run, digest: bytes = b"", smsc: str = "operator", at: float = 1_700_000_000.25) -> NewInquiry:
    number = next(numbers)
    return NewInquiry(
        inquiry_id=run.run_id << 36 | number,
        smsc=smsc,
        accepted_at=at,
        digest=digest or number.to_bytes(16, "big"),
        sealed=b"sealed %d" % number,
    )


def finished(one: NewInquiry, ending: Ending = Ending.ANSWERED) -> Finished:
    return Finished(one.inquiry_id, ending, 1_700_000_001.5, 2, False, 0, ("a1", "a'2,\""))


def parts(key: bytes, total: int = 3, at: float = 100.0) -> list[NewSegment]:
    return [NewSegment(key, number, total, "operator", at, b"part %d" % number) for number in range(1, total + 1)]


class Assembler:
    """Makes an inquiry of a group, and keeps what it was given."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.groups: list[list[StoredSegment]] = []

    def __call__(self, group) -> NewInquiry:
        self.groups.append(list(group))
        return inquiry(self.run, digest=group[0].group_key)


@pytest.fixture
async def journal(journals):
    return journals.process()[0]


@pytest.fixture
async def run(journal):
    return await journal.open_run("gateway-1")


def ids(rows) -> list[int]:
    return [row.inquiry_id for row in rows]


# Accepting


async def test_what_is_accepted_is_owned_until_it_is_finished(journal, run):
    """An accepted inquiry comes back from the journal as it went in, in order of its number."""
    new = [inquiry(run) for _ in range(300)]
    assert await journal.accept(run, new) == [True] * 300
    owned = await journal.owned(run, 1000)
    assert [(row.inquiry_id, row.smsc, row.accepted_at, row.digest, row.sealed) for row in owned] == [
        (one.inquiry_id, one.smsc, one.accepted_at, one.digest, one.sealed) for one in new
    ]
    assert not any(row.may_have_left for row in owned)


async def test_owned_comes_in_pages(journal, run):
    """`after` and `limit` page through what is owned."""
    new = [inquiry(run) for _ in range(5)]
    await journal.accept(run, new)
    assert ids(await journal.owned(run, 2)) == ids(new[:2])
    assert ids(await journal.owned(run, 2, after=new[1].inquiry_id)) == ids(new[2:4])
    assert ids(await journal.owned(run, 2, after=new[4].inquiry_id)) == []


async def test_a_duplicate_of_an_unfinished_inquiry_is_not_stored(journal, run):
    """The first of equal contents is stored, also within a batch; the rest of the batch is stored."""
    first = inquiry(run, digest=b"same")
    assert await journal.accept(run, [first]) == [True]
    other, twin = inquiry(run), inquiry(run, digest=b"twin")
    again = [inquiry(run, digest=b"same"), other, twin, inquiry(run, digest=b"twin")]
    assert await journal.accept(run, again) == [False, True, True, False]
    assert ids(await journal.owned(run, 10)) == ids([first, other, twin])


async def test_the_same_content_is_accepted_again_when_the_first_is_finished(journal, run):
    """A digest is unique among the unfinished only."""
    first, second = inquiry(run, digest=b"same"), inquiry(run, digest=b"same")
    await journal.accept(run, [first])
    await journal.finish(run, [finished(first)])
    assert await journal.accept(run, [second]) == [True]


async def test_accepting_again_after_a_lost_answer_is_safe(journal, run):
    """The same inquiries a second time are stored once, and are this run's still."""
    new = [inquiry(run) for _ in range(3)]
    await journal.accept(run, new[:2])
    assert await journal.accept(run, new) == [True] * 3
    assert ids(await journal.owned(run, 10)) == ids(new)


async def test_a_duplicate_is_found_over_all_instances(journals, journal, run):
    """The SMSC may redeliver over another instance."""
    other_journal, _ = journals.process()
    other = await other_journal.open_run("gateway-2")
    assert await journal.accept(run, [inquiry(run, digest=b"same")]) == [True]
    assert await other_journal.accept(other, [inquiry(other, digest=b"same")]) == [False]


async def test_an_empty_batch_is_nothing(journal, run):
    """No call fails for having nothing to do."""
    assert await journal.accept(run, []) == []
    assert await journal.finish(run, []) == []
    assert await journal.accept_segments(run, [], Assembler(run)) == []
    assert await journal.expire_segments(run, [], 0.0, Assembler(run), 10) == []
    assert await journal.claim(run, [], LEASE_S, 10) == []
    assert await journal.counts() == JournalCounts(unfinished=0, segments=0, oldest_accepted_at=None)


# Finishing


async def test_finishing_forgets_and_can_be_repeated(journal, run):
    """A finished inquiry is owned by nobody; saying it again is answered the same."""
    new = [inquiry(run) for _ in range(3)]
    await journal.accept(run, new)
    assert await journal.finish(run, [finished(one) for one in new[:2]]) == [True, True]
    assert ids(await journal.owned(run, 10)) == ids(new[2:])
    assert await journal.finish(run, [finished(one) for one in new]) == [True] * 3
    assert await journal.owned(run, 10) == []


async def test_what_was_never_accepted_cannot_be_finished(journal, run):
    """No ending without an accepted inquiry."""
    assert await journal.finish(run, [finished(inquiry(run))]) == [False]


async def test_each_inquiry_has_one_ending(journals, journal, run):
    """Two runs that both finish an inquiry (one was taken for dead) are told which of them did."""
    new = inquiry(run)
    await journal.accept(run, [new])
    await journal.close_run(run)
    other_journal, _ = journals.process()
    other = await other_journal.open_run("gateway-2")
    assert ids(await other_journal.claim(other, ["operator"], LEASE_S, 10)) == [new.inquiry_id]
    assert await journal.finish(run, [finished(new)]) == [True]
    assert await other_journal.finish(other, [finished(new, Ending.EXPIRED)]) == [False]
    assert await journal.finish(run, [finished(new)]) == [True]


@pytest.mark.parametrize("ending", list(Ending))
async def test_every_ending_can_be_recorded(journal, run, ending):
    """The store knows every ending that the model knows."""
    new = inquiry(run)
    await journal.accept(run, [new])
    assert await journal.finish(run, [finished(new, ending)]) == [True]


# Parts of long messages


async def test_parts_become_an_inquiry_when_they_are_complete(journal, run):
    """In any order, over several calls, a part twice: one inquiry, its parts in order of number."""
    assemble = Assembler(run)
    one, two, three = parts(b"group")
    assert await journal.accept_segments(run, [three], assemble) == []
    assert await journal.accept_segments(run, [three, one], assemble) == []
    assert (await journal.counts()).segments == 2
    new = await journal.accept_segments(run, [two], assemble)
    assert ids(await journal.owned(run, 10)) == ids(new)
    assert len(new) == 1
    assert assemble.groups == [
        [StoredSegment(b"group", number, 3, "operator", b"part %d" % number) for number in (1, 2, 3)]
    ]
    assert (await journal.counts()).segments == 0


async def test_groups_in_one_batch_do_not_mix(journal, run):
    """Each group is assembled from its own parts."""
    assemble = Assembler(run)
    batch = [*parts(b"a"), *parts(b"b", total=2), *parts(b"c")[:2]]
    random.Random(1).shuffle(batch)
    new = await journal.accept_segments(run, batch, assemble)
    assert sorted(one.digest for one in new) == [b"a", b"b"]
    assert sorted([part.number for part in group] for group in assemble.groups) == [[1, 2], [1, 2, 3]]
    assert (await journal.counts()).segments == 2


async def test_a_complete_message_that_is_unfinished_already_is_not_stored_again(journal, run):
    """Redelivered whole: its parts are forgotten, and there is one inquiry."""
    await journal.accept(run, [inquiry(run, digest=b"group")])
    assert await journal.accept_segments(run, parts(b"group"), Assembler(run)) == []
    assert await journal.counts() == JournalCounts(1, 0, 1_700_000_000.25)


async def test_a_failure_while_assembling_changes_nothing(journals, journal, run):
    """Parts and inquiry change in one transaction."""

    def fail(group):
        raise ZeroDivisionError

    one, two, three = parts(b"group")
    await journal.accept_segments(run, [one, two], fail)
    await journals.passes(301.0)
    with pytest.raises(ZeroDivisionError):
        await journal.expire_segments(run, ["operator"], 300.0, fail, 10)
    assert (await journal.counts()).segments == 2
    assert len(await journal.accept_segments(run, [three], Assembler(run))) == 1


async def test_incomplete_groups_expire_oldest_first(journals, journal, run):
    """Groups whose first part is old become inquiries, at most `limit` of them; younger ones wait on. What the instances
    take for the time does not matter.
    """
    assemble = Assembler(run)
    await journal.accept_segments(run, parts(b"older", at=90.0)[1:], assemble)
    await journals.passes(10.0)
    await journal.accept_segments(run, parts(b"old", at=10.0)[:1], assemble)
    await journals.passes(35.0)
    await journal.accept_segments(run, [parts(b"old", at=20.0)[1], parts(b"young", at=1.0)[0]], assemble)
    await journals.passes(20.0)
    assert [one.digest for one in await journal.expire_segments(run, ["operator"], 50.0, assemble, 1)] == [b"older"]
    assert [one.digest for one in await journal.expire_segments(run, ["operator"], 50.0, assemble, 5)] == [b"old"]
    assert await journal.expire_segments(run, ["operator"], 50.0, assemble, 5) == []
    assert [[part.number for part in group] for group in assemble.groups] == [[2, 3], [1, 2]]
    assert await journal.counts() == JournalCounts(2, 1, 1_700_000_000.25)


async def test_only_groups_of_the_smscs_named_expire(journals, journal, run):
    """A group is for an instance that can answer it."""
    await journal.accept_segments(run, parts(b"group")[:2], Assembler(run))
    await journals.passes(51.0)
    assert await journal.expire_segments(run, ["another"], 50.0, Assembler(run), 5) == []
    assert len(await journal.expire_segments(run, ["another", "operator"], 50.0, Assembler(run), 5)) == 1


async def test_parts_over_two_instances_at_once_become_one_inquiry(journals, journal, run):
    """Whoever brings the last part, exactly one of them gets the inquiry; groups in opposite order lock nobody out."""
    other_journal, _ = journals.process()
    other = await other_journal.open_run("gateway-2")
    for turn in range(10):
        keys = [b"%d-%d" % (turn, number) for number in range(8)]
        first = [parts(key, total=2)[0] for key in keys]
        second = [parts(key, total=2)[1] for key in reversed(keys)]
        here, there = await asyncio.gather(
            journal.accept_segments(run, first, Assembler(run)),
            other_journal.accept_segments(other, second, Assembler(other)),
        )
        assert sorted(one.digest for one in (*here, *there)) == keys
    assert (await journal.counts()).segments == 0


# Runs


async def test_runs_are_numbered_over_all_instances(journals, journal, run):
    """Each run has a number of its own, from 1 on, below the 27 bits it has in an inquiry's number."""
    other_journal, _ = journals.process()
    other = await other_journal.open_run("gateway-2")
    assert 1 <= run.run_id < other.run_id < 2**27
    assert (run.instance, other.instance) == ("gateway-1", "gateway-2")


async def test_two_living_processes_cannot_share_a_name(journals, journal, run):
    """The second is refused, however long the first has been silent."""
    await journals.passes(LEASE_S * 10)
    with pytest.raises(Misconfigured, match="gateway-1"):
        await journals.process()[0].open_run("gateway-1")


async def test_a_name_is_free_when_its_process_is_killed(journals, journal, run):
    """The next process may start at once."""
    await journals.kill(journal, run)
    again = await journals.process()[0].open_run("gateway-1")
    assert again.run_id > run.run_id


async def test_a_name_is_free_when_its_run_is_closed(journals, journal, run):
    """Leaving in order frees the name too, and another run may be opened over the same journal."""
    await journal.close_run(run)
    assert (await journal.open_run("gateway-1")).run_id > run.run_id


async def test_a_closed_run_cannot_be_renewed(journals, journal, run):
    """Whoever was closed must not go on: others take over its inquiries."""
    await journal.renew(run)
    await journal.close_run(run)
    with pytest.raises(Misconfigured):
        await journal.renew(run)


# Taking over


@pytest.fixture
async def left(journals, journal, run):
    """Five inquiries that gateway-1 has accepted, the oldest last; by its own clock, which is wrong, the oldest first."""
    new = [inquiry(run, at=100.0 - number) for number in range(5)]
    for one in reversed(new):
        await journal.accept(run, [one])
        await journals.passes(0.25)
    return new


async def test_the_age_is_by_the_journal_s_clock(journals, journal, run):
    """Whatever the instance wrote down as the time; also when it is taken over."""
    await journal.accept(run, [inquiry(run, at=5.0)])
    await journals.passes(20.0)
    await journal.accept(run, [inquiry(run, at=9e9)])
    ages = [row.age_s for row in await journal.owned(run, 10)]
    assert ages == pytest.approx([20.0, 0.0], abs=SLACK_S)
    await journal.close_run(run)
    await journals.passes(10.0)
    other_journal, _ = journals.process()
    other = await other_journal.open_run("gateway-2")
    ages = [row.age_s for row in await other_journal.claim(other, ["operator"], LEASE_S, 10)]
    assert ages == pytest.approx([30.0, 10.0], abs=SLACK_S)


async def test_an_age_is_never_negative(journals, journal, run):
    """The journal's clock was set back: what it holds is young, and nothing expires for it."""
    await journal.accept(run, [inquiry(run)])
    await journal.accept_segments(run, parts(b"group")[:2], Assembler(run))
    await journals.set_clock(-3600.0)
    assert [row.age_s for row in await journal.owned(run, 10)] == [0.0]
    assert await journal.expire_segments(run, ["operator"], 1.0, Assembler(run), 5) == []


async def test_a_restarted_instance_claims_what_it_left(journals, journal, run, left):
    """At once, without waiting for a lease; oldest first, at most `limit`, and owned by it then."""
    await journals.kill(journal, run)
    again_journal, _ = journals.process()
    again = await again_journal.open_run("gateway-1")
    first = await again_journal.claim(again, ["operator"], LEASE_S, 2)
    assert ids(first) == ids(left[:2:-1])
    rest = await again_journal.claim(again, ["operator"], LEASE_S, 10)
    assert ids(rest) == ids(left[2::-1])
    assert await again_journal.claim(again, ["operator"], LEASE_S, 10) == []
    assert sorted(ids(await again_journal.owned(again, 10))) == sorted(ids(left))


async def test_what_a_closed_run_left_is_claimed_at_once(journals, journal, run, left):
    """An instance that left in order will not come back for it."""
    other_journal, _ = journals.process()
    other = await other_journal.open_run("gateway-2")
    assert await other_journal.claim(other, ["operator"], LEASE_S, 10) == []
    await journal.close_run(run)
    assert len(await other_journal.claim(other, ["operator"], LEASE_S, 10)) == 5


async def test_only_inquiries_of_the_smscs_named_are_claimed(journals, journal, run, left):
    """A reply can only leave through an SMSC to which the claimer is bound."""
    await journal.accept(run, [elsewhere := inquiry(run, smsc="elsewhere")])
    await journal.close_run(run)
    other_journal, _ = journals.process()
    other = await other_journal.open_run("gateway-2")
    assert await other_journal.claim(other, ["third"], LEASE_S, 10) == []
    assert ids(await other_journal.claim(other, ["third", "elsewhere"], LEASE_S, 10)) == [elsewhere.inquiry_id]


async def renewing(journals, journal, run, seconds: float) -> None:
    for _ in range(int(seconds / 5)):
        await journals.passes(5.0)
        await journal.renew(run)


async def test_what_a_silent_instance_left_is_claimed_after_the_lease(journals, journal, run, left):
    """Not before the lease is over; its own process finds out when it finishes."""
    other_journal, _ = journals.process()
    other = await other_journal.open_run("gateway-2")
    await renewing(journals, other_journal, other, LEASE_S - 5)
    assert await other_journal.claim(other, ["operator"], LEASE_S, 10) == []
    await renewing(journals, other_journal, other, 10)
    assert len(await other_journal.claim(other, ["operator"], LEASE_S, 10)) == 5
    assert await journal.owned(run, 10) == []


async def test_an_instance_that_renews_keeps_its_inquiries(journals, journal, run, left):
    """Whoever says that it lives is left alone."""
    other_journal, _ = journals.process()
    other = await other_journal.open_run("gateway-2")
    for _ in range(6):
        await renewing(journals, other_journal, other, 5)
        await journal.renew(run)
    assert await other_journal.claim(other, ["operator"], LEASE_S, 10) == []


async def test_nobody_takes_over_right_after_an_outage(journals, journal, run, left):
    """While the journal is away nobody can renew; the first to return gives the others a lease to do so."""
    other_journal, _ = journals.process()
    other = await other_journal.open_run("gateway-2")
    await renewing(journals, other_journal, other, 60)
    await journal.renew(run)
    await journals.passes(LEASE_S * 4)
    await other_journal.renew(other)
    assert await other_journal.claim(other, ["operator"], LEASE_S, 10) == []
    await journal.renew(run)
    await renewing(journals, other_journal, other, 10)
    await journal.renew(run)
    await renewing(journals, other_journal, other, 5)
    assert await other_journal.claim(other, ["operator"], LEASE_S, 10) == []


async def test_two_that_claim_at_once_share(journals, journal, run):
    """No inquiry is claimed twice."""
    new = [inquiry(run) for _ in range(40)]
    await journal.accept(run, new)
    await journal.close_run(run)
    claimers = [journals.process()[0] for _ in range(2)]
    runs = [await one.open_run(f"gateway-{number}") for number, one in enumerate(claimers, 2)]
    taken = await asyncio.gather(
        *(one.claim(its, ["operator"], LEASE_S, 5) for one, its in zip(claimers, runs, strict=True) for _ in range(4))
    )
    claimed = ids(itertools.chain.from_iterable(taken))
    assert len(claimed) == len(set(claimed))
    for one, its in zip(claimers, runs, strict=True):
        claimed += ids(await one.claim(its, ["operator"], LEASE_S, 100))
    assert sorted(claimed) == ids(new)


async def test_a_reply_that_may_have_left_is_marked(journals, run, journal):
    """An inquiry with an audit entry may have been answered before its run died."""
    _, audit = journals.process()
    new = [inquiry(run), inquiry(run)]
    await journal.accept(run, new)
    entry = AuditEntry(new[1].inquiry_id, 1, "operator", b"s", b"c", "DC", "", "1", Ending.ANSWERED, 1, False)
    await audit.append([ChainedEntry(run.run_id, 1, b"mac", entry)])
    assert [row.may_have_left for row in await journal.owned(run, 10)] == [False, True]
    await journal.close_run(run)
    other_journal, _ = journals.process()
    other = await other_journal.open_run("gateway-2")
    assert [row.may_have_left for row in await other_journal.claim(other, ["operator"], LEASE_S, 10)] == [False, True]


async def test_counts_span_all_instances(journals, journal, run, left):
    """Ops watch the oldest unanswered inquiry of the whole service."""
    other_journal, _ = journals.process()
    assert await other_journal.counts() == JournalCounts(unfinished=5, segments=0, oldest_accepted_at=96.0)
