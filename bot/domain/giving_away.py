"""Giving away: closed forms of what harms people here if this chat is opened, where nothing is asked."""

from __future__ import annotations

import re

from bot.domain.wording import ends

_FLAT = r"(?:кв|kv|кватэр\w*|квартир\w*|flat|apt|apartment)"
_UNCOUNTED = (
    r"(?! ?(?:кв|м\b|мет|пак|ком|гад|год|лет|мес|дн|дзён|раз|час|чел|чал|людей|кг|км|тыс|руб|дол|евр|эўр|\$|€"
    r"|eur|usd|byn|year|month|week|day|hour|people|kg))"
)
"""What does not follow a number: rooms, years, people and sums are counted, houses and flats are not."""
_HOME = re.compile(
    r"\b(?:мой|мая|моя|наш|наша|my|our)\s+(?:\w+\s+)?(?:адрес|адрас|address)\b[^?]*\d[^?]*$"
    rf"|\b{_FLAT}\b\.?\s*№?\s*\d{{1,4}}\b{_UNCOUNTED}[^?]*$"
    r"|\b(?:с|со|з|са|из|у|в)\s+\d{1,3}(?:-?(?:й|ой|ай))?\s+(?:кватэры|кватэрэ|квартиры|квартире)\b[^?]*$",
    re.IGNORECASE,
)
"""Where somebody lives: "my address" with a number, or the number of a flat. A question may name both."""
_LAW = r"(?:Арт|Art|Стат|Част|Пункт|Глав|Раздел|Section|Chapter|Крымінальн|Уголовн)"
_HOUSE = re.compile(
    rf"\b(?!{_LAW})[A-ZА-ЯЁІЎŁŠČŽ][\w’'-]{{3,}},?\s+(?![1-4]\d\d-\d\b)\d{{1,3}}-\d{{1,3}}\b(?![-.:]\d){_UNCOUNTED}[^?]*$"
)
"""A street with the house and the flat: a capital, two numbers, nothing counted. Articles of law are none."""
_DOOR = re.compile(r"\bt\.me/(?:\+|joinchat/)|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
"""An invitation to a closed chat shows who is in it; an account, whom the money goes to."""


def gives_away(text: str) -> bool:
    """Return whether a text tells where somebody lives, or opens a chat or an account, and asks nothing."""
    read = ends(text)
    if _HOME.search(read) or _HOUSE.search(read):
        return True
    return "?" not in text and _DOOR.search(read) is not None
