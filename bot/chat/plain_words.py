"""Plain words: commands that people type without the slash, as the whole of a message.

No word that could be a cry, as "enough" or "help" could.
"""

from __future__ import annotations

from bot.domain.answers import Answer, ChangeLanguage
from bot.domain.own_answers import FollowingDoor

_STOP = (
    "стоп спыніць спыніце остановить остановите адпіска адпісацца адпішыце отписка отписаться отпишите"
    " stop unsubscribe"
)
_STOP_ALL = (
    "адпішыце мяне|адпішыце мяне ад усяго|хачу адпісацца|отпишите меня|отпишите меня от всего|хочу отписаться"
    "|unsubscribe me|unsubscribe me from everything|i want to unsubscribe"
)
_LANGUAGE = (
    "мова|змяніць мову|памяняць мову|беларуская|па-беларуску|на беларускай|язык|сменить язык|поменять язык"
    "|русский|по-русски|на русском|па-руску|language|change language|english|in english|english please"
    "|łacinka|lacinka|лацінка"
)


def plainly(text: str) -> Answer | None:
    """Return the answer to a command in plain words, None for any other text."""
    return _ANSWERS.get(" ".join(text.casefold().strip(" .!?…").split()))


_ANSWERS: dict[str, Answer] = {
    **dict.fromkeys((*_STOP.split(), *_STOP_ALL.split("|")), FollowingDoor()),
    **dict.fromkeys(_LANGUAGE.split("|"), ChangeLanguage()),
}
