"""Relatives: who is asked about without a name, "and my son?", "how is he?"."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.wording import Token, tokens

_RELATIVES = tokens(
    "муж мужа мужу мужам сын сына сыну сынам жонка жонку жена жену жены брат брата брату братам сястра"
    " сястру сестра сестру маці мама маму мать бацька бацьку отец отца папа папу тата дачка дачку дочь"
    " дочка дочку сваяк родны яго яна ён он она его её husband wife son daughter brother sister mother"
    " father mum dad he she him her"
)
RELATIVES = frozenset(token.folded for token in _RELATIVES)
"""Who is spoken of without a name: how they are is no second question about an article."""
THEY = frozenset(token.spelled for token in _RELATIVES) | {"моего", "майго", "моих", "маіх", "ее"}
AROUND = frozenset(
    "а и і але но ды дык так ну and but мой моя моё мою моей мая маё маю маёй маім наш наша нашу нашего"
    " нашага нашай я гэта это як как там што что с со з у про пра на зовут завуць звать імя имя где дзе калі"
    " когда есть ли ці my our i am this what where when about how is are called named".split()
)
FREED = frozenset(
    "вышел вышла выйшаў выйшла выпустили отпустили освободили выпусцілі адпусцілі вызвалілі жив жива живой"
    " жывы жывая здесь тут дома воле волі свободе released freed free alive out home".split()
)


def is_of_relatives(words: Sequence[Token], *, asked: bool = False) -> bool:
    """Return whether words only say whose relative somebody is: "and my son?", "my husband is called".

    `asked`: also whether they are free or alive, which otherwise is told of them.
    """
    said = {word.spelled for word in words}
    return bool(said & THEY) and said <= THEY | AROUND | (FREED if asked else frozenset())
