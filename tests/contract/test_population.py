"""The contract of `ports.Population`, in memory and in PostgreSQL."""

from datetime import date


async def test_the_records_stand_in_the_order_of_the_questions(population):
    """Each citizen's own record by field code, None for one who does not exist, one asked twice answered twice."""
    first, nobody, second, again = await population.fetch(
        ["001085012346", "001085099999", "001085012345", "001085012346"], {"full_name", "birth_date"}
    )
    assert nobody is None
    assert dict(first) == dict(again) == {"citizen_id": "001085012346", "full_name": "Lê Văn Ðức", "birth_date": None}
    assert second["birth_date"] == date(1985, 2, 28)


async def test_an_empty_batch_is_nothing(population):
    """No call fails for having nothing to do."""
    assert await population.fetch([], ()) == []


async def test_what_nobody_asked_for_is_not_given(population):
    """Only the fields that were asked for leave the store, and whose record it is."""
    (record,) = await population.fetch(["001085012345"], {"birth_date"})
    assert dict(record) == {"citizen_id": "001085012345", "birth_date": date(1985, 2, 28)}
