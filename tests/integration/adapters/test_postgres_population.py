"""The department's own query."""

import asyncpg
import pytest

from sms_service.adapters.postgres import Database, PostgresPopulation
from sms_service.ports import Misconfigured, Unavailable

GOOD = "SELECT citizen_id, full_name, birth_date FROM citizen WHERE citizen_id = ANY ($1::text[])"


@pytest.fixture
async def make(postgres_dsn):
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute(
        "CREATE TABLE citizen (citizen_id char(12), full_name varchar(99), birth_date date, height integer)"
    )
    await connection.execute("CREATE SEQUENCE touched")
    await connection.execute("INSERT INTO citizen VALUES ('001085012345', 'Nguyễn Thị Hoà', '1985-02-28', 160)")
    await connection.close()
    databases = []

    def make(query: str, timeout_s: float = 5.0) -> PostgresPopulation:
        databases.append(Database.population(postgres_dsn, user="test", connections=1, timeout_s=timeout_s))
        return PostgresPopulation(databases[-1], query)

    yield make
    for database in databases:
        await database.close()


async def test_a_good_query(make):
    """It is looked at before the first citizen asks."""
    await make(GOOD).check({"full_name", "birth_date"})


async def test_what_no_command_discloses_is_not_fetched(make):
    """A column of the query that nobody needs never leaves the store; a trailing semicolon or comment does no harm."""
    (record,) = await make(GOOD + " -- all of them").fetch(["001085012345"], {"full_name"})
    assert dict(record) == {"citizen_id": "001085012345", "full_name": "Nguyễn Thị Hoà"}
    (record,) = await make(GOOD + ";\n").fetch(["001085012345"], {"full_name"})
    assert dict(record) == {"citizen_id": "001085012345", "full_name": "Nguyễn Thị Hoà"}


async def test_a_field_that_the_query_lacks(make):
    """A command discloses it, or the refusal rests on it: found at the start, not when a citizen asks."""
    with pytest.raises(Misconfigured, match="no column 'death_or_missing_date'"):
        await make(GOOD).check({"full_name", "death_or_missing_date"})
    with pytest.raises(Misconfigured, match="no column 'sex'"):
        await make(GOOD).fetch(["001085012345"], {"sex"})


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("SELECT full_name FROM citizen WHERE citizen_id = ANY ($1::text[])", "no column 'citizen_id'"),
        (
            "SELECT citizen_id, full_name, height FROM citizen WHERE citizen_id = ANY ($1::text[])",
            "'height' as int4; cast",
        ),
        ("SELECT citizen_id FROM citizen", "takes no parameter"),
        ("SELECT citizen_id FROM citizen WHERE citizen_id = $1::text", "one is needed"),
        ("SELECT citizen_id FROM citizens WHERE citizen_id = ANY ($1::text[])", "UndefinedTable"),
        ("SELEC", "Syntax"),
        (GOOD + "; -- all of them", "subquery"),
        (GOOD.replace("birth_date", "birth_date, citizen_id"), "twice.*'citizen_id'"),
    ],
)
async def test_a_query_that_cannot_be_used(make, query, text):
    """It is refused at the start, with what is missing."""
    with pytest.raises(Misconfigured, match=text):
        await make(query).check({"full_name"})


async def test_two_records_for_one_citizen(make):
    """Nobody can say which is right, so none is disclosed."""
    population = make(GOOD + " UNION ALL SELECT '001085012345', 'Trần Văn A', '1990-01-01'")
    with pytest.raises(Misconfigured, match="more than one record"):
        await population.fetch(["001085012345"], {"full_name"})


async def test_a_record_that_nobody_asked_for(make):
    """A query that forgets its condition discloses nobody else's record."""
    population = make("SELECT citizen_id::text, full_name FROM citizen WHERE $1::text[] IS NOT NULL")
    assert await population.fetch(["001085099999"], {"full_name"}) == [None]


async def test_the_session_cannot_write(make):
    """Whatever the query calls."""
    population = make(
        "SELECT citizen_id, full_name FROM citizen WHERE citizen_id = ANY ($1::text[]) AND nextval('touched') > 0"
    )
    with pytest.raises(Unavailable, match="25006"):
        await population.fetch(["001085012345"], {"full_name"})


async def test_a_query_that_takes_too_long(make):
    """The server has lost its way; the call is given up, and the next may succeed."""
    population = make(GOOD + " AND (full_name <> 'slow' OR pg_sleep(0) IS NULL)", timeout_s=0.2)
    slow = make(GOOD + " AND pg_sleep(30) IS NOT NULL", timeout_s=0.2)
    with pytest.raises(Unavailable):
        await slow.fetch(["001085012345"], {"full_name"})
    assert (await population.fetch(["001085012345"], {"full_name"}))[0]["full_name"] == "Nguyễn Thị Hoà"
