"""Laments: questions of despair and nothing else, to which nobody expects an answer.

What was learned takes "how do I go on" for a question, and a menu of topics would be the reply to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.wording import Token, tokens


def _written(words: Iterable[Token]) -> tuple[str, ...]:
    return tuple(word.latin or word.folded for word in words)


def _words(text: str) -> frozenset[str]:
    return frozenset(_written(tokens(text)))


_BEFORE = _words(
    "ну о ой а і господи госпадзе боже мой мамочки мамачкі скажите скажыце oh my god please and so lord dear"
    " tell me"
)


@dataclass(frozen=True, slots=True)
class _Lament:
    """What one begins with, a word that has to follow (if any is named), and words that may stand around it.

    "Why?", "how long?" and "how much?" alone are none: they follow an article.
    """

    begins: tuple[tuple[str, ...], ...]
    says: frozenset[str]
    around: frozenset[str]

    @classmethod
    def of(cls, begins: str, says: str, around: str) -> _Lament:
        """Read beginnings parted by `|`, and words parted by spaces."""
        beginnings = tuple(_written(tokens(beginning)) for beginning in begins.split("|"))
        return cls(beginnings, _words(says), _words(around))

    def fits(self, said: tuple[str, ...]) -> bool:
        """Return whether words are such a lament and nothing else."""
        rests = [frozenset(said[len(first) :]) for first in self.begins if said[: len(first)] == first]
        known = self.around | self.says
        return any(rest <= known and (not self.says or bool(rest & self.says)) for rest in rests)


_LIFE = (
    "же ж мне нам я мы дальше далей теперь цяпер с з этим гэтым после пасля этого гэтага без него яго нее яе"
    " со всем усім это гэта все усё тут одной одному вообще наогул просто так тогда тады"
)
_LAMENTS = (
    _Lament.of("за что|за што", "", "же ж это гэта нам мне все усё моему майму сыну так опять зноў"),
    _Lament.of(
        "почему|чаму", "мы я мной нами намі нас", "же ж именно менавіта опять зноў снова это гэта с з"
    ),
    _Lament.of("зачем|навошта|нашто|дзеля чаго", "жить живу жыць жыву", _LIFE),
    _Lament.of("зачем всё это|зачем все это|навошта ўсё гэта|навошта усё гэта", "", _LIFE),
    _Lament.of(
        "сколько|колькі|доколе|дакуль",
        "терпеть цярпець мучиться мучыцца страдать пакутаваць выносить трываць",
        "еще ещё яшчэ можно можна скажите скажыце сколько колькі " + _LIFE,
    ),
    _Lament.of("сколько можно|колькі можна", "ждать чакаць", "так уже ужо скажите скажыце " + _LIFE),
    _Lament.of(
        "как|як",
        "жить жыць пережить перажыць выжить выжыць выдержать вытрымаць вытерпеть вытрываць",
        _LIFE,
    ),
    _Lament.of(
        "кому|каму",
        "нужна нужен нужны патрэбна патрэбная патрэбны",
        "я мы тут здесь теперь цяпер вообще наогул такая такой такі",
    ),
    _Lament.of(
        "где|дзе", "справедливость справядлівасць правда праўда бог", "же ж эта гэта та тая ваша наша ты"
    ),
    _Lament.of(
        "где|дзе|откуда|адкуль|как|як",
        "силы сілы",
        "же ж мне нам это гэта на брать браць взять узяць ўзяць найти знайсці черпать ждать чакаць жить жыць"
        " чтобы каб не чтоб дальше далей еще яшчэ",
    ),
    _Lament.of(
        "ну сколько можно|сколько же можно|ну колькі можна|колькі ж можна|ну сколько ещё ждать"
        "|ну колькі яшчэ чакаць|ну почему так|ну чаму так|ну почему именно|ну чаму менавіта",
        "",
        "долго доўга он она ён яна его яе яго нас нам это гэта ждать чакаць терпеть цярпець людзі люди боже"
        " божа мілы милый господи госпадзе",
    ),
    _Lament.of("ну когда уже|ну калі ўжо|ну когда же|ну калі ж", "", "же ж уже ужо ўжо"),
    _Lament.of(
        "когда закончится|когда кончится|когда уже закончится|калі скончыцца|калі ўжо скончыцца",
        "ад кошмар пекла жах кашмар мука",
        "этот эта гэты гэта гэтае весь увесь",
    ),
    _Lament.of("какая разница|якая розніца", "жива жив жывая жывы", "я мы ли ці не или нет"),
    _Lament.of(
        "how",
        "live survive cope bear breathe endure suffer going living on",
        "do can could am will should i we one anyone supposed to even just still ever go"
        " keep carry with this it that like now without him her the pain any longer more",
    ),
    _Lament.of(
        "how much more|how much longer|how many times",
        "take bear endure stand suffer break",
        "can could must do will i we they one a person human heart family from us it this have to",
    ),
    _Lament.of("why", "me us live alive", "is this happening to am i still at all then god again anymore"),
    _Lament.of(
        "what did we do|what did i do|what did they do|what did he do|what did she do",
        "deserve",
        "to this it",
    ),
    _Lament.of(
        "what is it all for|whats it all for|what is the point|whats the point",
        "",
        "of in anymore living it this all any more now",
    ),
    _Lament.of("when will this|when will it all|when will all this", "end stop over", "all ever finally be"),
    _Lament.of("does it|does this|will it|will this", "hurting easier better", "ever never stop get"),
    _Lament.of("where", "justice", "is the there any our"),
    _Lament.of("where", "strength", "do can i we get find the to go on take from"),
    _Lament.of("who needs me", "", "now here like this anyway anymore"),
)


def is_lament(words: Sequence[Token]) -> bool:
    """Return whether a text is a question of despair and no more: "how do I go on", "за што нам гэта"."""
    said = {_written(words), tuple(word.folded for word in words)}
    return any(lament.fits(text) for text in {*said, *map(_begun, said)} for lament in _LAMENTS)


def _begun(said: tuple[str, ...]) -> tuple[str, ...]:
    """Return words without the sighs before them."""
    first = next((place for place, word in enumerate(said) if word not in _BEFORE), len(said))
    return said[first:]
