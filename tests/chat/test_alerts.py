"""Alerts as readers meet them: a neutral push, a tap, a name; a correction; and silence after stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.desk import faults
from bot.desk.desk import Desk
from bot.desk.messages import Message
from bot.desk.people import Person
from bot.domain.people import Consent
from bot.store.database import Database
from tests.chat.test_following import follow, tap
from tests.newsroom import Newsroom
from tests.running import Clock, plan_for, running, told

NEWS = "Ёсць нешта новае"
AGAIN = "Яшчэ раз, калі раптам"
CHANGED = "Нешта з таго, што вам пісалі"
MISSED = "Тут для вас нешта было, але выдалілася непрачытаным."


@asynccontextmanager
async def a_follower(registry: Database, folder: Path) -> AsyncIterator[tuple[Clock, Desk, Newsroom, Person]]:
    """Run a bot by a clock that can be turned; a mother follows a placeholder person. Nothing goes wrong."""
    clock = Clock()
    newsroom, desk = Newsroom(registry, clock.at - timedelta(hours=1)), clock.desk()
    await newsroom.open()
    await newsroom.person("1", "Прыклад Алена")
    async with desk.serving() as url, running(clock.plan(desk, url, folder)):
        mother = desk.person("Марыя", language_code="be")
        await follow(mother, "Прыклад Алена")
        yield clock, desk, newsroom, mother
    assert desk.violations == []


async def test_a_release_reaches_who_follows_and_names_nobody_until_the_tap(
    seeded: Database, tmp_path: Path
) -> None:
    newsroom, desk = Newsroom(seeded), Desk()
    await newsroom.open()
    await newsroom.person("1", "Прыклад Алена")
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        mother, other = (desk.person(name, language_code="be") for name in ("Марыя", "Вера"))
        await follow(mother, "Прыклад Алена")
        await follow(other, "Алесь Бяляцкі")
        await desk.settled()
        seen = len(mother.lock_screen)

        await newsroom.release("1")
        alert = await told(desk, mother, NEWS)

        assert not alert.silent
        assert alert.protected
        assert len(mother.lock_screen) == seen + 1
        assert "Прыклад" not in repr(mother.lock_screen[-1])
        mother.taps("Паглядзець", on=alert)
        card = await told(desk, mother, "На волі")
        assert "Прыклад Алена" in card.text
        await desk.settled(quiet_seconds=1)
        assert not [m for m in other.history if m.text.startswith(NEWS)]
        assert len([m for m in mother.history if m.text.startswith(NEWS)]) <= 1
    assert desk.violations == []


async def test_a_correction_reaches_who_unfollowed_and_none_reaches_who_said_stop(
    seeded: Database, tmp_path: Path
) -> None:
    newsroom, desk = Newsroom(seeded), Desk()
    await newsroom.open()
    await newsroom.person("1", "Прыклад Алена")
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        mother, sister = (desk.person(name, language_code="be") for name in ("Марыя", "Вера"))
        for reader in (mother, sister):
            await follow(reader, "Прыклад Алена")
        claim = await newsroom.release("1")
        alert = await told(desk, mother, NEWS)
        await told(desk, sister, NEWS)
        mother.says("Прыклад Алена")
        await mother.hears()
        await tap(mother, "Не сачыць")
        sister.says("/stop")
        await sister.hears()

        await newsroom.correct(claim, outcome="abroad", country="LT")
        changed = await told(desk, mother, CHANGED)

        assert not changed.silent
        await told(desk, mother, "Гэта ўжо састарэла")
        assert alert.id in [m.id for m in mother.history if m.text.startswith("Гэта ўжо")]
        mother.taps("Паглядзець", on=changed)
        news = await told(desk, mother, "Што новага")
        assert "Прыклад Алена" in news.text
        assert "Удакладнена" in news.text
        await desk.settled(quiet_seconds=1)
        assert not [m for m in sister.history if m.text.startswith(CHANGED)]
    assert desk.violations == []


@asynccontextmanager
async def told_of_two(registry: Database, folder: Path) -> AsyncIterator[Scene]:
    """Tell a mother of two releases in one message, as after an outage, and let her open it."""
    newsroom, desk = Newsroom(registry), Desk()
    await newsroom.open()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        for key, name in ("1", "Прыклад Алена"), ("2", "Прыклад Барыс"):
            await newsroom.person(key, name)
        async with running(plan_for(desk, url, folder)):
            await follow(mother, "Прыклад Алена")
            mother.says("Прыклад Барыс")
            await mother.hears()
            await tap(mother, "Сачыць")
        claims = [await newsroom.release(key) for key in ("1", "2")]
        async with running(plan_for(desk, url, folder)):
            alert = await told(desk, mother, NEWS)
            mother.taps("Паглядзець", on=alert)
            opened = await told(desk, mother, "Што новага")
            assert opened.text.count("На волі") == 2
            yield Scene(desk, newsroom, mother, alert, claims)
    assert desk.violations == []


@dataclass(frozen=True)
class Scene:
    """A mother who opened an alert of two people."""

    desk: Desk
    newsroom: Newsroom
    mother: Person
    alert: Message
    claims: list[str]

    def says_free(self) -> list[str]:
        """Return what the chat still says of somebody's being free."""
        return [message.text for message in self.mother.history if "На волі" in message.text]


async def test_what_was_read_of_two_people_is_gone_when_both_are_taken_back(
    seeded: Database, tmp_path: Path
) -> None:
    async with told_of_two(seeded, tmp_path) as scene:
        assert [m.id for m in scene.mother.history if m.text.startswith("Што новага")] == [scene.alert.id]
        for claim in scene.claims:
            await scene.newsroom.retract(claim)
        await scene.desk.until(lambda: not scene.says_free())
        await told(scene.desk, scene.mother, "Гэта ўжо састарэла")


async def test_what_was_read_of_two_people_is_opened_anew_when_one_is_taken_back(
    seeded: Database, tmp_path: Path
) -> None:
    async with told_of_two(seeded, tmp_path) as scene:
        await scene.newsroom.retract(scene.claims[0])
        await told(scene.desk, scene.mother, CHANGED)
        closed = await told(scene.desk, scene.mother, NEWS)
        assert closed.id == scene.alert.id
        assert not scene.says_free()
        scene.mother.taps("Паглядзець", on=closed)
        card = await told(scene.desk, scene.mother, "На волі")
        assert (card.id, "Прыклад Барыс" in card.text) == (scene.alert.id, True)


async def test_a_correction_that_was_read_is_gone_when_it_is_taken_back(
    seeded: Database, tmp_path: Path
) -> None:
    async with a_follower(seeded, tmp_path) as (_, desk, newsroom, mother):
        claim = await newsroom.release("1")
        await told(desk, mother, NEWS)
        await newsroom.correct(claim, outcome="house_arrest")
        changed = await told(desk, mother, CHANGED)
        mother.taps("Паглядзець", on=changed)
        assert (await told(desk, mother, "Што новага")).id == changed.id
        await newsroom.retract(claim)
        await told(desk, mother, "Гэта ўжо састарэла", 2)
        assert not [m for m in mother.history if "Удакладнена" in m.text]


async def test_a_release_for_followers_only_is_on_their_card_and_on_nobody_else_s(
    seeded: Database, tmp_path: Path
) -> None:
    async with a_follower(seeded, tmp_path) as (_, desk, newsroom, mother):
        stranger = desk.person("Вера", language_code="be")
        await newsroom.release("1", consent=Consent.FOLLOWERS)
        alert = await told(desk, mother, NEWS)
        mother.taps("Паглядзець", on=alert)
        card = await told(desk, mother, "На волі")
        assert "Прыклад Алена" in card.text
        mother.says("Прыклад Алена")
        assert (await mother.hears())[-1].text.startswith("На волі")
        assert "24 лістапада 2026" in (await tap(mother, "Крыніцы")).text
        stranger.says("Прыклад Алена")
        answer = (await stranger.hears())[-1]
        assert "На волі" not in answer.text
        assert "24 лістапада 2026" not in answer.text


async def test_what_was_published_before_one_follows_is_no_news(seeded: Database, tmp_path: Path) -> None:
    newsroom, desk = Newsroom(seeded), Desk()
    await newsroom.open()
    await newsroom.person("1", "Прыклад Алена")
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        mother, late = (desk.person(name, language_code="be") for name in ("Марыя", "Вера"))
        await follow(mother, "Прыклад Алена")
        await newsroom.release("1")
        await told(desk, mother, NEWS)
        await follow(late, "Прыклад Алена")
        await asyncio.sleep(1.2)
        await desk.settled(quiet_seconds=0.5)
        assert not [m for m in late.history if m.text.startswith(NEWS)]
    assert desk.violations == []


async def test_an_alert_waits_for_a_phone_that_is_off_and_one_tap_reads_it(
    seeded: Database, tmp_path: Path
) -> None:
    async with a_follower(seeded, tmp_path) as (clock, desk, newsroom, mother):
        await newsroom.release("1")
        alert = await told(desk, mother, NEWS)
        await desk.settled(quiet_seconds=0.5)
        clock.passes(hours=40)
        await desk.until(lambda: [m.id for m in mother.history] == [alert.id])

        mother.taps("Паглядзець", on=alert)
        card = await told(desk, mother, "На волі")
        assert (card.id, "Прыклад Алена" in card.text) == (alert.id, True)
        clock.passes(hours=7)
        await desk.until(lambda: mother.history == [])


async def test_the_home_screen_says_that_an_alert_was_deleted_before_its_tap(
    seeded: Database, tmp_path: Path
) -> None:
    async with a_follower(seeded, tmp_path) as (clock, desk, newsroom, mother):
        assert MISSED not in (await tap(mother, "На пачатак")).text
        await newsroom.release("1")
        await told(desk, mother, NEWS)
        await desk.settled(quiet_seconds=0.5)
        clock.passes(hours=46)
        await desk.until(lambda: mother.history == [])

        mother.says("/following")
        await mother.hears()
        home = await tap(mother, "На пачатак")
        assert MISSED in home.text
        assert "Прыклад" not in home.text
        await tap(mother, "Мой спіс")
        assert "1. Прыклад Алена" in (await tap(mother, "Адкрыць")).text
        assert MISSED not in (await tap(mother, "На пачатак")).text


async def test_after_stop_and_clear_nothing_says_that_somebody_followed_or_was_told(
    seeded: Database, tmp_path: Path
) -> None:
    async with a_follower(seeded, tmp_path) as (_, desk, newsroom, mother):
        newcomer = desk.person("Вера", language_code="be")
        await newsroom.release("1")
        await told(desk, mother, NEWS)
        mother.says("/stop")
        await mother.hears()
        mother.says("/clear")
        await told(desk, mother, "Вітаем")

        screens = []
        for reader in (mother, newcomer):
            reader.says("/mydata")
            [kept] = await reader.hears()
            assert "згода на захаванне: не" in kept.text
            reader.says("/help")
            await reader.hears()
            home = await tap(reader, "На пачатак")
            of_any_chat = ("нумар гэтага чата", "колькі нумароў")  # numbers of chats and of messages
            lines = [line for line in kept.text.splitlines() if not line.startswith(of_any_chat, 2)]
            screens.append((lines, home.text))
        assert screens[0] == screens[1]


async def test_who_follows_again_after_stop_is_told_what_is_new_and_nothing_old(
    seeded: Database, tmp_path: Path
) -> None:
    async with a_follower(seeded, tmp_path) as (_, desk, newsroom, mother):
        await newsroom.person("2", "Прыклад Барыс")
        await newsroom.release("1")
        await told(desk, mother, NEWS)
        mother.says("/stop")
        await mother.hears()
        await follow(mother, "Прыклад Алена")
        mother.says("Прыклад Барыс")
        await mother.hears()
        await tap(mother, "Сачыць")
        await newsroom.release("2")
        await told(desk, mother, NEWS, 2)
        await desk.settled(quiet_seconds=1)

        assert len([m for m in mother.history if m.text.startswith((NEWS, AGAIN, CHANGED))]) == 2


async def test_each_copy_of_an_alert_whose_first_answer_was_lost_leaves_the_chat(
    seeded: Database, tmp_path: Path
) -> None:
    async with a_follower(seeded, tmp_path) as (clock, desk, newsroom, mother):
        await desk.settled()
        desk.faults.next("sendMessage", faults.cut_after_executing(), chat_id=mother.id)
        await newsroom.release("1")
        first = await told(desk, mother, NEWS)
        again = await told(desk, mother, AGAIN)
        assert (first.silent, again.silent) == (False, True)

        await desk.until(lambda: first not in mother.history)
        assert again in mother.history
        clock.passes(hours=46)
        await desk.until(lambda: mother.history == [])


async def test_who_followed_a_record_that_became_another_goes_on_following_it(
    seeded: Database, tmp_path: Path
) -> None:
    newsroom, desk = Newsroom(seeded), Desk()
    await newsroom.open()
    await newsroom.person("1", "Прыклад Алена")
    await newsroom.person("2", "Прыклад Ганна")
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path, tick_seconds=0.02)):
        mother = desk.person("Марыя", language_code="be")
        await follow(mother, "Прыклад Алена")
        await newsroom.merge("1", "2")
        await newsroom.release("2")
        alert = await told(desk, mother, NEWS)
        mother.taps("Паглядзець", on=alert)
        card = await told(desk, mother, "На волі")
        assert "Прыклад Ганна" in card.text
        assert "Не сачыць" in [button.text for row in card.buttons for button in row]
        mother.says("/following")
        await mother.hears()
        assert "1. Прыклад Ганна" in (await tap(mother, "Адкрыць")).text

        await tap(mother, "Прыбраць 1")
        mother.says("/mydata")
        [mine] = await mother.hears()
        assert "людзі: –" in mine.text
    assert desk.violations == []


async def test_news_of_no_person_come_at_six_in_the_evening_without_a_sound(
    seeded: Database, tmp_path: Path
) -> None:
    clock = Clock()
    newsroom, desk = Newsroom(seeded, clock.at - timedelta(hours=1)), clock.desk()
    await newsroom.open()
    async with desk.serving() as url, running(clock.plan(desk, url, tmp_path)):
        mother = desk.person("Марыя", language_code="be")
        await follow(mother, "Алесь Бяляцкі")
        mother.says("/following")
        await mother.hears()
        await tap(mother, "Адкрыць")
        await tap(mother, "Тэмы")
        await tap(mother, "Санкцыі і перамовы")
        await newsroom.news("sanction", "S20200929ca")
        clock.passes(hours=2, minutes=59)
        await asyncio.sleep(1.2)
        assert not [m for m in mother.history if m.text.startswith(NEWS)]
        clock.passes(minutes=1)
        alert = await told(desk, mother, NEWS)
        assert alert.silent
        mother.taps("Паглядзець", on=alert)
        opened = await told(desk, mother, "Што новага")
        assert "санкцыі" in opened.text
    assert desk.violations == []
