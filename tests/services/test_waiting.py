"""What waits for a second editor is listed as it stands, and only as long as it waits."""

from __future__ import annotations

import pytest

from bot.domain.articles import Area, Library
from bot.domain.publishing import Action
from bot.services.drafting import Draft
from bot.services.waiting import Waiting, waiting
from bot.store.database import Database
from bot.store.tables import sanction
from tests.builders import a_topic
from tests.editors import Office


@pytest.fixture
async def office(database: Database) -> Office:
    """Three editors, two placeholder people, one release of many, one sanction."""
    office = Office(database)
    await office.hire("anna", "boris", "vera")
    await office.enter_people(2)
    await office.enter_event()
    await office.enter_sanction()
    return office


async def listed(office: Office) -> list[tuple[str, Action, str]]:
    async with office.database.reading() as connection:
        found: list[Waiting] = await waiting(connection, Library(a_topic(area=Area.LEGAL).values()))
    return [(one.subject, one.action, one.editor) for one in found]


async def test_a_claim_waits_from_its_confirmation_to_its_publication(office: Office) -> None:
    key = await office.reported(1)
    assert await listed(office) == []
    await office.reviewing.confirm(office.signer("anna"), key)
    assert await listed(office) == [(f"claim/{key}", Action.CONFIRM, "anna")]
    await office.reviewing.publish(office.signer("boris"), key)
    assert await listed(office) == []


async def test_what_was_confirmed_and_reported_otherwise_does_not_wait(office: Office) -> None:
    key = await office.reported(1)
    await office.reviewing.confirm(office.signer("anna"), key)
    await office.reported(1, country="PL")
    assert await listed(office) == []


async def test_a_correction_and_a_retraction_wait_for_the_second_word(office: Office) -> None:
    key, other = await office.published(1), await office.published(2)
    await office.reviewing.correct(office.signer("anna"), key, Draft({"country": "PL"}))
    await office.reviewing.retract(office.signer("vera"), other)
    assert await listed(office) == [
        (f"claim/{key}", Action.CORRECT, "anna"),
        (f"claim/{other}", Action.RETRACT, "vera"),
    ]
    await office.reviewing.correct(office.signer("boris"), key, Draft({}))
    await office.reviewing.retract(office.signer("boris"), other)
    assert await listed(office) == []


async def test_releases_of_many_and_news_wait_too_until_they_change(office: Office) -> None:
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    await office.announcing.confirm_news(office.signer("anna"), "article", "first-steps")
    await office.announcing.confirm_news(office.signer("vera"), "sanction", "S1")
    assert await listed(office) == [
        ("article/first-steps", Action.CONFIRM, "anna"),
        ("event/R1", Action.CONFIRM, "anna"),
        ("sanction/S1", Action.CONFIRM, "vera"),
    ]
    async with office.database.writing() as connection:
        await connection.execute(sanction.update().values(text_en="Something else"))
    await office.announcing.publish_event(office.signer("boris"), "R1")
    await office.announcing.publish_news(office.signer("boris"), "article", "first-steps")
    assert await listed(office) == []
