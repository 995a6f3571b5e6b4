"""Plain words: commands that people type without the slash, as the whole of a message.

No word that could be a cry, as "enough" or "help" could: a wish to get nothing more says what it is about.
"""

from __future__ import annotations

import re

from bot.domain.answers import Answer, ChangeLanguage
from bot.domain.own_answers import FollowingDoor

_STOP = (
    "стоп спыніць спыніце остановить остановите адпіска адпісацца адпішыце отписка отписаться отпишите"
    " stop unsubscribe"
)
_LANGUAGE = (
    "мова|змяніць мову|памяняць мову|беларуская|па-беларуску|на беларускай|язык|сменить язык|поменять язык"
    "|русский|по-русски|на русском|па-руску|language|change language|english|in english|english please"
    "|łacinka|lacinka|лацінка"
)


_AROUND = frozenset(
    "я мне меня нам нас мяне бот больше никогда ничего пожалуйста уже все всё это эти хочу надо нужно"
    " можно как прошу так и от из с всех всего болей больш ніколі нічога калі ласка ўжо усё ўсё гэта"
    " гэтыя хачу трэба можна як прашу ад са з усяго ўсяго i me us you to it please ever again any"
    " anymore more all of from the this these want do everything anything сюда сюды".split()
)
"""What may stand around a wish to be left alone and changes nothing in it."""
_NO = frozenset(
    "не хватит довольно прекратите прекрати перестаньте перестань досыць годзе спыніце спыні"
    " перастаньце dont not stop quit".split()
)
_TOLD = frozenset(
    "писать пишите пиши присылать присылайте присылай слать шлите шли отправлять отправляйте получать"
    " беспокоить беспокойте следить сообщения сообщений уведомления уведомлений рассылку рассылки"
    " новости новостей пісаць пішыце пішы дасылаць дасылайце дасылай слаць шліце шлі атрымліваць"
    " турбаваць турбуйце сачыць паведамленні паведамленняў апавяшчэнні апавяшчэнняў рассылку навіны"
    " навін text texting message messaging messages write writing send sending contact contacting bother"
    " notify notifying notifications alerts updates news receive get getting".split()
)
_OFF = frozenset(
    "отключите отключи отключить выключите выключи отмените отменить удалите удали удалить уберите"
    " убери исключите адключыце адключы адключыць выключыце адмяніце выдаліце выдалі прыбярыце прыбяры"
    " remove delete disable cancel".split()
)
_MESSAGES = frozenset("сообщения сообщений паведамленні паведамленняў message messages text".split())
"""Whoever wants these deleted wants a clean chat, and may go on following."""
_OFF_WHAT = (_TOLD - _MESSAGES) | frozenset(
    "списка списков рассылки подписку подписки спіса спісу спісаў рассылкі падпіску падпіскі list"
    " mailing subscription subscriptions".split()
)
_TAKE_OFF = _OFF - frozenset("удалите удали удалить выдаліце выдалі delete".split())
"""Whoever wants to be deleted asks what we store; whoever wants to be taken off gets too much."""
_ME = frozenset("меня мяне me".split())
_UNFOLLOW = frozenset(
    "отписаться отпишите отпишусь отписывайте адпісацца адпішыце адпішуся unsubscribe unfollow".split()
)
_NOT = frozenset("не dont not".split())
_WRITE = frozenset("писать пісаць write writing".split())
_TO_US = _ME | frozenset("мне нам нас us".split())
_GETS_NOTHING = re.compile(r"\b(?:dont|not) (?:get|receive)\b")
"""A complaint, unlike "don't want to get"."""
_APOSTROPHE = re.compile("['’]")
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST_WISH = 8


def plainly(text: str) -> Answer | None:
    """Return the answer to a command in plain words, None for any other text."""
    plain = " ".join(text.casefold().strip(" .!?…").split())
    return _ANSWERS.get(plain) or (FollowingDoor() if _wants_no_more(plain) else None)


def _wants_no_more(text: str) -> bool:
    """Return whether a text says in closed words only that nothing more is to be sent to its writer."""
    plain = _APOSTROPHE.sub("", text).replace("turn off", "disable").replace("no more", "stop")
    words = _WORD.findall(plain)
    said = set(words)
    if (said & _NOT and said & _WRITE and not said & _TO_US) or _GETS_NOTHING.search(plain):
        return False  # who does not want to write, or asks whether to, speaks of letters
    wishes = ((_NO, _TOLD), (_OFF, _OFF_WHAT), (_TAKE_OFF, _ME), (_UNFOLLOW, _UNFOLLOW))
    return len(words) <= _LONGEST_WISH and any(
        bool(said & one) and bool(said & other) and said <= _AROUND | one | other for one, other in wishes
    )


_ANSWERS: dict[str, Answer] = {
    **dict.fromkeys(_STOP.split(), FollowingDoor()),
    **dict.fromkeys(_LANGUAGE.split("|"), ChangeLanguage()),
}
