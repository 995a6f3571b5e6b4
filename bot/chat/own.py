"""Own: what a person chooses for themselves: settings, whom they follow, a clean chat, being forgotten."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.chat.buttons import Ask, Press
from bot.chat.sealed_buttons import opened
from bot.domain import answers as q
from bot.domain import own_answers as mine
from bot.domain.caution import Place
from bot.domain.follower import ZONES, Flag, Quiet, Record
from bot.domain.people import View
from bot.domain.search_keys import asked_key
from bot.domain.subjects import Wish, wish_of
from bot.services.answering import Answering
from bot.services.asking import Asking
from bot.services.following import Following, Outcome
from bot.services.telling import Telling
from bot.services.wiping import Wiping

Act = Callable[[int, Press], Awaitable[q.Answer]]
_NUMBERS = re.compile(r"(\d{1,10})-(\d{1,10})", re.ASCII)
_SPAN = re.compile(r"(\d{1,4})-(\d{1,4})", re.ASCII)


class Own:
    """Each act states the wanted end; done twice, it is done once."""

    def __init__(
        self, answering: Answering, following: Following, wiping: Wiping, asking: Asking, telling: Telling
    ) -> None:
        """Hold what is remembered of a reader, and what knows people by their numbers."""
        self._telling = telling
        self._answering, self._following = answering, following
        self._wiping, self._asking = wiping, asking
        self._acts: dict[Ask, Act] = {
            Ask.PLACE: self._place,
            Ask.SETTINGS: lambda chat, _press: self.settings(chat),
            Ask.WIPE: self._wipe,
            Ask.QUIET: self._quiet,
            Ask.ZONE: self._zone,
            Ask.DIGEST: self._digest,
            Ask.DISCREET: self._discreet,
            Ask.FOLLOW: self._follow,
            Ask.AGREE: self._agree,
            Ask.UNFOLLOW: self._unfollow,
            Ask.FOLLOWING: self._list,
            Ask.SUBJECTS: lambda chat, _press: self._subjects(chat),
            Ask.PAUSE: self._pause,
            Ask.STAY: lambda chat, _press: self._stay(chat),
            Ask.LOOK: self._look,
            Ask.MEANT: self._meant,
            Ask.NEWS: self._news,
            Ask.STOP: lambda chat, _press: self.stop(chat),
            Ask.CLEAR: lambda chat, _press: self.clear(chat),
            Ask.FORGET_NOW: lambda chat, _press: self._forget(chat),
            Ask.MY_DATA: lambda chat, _press: self.my_data(chat),
        }

    async def pressed(self, chat: int, press: Press, message: int | None) -> q.Answer | None:
        """Answer a tap on what is the reader's own; None for any other."""
        if press.ask is Ask.FORGET:
            return mine.ForgetMe()
        if press.ask is Ask.KEEP:
            if message is not None:
                await self._wiping.keep(chat, message)
            return mine.Kept()
        act = self._acts.get(press.ask)
        if act is None:
            return None
        own = opened(press, chat, self._following)
        return await act(chat, own) if own else q.NoLongerHere()

    def missing(self, answer: q.Answer, name: str) -> q.Answer:
        """Return an answer with the code by which a name that we do not have can be followed."""
        key = asked_key(name) if isinstance(answer, q.NobodyFound) else None
        return q.NobodyFound(self._following.digest_of(key)) if key else answer

    async def known(self, chat: int, answer: q.Answer) -> q.Answer:
        """Return an answer with what it says of this reader: who follows a person may know more of them."""
        of_a_person = q.PersonCard | q.PersonHistory | q.PersonSources
        if not isinstance(answer, of_a_person | q.Home | q.WhereAreYou):
            return answer
        record = await self._record(chat)
        if isinstance(answer, q.WhereAreYou):
            return q.WhereAreYou(record.wipe_minutes, stays=bool(record.follows or record.told))
        if isinstance(answer, q.Home):
            return q.Home(missed=Flag.MISSED in record.flags)
        followed = not record.people.isdisjoint(answer.person.numbers)
        known = await self._answering.to_follower(answer) if followed else answer
        return replace(known, followed=followed) if isinstance(known, q.PersonCard) else known

    async def choose_view(self, chat: int, view: View) -> None:
        """Remember the language and letters a reader chose."""
        await self._following.choose_view(chat, view)

    async def settings(self, chat: int) -> q.Answer:
        """Answer with what a reader has chosen."""
        return mine.SettingsScreen(await self._record(chat))

    async def stop(self, chat: int) -> q.Answer:
        """Follow nobody and nothing any longer."""
        await self._following.stop(chat)
        return mine.Stopped()

    async def clear(self, chat: int) -> q.Answer:
        """Delete the messages of both sides."""
        await self._wiping.clear(chat)
        return mine.Cleared()

    async def my_data(self, chat: int) -> q.Answer:
        """Answer with all that is kept of a reader."""
        record = await self._record(chat)
        return mine.MyData(record, await self._answering.people(record.people))

    async def blocked(self, chat: int) -> None:
        """Forget a reader who blocked the bot."""
        await self._following.erase(chat)

    async def _record(self, chat: int) -> Record:
        return await self._following.of(chat) or Record(chat)

    async def _place(self, chat: int, press: Press) -> q.Answer:
        if press.subject not in set(Place):
            return q.NoLongerHere()
        await self._following.choose_place(chat, Place(press.subject))
        return await self.known(chat, q.Home())

    async def _wipe(self, chat: int, press: Press) -> q.Answer:
        if not press.subject:
            return mine.ChooseWipe()
        try:
            await self._following.choose_wipe(chat, int(press.subject))
        except ValueError:
            return q.NoLongerHere()
        return await self.settings(chat)

    async def _quiet(self, chat: int, press: Press) -> q.Answer:
        if not press.subject:
            return mine.ChooseQuiet()
        span = _SPAN.fullmatch(press.subject)
        quiet = Quiet(int(span[1]), int(span[2])) if span else None
        if (quiet is None and press.subject != "none") or (quiet and max(quiet.start, quiet.end) >= 24 * 60):
            return q.NoLongerHere()
        await self._following.choose_quiet(chat, quiet)
        return await self.settings(chat)

    async def _zone(self, chat: int, press: Press) -> q.Answer:
        if not press.subject:
            return mine.ChooseZone()
        if not press.subject.isdecimal() or int(press.subject) >= len(ZONES):
            return q.NoLongerHere()
        await self._following.choose_zone(chat, ZONES[int(press.subject)])
        return await self.settings(chat)

    async def _digest(self, chat: int, press: Press) -> q.Answer:
        return await self._switch(chat, Flag.DIGEST, press)

    async def _discreet(self, chat: int, press: Press) -> q.Answer:
        return await self._switch(chat, Flag.DISCREET, press)

    async def _switch(self, chat: int, flag: Flag, press: Press) -> q.Answer:
        await self._following.switch(chat, flag, on=press.subject == "on")
        return await self.settings(chat)

    async def _follow(self, chat: int, press: Press) -> q.Answer:
        wish = wish_of(press.subject)
        if wish is None or not await self._is_there(wish):
            return q.NoLongerHere()
        outcome = await self._following.follow(chat, wish)
        if outcome is Outcome.CONSENT_FIRST:
            return mine.Consent(wish)
        if outcome is Outcome.NO_ROOM:
            return mine.NoRoom()
        return await self._after(chat, wish)

    async def _agree(self, chat: int, press: Press) -> q.Answer:
        if wish_of(press.subject) is None:
            return q.NoLongerHere()
        await self._following.agree(chat)
        return await self._follow(chat, press)

    async def _unfollow(self, chat: int, press: Press) -> q.Answer:
        wish = wish_of(press.subject)
        if wish is None:
            return q.NoLongerHere()
        for each in await self._every(wish):
            await self._following.unfollow(chat, each)
        return await self._after(chat, wish)

    async def _every(self, wish: Wish) -> list[Wish]:
        """Return a wish under every number of its person: records may have become one since it was made."""
        people = await self._answering.people([wish.person]) if wish.person is not None else ()
        return [Wish(person=number) for person in people for number in sorted(person.numbers)] or [wish]

    async def _is_there(self, wish: Wish) -> bool:
        return wish.person is None or bool(await self._answering.people([wish.person]))

    async def _after(self, chat: int, wish: Wish) -> q.Answer:
        """Return where a reader stands after a change: at the card, or at the subjects."""
        if wish.person is not None:
            return await self.known(chat, await self._answering.card(wish.person))
        if wish.subject is not None:
            return await self._subjects(chat)
        record = await self._record(chat)
        return mine.FollowingDoor(noted=wish.name in record.unknown_names)

    async def _list(self, chat: int, press: Press) -> q.Answer:
        if press.subject == "door":
            return mine.FollowingDoor()
        await self._following.switch(chat, Flag.MISSED, on=False)
        record = await self._record(chat)
        return mine.Follows(record, await self._answering.people(record.people), press.page)

    async def _subjects(self, chat: int) -> q.Answer:
        return mine.Subjects(await self._record(chat))

    async def _pause(self, chat: int, press: Press) -> q.Answer:
        await self._following.switch(chat, Flag.PAUSED, on=press.subject == "on")
        return await self._list(chat, replace(press, subject=""))

    async def _stay(self, chat: int) -> q.Answer:
        await self._following.stay(chat)
        return mine.Staying()

    async def _look(self, chat: int, press: Press) -> q.Answer:
        wish = wish_of(press.subject)
        if wish is None or wish.name is None:
            return q.NoLongerHere()
        return mine.NameMet(wish, await self._answering.people(self._asking.bearers(wish.name)))

    async def _meant(self, chat: int, press: Press) -> q.Answer:
        """Follow the person who was meant, and the name no longer."""
        person, _, name = press.subject.partition("-")
        left = wish_of(name)
        answer = await self._follow(chat, replace(press, subject=person))
        if left is not None and isinstance(answer, q.PersonCard):
            await self._following.unfollow(chat, left)
        return answer

    async def _news(self, chat: int, press: Press) -> q.Answer:
        """Open an alert."""
        numbers = _NUMBERS.fullmatch(press.subject)
        if numbers is None:
            return q.NoLongerHere()
        opened = await self._telling.opened(chat, int(numbers[1]), int(numbers[2]), press.page)
        return await self.known(chat, opened)

    async def _forget(self, chat: int) -> q.Answer:
        await self._following.stop(chat)
        await self._wiping.forget(chat)
        return mine.Forgotten()
