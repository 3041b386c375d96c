import asyncio

import asyncpg
import pytest
from msgspec.structs import asdict

from simulator.engines.program import CannotStartError
from simulator.population import Citizen, Population
from simulator.population.postgres import QUERY, Occupied, load_population


def make(dsn, citizens=120, seed=1, said=None):
    population = Population(citizens=citizens, seed=seed)
    return load_population(dsn, population, (said if said is not None else []).append)


async def fetch(dsn, query, *arguments):
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(query, *arguments)
    finally:
        await connection.close()


async def test_the_query_finds_the_records_as_they_were_drawn(postgres_dsn):
    """Every field of every citizen, dates as dates; an ID that nobody has is simply absent."""
    assert await make(postgres_dsn)
    population = Population(citizens=120, seed=1)
    drawn = [population.citizen(index) for index in range(120)]
    rows = await fetch(postgres_dsn, QUERY, [*(citizen.citizen_id for citizen in drawn), "999999999999"])
    assert {row["citizen_id"]: dict(row) for row in rows} == {citizen.citizen_id: asdict(citizen) for citizen in drawn}
    assert list(rows[0].keys()) == list(Citizen.__struct_fields__)


async def test_what_stands_there_is_not_made_again(postgres_dsn):
    """The same population is written once, and nothing is said the second time."""
    said = []
    assert await make(postgres_dsn, said=said)
    assert not await make(postgres_dsn, said=said)
    assert said == ["writing 120 citizens"]


@pytest.mark.parametrize("other", [{"citizens": 90}, {"seed": 2}])
async def test_another_population_takes_its_place(postgres_dsn, other):
    """Another N or another S: all records are the new ones, none of the old are left."""
    await make(postgres_dsn)
    assert await make(postgres_dsn, **other)
    wanted = {"citizens": 120, "seed": 1} | other
    rows = await fetch(postgres_dsn, "SELECT citizen_id FROM citizen")
    population = Population(**wanted)
    assert {row[0] for row in rows} == {population.citizen(index).citizen_id for index in range(wanted["citizens"])}


async def test_another_version_is_made_anew(postgres_dsn, monkeypatch):
    """Records of a former version of the population are replaced."""
    await make(postgres_dsn)
    monkeypatch.setattr("simulator.population.postgres.VERSION", 2**20)
    assert await make(postgres_dsn)


async def test_two_loaders_at_once_write_one_population(postgres_dsn):
    """The second waits for the first and finds its work done."""
    assert sorted(map(bool, await asyncio.gather(make(postgres_dsn), make(postgres_dsn)))) == [False, True]


async def test_a_failure_leaves_what_was_there(postgres_dsn, monkeypatch):
    """A load that breaks off half-way changes nothing: the former population stands whole."""
    await make(postgres_dsn)

    def break_off(self, index):
        if index == 50:
            raise RuntimeError("broken off")
        return citizen(self, index)

    citizen = Population.citizen
    monkeypatch.setattr(Population, "citizen", break_off)
    with pytest.raises(RuntimeError, match="broken off"):
        await make(postgres_dsn, citizens=200)
    monkeypatch.undo()
    assert not await make(postgres_dsn)
    assert (await fetch(postgres_dsn, "SELECT count(*) FROM citizen"))[0][0] == 120


async def test_records_are_found_by_index(postgres_dsn):
    """A batch of IDs is looked up through the primary key, whose order is that of bytes."""
    await make(postgres_dsn, citizens=2_000)
    plan = await fetch(postgres_dsn, "EXPLAIN " + QUERY.replace("$1", "'{001085012345}'"))
    assert any("citizen_pkey" in row[0] for row in plan)


async def test_several_processes_make_the_same(postgres_dsn):
    """Every citizen once, whoever drew them; how far it is was told to the end."""
    population = Population(citizens=4_500, seed=4)
    told = []
    assert await load_population(
        postgres_dsn, population, lambda _: None, jobs=3, progress=lambda done, doing: told.append((done, doing))
    )
    rows = await fetch(postgres_dsn, "SELECT citizen_id, full_name FROM citizen")
    drawn = {(citizen.citizen_id, citizen.full_name) for block in population.blocks() for citizen in block}
    assert len(rows) == 4_500
    assert {tuple(row) for row in rows} == drawn
    assert [doing for _, doing in told][-2:] == ["indexing", "analysing"]
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == 4_500


async def test_a_process_that_fails_leaves_the_database_as_it_was(postgres_dsn, monkeypatch):
    """And is told."""
    await make(postgres_dsn)
    monkeypatch.setattr("simulator.population.postgres._ROOT", "/nowhere")
    monkeypatch.chdir("/")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with pytest.raises(CannotStartError, match="ended with exit status 1"):
        await load_population(postgres_dsn, Population(citizens=3_000, seed=4), lambda _: None, jobs=2)
    assert len(await fetch(postgres_dsn, "SELECT 1 FROM citizen")) == 120
    assert not await make(postgres_dsn)


async def test_nothing_else_is_replaced_unless_told(postgres_dsn):
    """Neither another population nor a table of somebody's own; both are as they were."""
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute("CREATE TABLE citizen (id int); INSERT INTO citizen VALUES (1)")
    people = Population(citizens=30, seed=1)
    with pytest.raises(Occupied, match="no synthetic population"):
        await load_population(postgres_dsn, people, lambda _: None, replace=False)
    assert await connection.fetchval("SELECT id FROM citizen") == 1
    await connection.execute("DROP TABLE citizen")
    assert await load_population(postgres_dsn, people, lambda _: None, replace=False)
    with pytest.raises(Occupied, match="30 citizens of seed 1"):
        await load_population(postgres_dsn, Population(citizens=9, seed=1), lambda _: None, replace=False)
    await connection.close()


async def test_readers_read_on_while_another_is_made(postgres_dsn):
    """What was there before, until it is whole; and who might read it still may."""
    await make(postgres_dsn)
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute("GRANT SELECT ON citizen TO PUBLIC")
    seen = []

    async def look():
        seen.append(await asyncio.wait_for(connection.fetchval("SELECT count(*) FROM citizen"), 5))

    looks = []
    await load_population(
        postgres_dsn, Population(citizens=3_000, seed=1), lambda _: None, jobs=1,
        progress=lambda done, _doing: looks.append(asyncio.ensure_future(look())) if done == 1_000 else None,
    )  # fmt: skip
    await asyncio.gather(*looks)
    assert seen == [120]
    assert await connection.fetchval("SELECT count(*) FROM citizen") == 3_000
    grants = await connection.fetch(
        "SELECT 1 FROM information_schema.role_table_grants WHERE table_name = 'citizen' AND grantee = 'PUBLIC'"
    )
    assert grants
    await connection.close()
