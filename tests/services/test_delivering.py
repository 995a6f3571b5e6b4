"""Delivering: each publication once to everybody who is owed it, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import prepare_registry
from bot.domain.publishing import PublicationState
from bot.domain.subjects import Subject
from bot.services.delivering import LOOK_SECONDS
from bot.sources.seed_files import SEED
from bot.store.database import Database
from tests.conftest import READ_UNTIL
from tests.editors import Office
from tests.senders import ALL, FRIEND, MOTHER, SISTER, Scene


async def test_a_release_is_told_once_and_aloud_to_who_follows(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.remember(SISTER, 1002)
    await scene.remember(FRIEND, topics=ALL)
    await scene.office.published(1)

    await scene.told()
    await scene.told()

    assert sorted((sent.chat, sent.loud, sent.repeat) for sent in scene.courier.sent) == [
        (MOTHER, True, False),
        (FRIEND, True, False),
    ]
    mother = await scene.row(MOTHER)
    assert mother.in_flight is None
    assert [told.publication for told in mother.told] == [mother.alert_seen]
    [wipe] = mother.wipes
    assert wipe.untapped
    assert scene.vault.published == mother.alert_seen


async def test_everything_pending_is_one_message(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001, 1002)
    for number in (1, 2):
        await scene.office.published(number)

    await scene.told()

    [sent] = scene.courier.sent
    assert len(sent.numbers) == 2


async def test_a_release_of_many_is_one_publication_and_one_message(scene: Scene) -> None:
    office = scene.office
    await scene.remember(MOTHER, 1001, 1002)
    await scene.remember(FRIEND, topics=ALL | {Subject.GROUP_RELEASES.value})
    await office.enter_event()
    for number in (1, 2, 3):
        await office.reported(number, event="R1")
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")

    await scene.told()

    assert sorted(sent.chat for sent in scene.courier.sent) == [MOTHER, FRIEND]
    assert len({sent.numbers for sent in scene.courier.sent}) == 1


async def test_what_another_process_publishes_is_found_by_the_next_look_half_a_second_later_at_most(
    scene: Scene,
) -> None:
    await scene.remember(MOTHER, 1001)
    sender = scene.sender()
    await sender.look()
    assert sender._owed.is_empty
    office = scene.office
    elsewhere = Office(Database(office.database._writer.url.render_as_string(hide_password=False)))
    elsewhere.keys, elsewhere.secrets, elsewhere.moment = office.keys, office.secrets, office.moment
    await elsewhere.published(1)
    await elsewhere.database.close()

    await sender.look()

    assert [state for state, _ in await scene.states()] == [PublicationState.GOING]
    assert len(sender._owed) == 1
    assert LOOK_SECONDS <= 0.5


@pytest.mark.proof
async def test_a_newer_seed_a_list_of_people_and_a_merge_alert_nobody(
    scene: Scene, tmp_path: Path, whole_proof: bool
) -> None:
    everything = frozenset(subject.value for subject in Subject)
    await scene.remember(MOTHER, 1001, 1002, topics=everything)
    people = 9000 if whole_proof else 600
    async with scene.delivering() as sender:
        await scene.settled(sender)
        await prepare_registry(scene.office.database, SEED, READ_UNTIL)
        outcome = await scene.office.reads_list(tmp_path / "list.csv", people)
        assert outcome.report.added["person"] == people
        await scene.office.merge(1, 2)
        scene.passes(days=1)
        await scene.settled(sender)

    assert scene.courier.sent == []
    assert await scene.office.count() == 0
