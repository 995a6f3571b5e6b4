"""The audit in its database: added to and never changed; what is changed past the database is seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.domain.audit import Entry, first_break
from bot.services.verifying import Doubt, NotApprovedError
from bot.store import audit
from bot.store.database import Database
from tests.editors import Office, verify

TRIGGERS = {
    "sqlite": [f"DROP TRIGGER audit_refuses_{word}" for word in ("update", "delete", "replace")],
    "postgresql": ["DROP TRIGGER audit_is_only_added_to ON audit"],
}
FIELDS = (
    "number",
    "at",
    "editor",
    "action",
    "subject",
    "revision",
    "digest",
    "signature",
    "previous",
    "hash",
)


@pytest.fixture
async def office(database: Database) -> Office:
    """An office that has published one release: five entries in the audit."""
    office = Office(database)
    await office.hire("anna", "boris")
    await office.enter_people(1)
    await office.published()
    return office


async def statement(office: Office, *said: str) -> None:
    async with office.database.writing() as connection:
        for one in said:
            await connection.execute(text(one))


REFUSED = ["UPDATE audit SET editor = 'vera'", "DELETE FROM audit", "DELETE FROM audit WHERE number = 3"]


@pytest.mark.parametrize("said", REFUSED)
async def test_the_database_refuses_to_change_the_audit(office: Office, said: str) -> None:
    with pytest.raises(DBAPIError, match="the audit is only added to"):
        await statement(office, said)
    async with office.database.reading() as connection:
        entries = await audit.entries(connection)
    assert len(entries) == 5
    assert first_break(entries) is None


async def test_neither_a_replacement_nor_a_truncation_is_a_way_round(office: Office) -> None:
    every = ", ".join(("id", *FIELDS))
    said = {
        "sqlite": f"INSERT OR REPLACE INTO audit ({every}) SELECT {every} FROM audit WHERE number = 2",  # noqa: S608
        "postgresql": "TRUNCATE audit",
    }
    with pytest.raises(DBAPIError, match="the audit is only added to"):
        await statement(office, said[office.database.dialect])


@pytest.mark.parametrize("field", FIELDS)
async def test_whoever_gets_past_the_database_is_seen_in_each_field_of_each_entry(
    office: Office, field: str
) -> None:
    [one] = await office.queued()
    await verify(office.database, one.id)
    await statement(office, *TRIGGERS[office.database.dialect])
    value = {"number": "number + 100"}.get(field, f"'x' || substr({field}, 2)")
    for number in range(1, 6):

        async def changed(this: int = number) -> None:
            await statement(office, f"UPDATE audit SET {field} = {value} WHERE number = {this}")  # noqa: S608

        assert await doubt_within(office, one.id, changed) is Doubt.CHAIN
    await verify(office.database, one.id)


async def doubt_within(
    office: Office, publication_id: int, change: Callable[[], Awaitable[None]]
) -> Doubt | None:
    """Make a change, ask whether the publication may go, and put everything back."""
    async with office.database.reading() as connection:
        before = await audit.entries(connection)
    await change()
    try:
        await verify(office.database, publication_id)
    except NotApprovedError as error:
        found: Doubt | None = error.doubt
    else:
        found = None
    await statement(office, "DELETE FROM audit")
    async with office.database.writing() as connection:
        for entry in before:
            await audit.append(connection, entry)
    return found


async def test_a_chain_made_anew_does_not_carry_a_forged_approval(office: Office) -> None:
    [one] = await office.queued()
    await statement(office, *TRIGGERS[office.database.dialect])
    async with office.database.reading() as connection:
        entries = await audit.entries(connection)
    await statement(office, "DELETE FROM audit")
    async with office.database.writing() as connection:
        for entry in entries:
            mine = entry.action in {"confirm", "report"} and entry.editor == "anna"
            forged = "boris" if mine else entry.editor
            await audit.append(connection, Entry(0, entry.at, forged, *list_of(entry)))
        assert first_break(await audit.entries(connection)) is None

    with pytest.raises(NotApprovedError) as caught:
        await verify(office.database, one.id)
    assert caught.value.doubt is Doubt.NOT_APPROVED


def list_of(entry: Entry) -> tuple[str, str, str, str, str, str]:
    return entry.action, entry.subject, entry.revision, entry.digest, entry.signature, ""


async def test_another_key_in_the_table_of_editors_is_not_trusted(office: Office) -> None:
    [one] = await office.queued()
    public = "SELECT public_key FROM editor WHERE handle = 'boris'"
    await statement(office, f"UPDATE editor SET public_key = ({public}) WHERE handle = 'anna'")  # noqa: S608

    with pytest.raises(NotApprovedError) as caught:
        await verify(office.database, one.id)
    assert caught.value.doubt is Doubt.NOT_APPROVED
