"""Retrying: when a chat is tried again, and whether one more may come into doubt while nobody answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.alerts import Outcome
from bot.services.carrying import Receipt

RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=5)
"""So far apart, in the end, are the repeats of what nobody answers."""
TRY_NEW = timedelta(minutes=1)
"""While nobody answers, so often is somebody tried who is not in doubt."""
NOT_FOUND_RESTS = (timedelta(hours=1), timedelta(hours=6))
"""How long a chat rests that Telegram does not find, each time. It has said so of readers who were there
(tdlib/telegram-bot-api, issues 159 and 219, of 2021): at the first word they would lose the news and all
they chose. After the last rest it is believed."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Retrying:
    """Who rests, and who is in doubt. In memory only: after a restart everybody is tried at once."""

    def __init__(self, at_once: int) -> None:
        """After `at_once` calls in a row without an answer nobody is taken to be answered."""
        self._at_once = at_once
        self._rests: dict[int, datetime] = {}
        self._doubts: dict[int, int] = {}
        """How many calls in a row to each chat that is in doubt had no answer."""
        self._not_found: dict[int, int] = {}
        """How many times in a row Telegram did not find each chat."""
        self._unheard = 0
        self._tried_new = _LONG_AGO

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {len(self._rests)} rest, {len(self._doubts)} in doubt>"

    def rests_until(self, chat: int) -> datetime:
        """Return until when a chat is left alone; long ago where it is not."""
        return self._rests.get(chat, _LONG_AGO)

    def rest(self, chat: int, until: datetime) -> None:
        """Leave a chat alone for a time."""
        self._rests[chat] = until

    def begin(self, chat: int) -> None:
        """Note that a chat is tried now: it rests no more."""
        self._rests.pop(chat, None)

    def unsure(self, chat: int, now: datetime) -> datetime:
        """Note a call without an answer; return when to repeat it: at once, then after ever longer rests.

        What arrives each time, and only its answers are lost, would be a new message each time.
        """
        self._unheard += 1
        tries = self._doubts[chat] = self._doubts.get(chat, 0) + 1
        if tries == 1:
            return now
        again = now + min(LONGEST_RETRY, RETRY * (1 << min(tries - 2, 8)))
        self.rest(chat, again)
        return again

    def is_in_doubt(self, chat: int) -> bool:
        """Return whether the last call to a chat had no answer."""
        return chat in self._doubts

    def heard(self, chat: int, receipt: Receipt) -> Receipt:
        """Note an answer, whatever it says: somebody is there. Return what to make of it.

        That a chat is not found is a no for some hours at first, and then the truth. Where it was in doubt
        it is tried once more in a minute first: its mark stays, and a `/stop` would wait for that.
        """
        self._unheard = 0
        was_in_doubt = self._doubts.pop(chat, None) is not None
        if receipt.outcome is Outcome.NOT_SENT:
            return receipt  # it says nothing of whether the chat is there
        if receipt.outcome is Outcome.NOT_FOUND and was_in_doubt:
            return Receipt(Outcome.NOT_SENT, wait=TRY_NEW.total_seconds())
        times = self._not_found.pop(chat, 0)
        if receipt.outcome is not Outcome.NOT_FOUND:
            return receipt
        if times == len(NOT_FOUND_RESTS):
            return Receipt(Outcome.GONE)
        self._not_found[chat] = times + 1
        return Receipt(Outcome.NOT_SENT, wait=NOT_FOUND_RESTS[times].total_seconds())

    def sleeps(self, chat: int) -> None:
        """Note that a chat waits for an hour of its own: nobody else waits for its answer."""
        self._doubts.pop(chat, None)

    def forget(self, chat: int) -> None:
        """Forget a chat that is owed nothing."""
        self._rests.pop(chat, None)
        self._doubts.pop(chat, None)
        self._not_found.pop(chat, None)

    def forget_others(self, owed: set[int]) -> None:
        """Forget every chat that is owed nothing: what came of other news counts against none of its next."""
        for chat in (self._rests.keys() | self._doubts.keys() | self._not_found.keys()) - owed:
            self.forget(chat)

    def may_begin(self, chat: int, now: datetime) -> bool:
        """Return whether a chat may be told something for the first time, and come into doubt by it.

        While nobody answers, those in doubt are asked about first, so that few more have only a silent
        copy. One at a time is tried all the same: what is broken may be broken for those in doubt only.
        """
        if self._unheard < self._at_once or not self._doubts or chat in self._doubts:
            return True
        if abs(now - self._tried_new) < TRY_NEW:
            return False
        self._tried_new = now
        return True

    def set_back(self, by: timedelta) -> None:
        """Let nobody rest longer because the clock was put back."""
        self._rests = {chat: until - by for chat, until in self._rests.items()}
