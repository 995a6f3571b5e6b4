"""Giving away: closed forms of what harms people here if this chat is opened, where nothing is asked."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.domain.wording import ends, tokens

_FLAT = r"(?:кв|kv|кватэр\w*|квартир\w*|flat|apt|apartment)"
_UNCOUNTED = (
    r"(?![ -]?(?:/|кв|м\b|мет|пак|баз|ком|этаж|паверх|гад|год|лет|мес|сут|дн|дзён|раз|час|чел|чал|людей|кг|км"
    r"|тыс|янв|фев|мар|апр|ма[йя]\b|июн|июл|авг|сен|окт|ноя|дек|студз|лют|сакав|красав|трав|чэрв|ліп|жні|верас|кастр"
    r"|ліст|снеж|руб|дол|евр|эўр|\$|€|eur|usd|byn|year|month|week|day|hour|people|kg))"
)
"""What does not follow a number: rooms, days, people and sums are counted, houses and flats are not."""
_HOME = re.compile(
    r"\b(?:мой|мая|моя|наш|наша|my|our)\s+(?:\w+\s+)?(?:адрес|адрас|address)\b"
    rf"[^?]*\b\d+\w?\b{_UNCOUNTED}[^?]*$"
    rf"|\b{_FLAT}\b\.?\s*№?\s*\d{{1,4}}\b{_UNCOUNTED}[^?]*$"
    r"|\b(?:с|со|з|са|из|у|в)\s+\d{1,3}(?:-?(?:й|ой|ай))?\s+(?:кватэры|кватэрэ|квартиры|квартире)\b[^?]*$",
    re.IGNORECASE,
)
"""Where somebody lives: "my address" with a number, or the number of a flat. A question may name both."""
_LAW = r"(?:Арт|Art|Стат|Част|Пункт|Глав|Раздел|Section|Chapter|Крымінальн|Уголовн)"
_HOUSE = re.compile(
    rf"\b(?!{_LAW})([A-ZА-ЯЁІЎŁŠČŽ][\w’'-]{{3,}}),?\s+(?![1-4]\d\d-\d\b)\d{{1,3}}-\d{{1,3}}\b(?![-.:]\d){_UNCOUNTED}[^?]*$"
)
"""A street with the house and the flat: a capital, two numbers, nothing counted. Articles of law are none."""
_DOOR = re.compile(
    r"\bt\.me/(?:\+|joinchat/)|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"
    r"|(?i:\b(?:пароль|password)\b[^\n\d]{0,30}?\b(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{4,}\b"
    r"|\bп[иі]н ?-?код\b[^\n\d]{0,12}\b\d{4,8}\b"
    r"|\b(?:код|code)\b[^\n\d]{0,12}\b\d{4,6}\b[^\n]{0,20}\b(?:смс|sms))"
)
"""An invitation to a closed chat shows who is in it; an account, whom the money goes to; a password, all."""
_NAME = r"[A-ZА-ЯЁІЎŁŠČŽ][\w’'-]{2,}(?: [A-ZА-ЯЁІЎŁŠČŽ][\w’'-]{2,})?"
_LIST = re.compile(rf"{_NAME}(?:(?:, ?| и | і | ды | and ){_NAME}){{2,}}")
_FEWEST_UNKNOWN = 2
"""In a list of places, or of one's children, there are fewer words that nobody asks with."""


def gives_away(text: str, streets: Collection[str]) -> bool:
    """Return whether a text tells where somebody lives, or opens a chat or an account, and asks nothing.

    `streets`: its words, as they are spelled, that may be the name of a street.
    """
    read = ends(text)
    if _HOME.search(read) or any(
        word.spelled in streets for street in _HOUSE.findall(read) for word in tokens(street)
    ):
        return True
    return opens_a_door(text)


def lists_people(text: str, unknown: Collection[str]) -> bool:
    """Return whether three or more names stand in a row, two of them among these: nobody's we know of."""
    return "?" not in text and any(
        sum(word.spelled in unknown for word in tokens(found)) >= _FEWEST_UNKNOWN
        for found in _LIST.findall(ends(text))
    )


def opens_a_door(text: str) -> bool:
    """Return whether a text holds an invitation to a closed chat, or an account, and asks nothing."""
    return "?" not in text and _DOOR.search(ends(text)) is not None
