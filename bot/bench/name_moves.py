"""Ways to write a name that is not how it is listed: alphabets, cases, keyboards, slips, company."""

from __future__ import annotations

import random
from collections.abc import Callable

from bot.bench.placeholders import Placeholder, passport

Rng = random.Random

_LETTERS_0 = "a b v h g d ž z j k ł m n o p r s t u ŭ f ch c č š y e"
_LACINKA = dict(
    zip(
        "абвгґджзйклмнопрстуўфхцчшыэ",
        [x.strip("-") for x in _LETTERS_0.split()],
        strict=True,
    )
)
_SOFT = {"л": "l", "н": "ń", "с": "ś", "з": "ź", "ц": "ć"}
_IOTA = {"е": "e", "ё": "o", "ю": "u", "я": "a", "і": "i"}
_POLISH = str.maketrans({"v": "w", "š": "sz", "č": "cz", "ž": "ż", "ŭ": "u"})
_LETTERS_1 = "a b v g d zh z i y k l m n o p r s t u f kh ts ch sh shch y e - -"
_FROM_RU = dict(
    zip(
        "абвгджзийклмнопрстуфхцчшщыэьъ",
        [x.strip("-") for x in _LETTERS_1.split()],
        strict=True,
    )
)
_VOWELS = "аеёиіоуыэюя"


def lacinka(be: str) -> str:
    """Spell Belarusian in Łacinka with its marks."""
    word = be.lower().replace("'", "").replace("’", "")
    out: list[str] = []
    for place, letter in enumerate(word):
        before = word[place - 1] if place else ""
        following = word[place + 1 : place + 2]
        if letter in _IOTA:
            if letter == "і":
                out.append("i")
            elif not before or before in _VOWELS + "ўь'":
                out.append("j" + _IOTA[letter])
            elif before == "л":
                out.append(_IOTA[letter])
            else:
                out.append("i" + _IOTA[letter])
        elif letter == "ь":
            continue
        elif letter in _SOFT and following == "ь":
            out.append(_SOFT[letter])
        elif letter == "л" and following in _IOTA and following:
            out.append("l")
        else:
            out.append(_LACINKA.get(letter, letter))
    return "".join(out).capitalize()


def unmarked(word: str) -> str:
    """Leave the marks out, as a plain keyboard does."""
    return word.translate(str.maketrans("žłŭčšńśźćŽŁŬČŠŚŹĆ", "zlucsnszcZLUCSSZC"))


def polish(be: str) -> str:
    """Spell as the Polish press does."""
    return lacinka(be).lower().translate(_POLISH).capitalize()


def from_russian(rng: Rng, ru: str) -> str:
    """Spell Russian in Latin letters, one of the usual ways."""
    word = ru.lower()
    style = rng.randrange(3)
    if word.endswith("ий"):
        word, tail = word[:-2], ("y", "ii", "iy")[style]
    else:
        tail = ""
    out = []
    for place, letter in enumerate(word):
        before = word[place - 1] if place else ""
        if letter == "е":
            out.append("ye" if not before or before in _VOWELS + "ьъ" else "e")
        elif letter == "ё":
            out.append(("yo", "e", "io")[style])
        elif letter in "юя":
            vowel = "u" if letter == "ю" else "a"
            out.append((("y", "i", "y")[style] if before else ("y", "i", "j")[style]) + vowel)
        elif letter == "й":
            out.append(("y", "i", "j")[style])
        elif letter == "х":
            out.append(("kh", "h", "kh")[style])
        else:
            out.append(_FROM_RU.get(letter, letter))
    return ("".join(out) + tail).capitalize()


def old_bgn(be: str) -> str:
    """Spell Belarusian by the 1979 table: every iotated vowel with y."""
    word = be.lower()
    swap = {"е": "ye", "ё": "yo", "ю": "yu", "я": "ya", "й": "y", "ў": "w", "'": ""}
    return "".join(swap.get(c) or passport(c) if c not in "'" else "" for c in word).capitalize()


def rule_2007(be: str) -> str:
    """Spell Belarusian by the 2007 instruction (marks, h, ch)."""
    return lacinka(be).replace("ł", "l").replace("Ł", "L").translate(str.maketrans("ńśźć", "ńśźć"))


def ukrainian(ru: str) -> str:
    """Spell as the Ukrainian press does."""
    word = (
        ru.lower()
        .replace("ский", "ський")
        .replace("ская", "ська")
        .replace("и", "і")
        .replace("ы", "и")
        .replace("э", "е")
        .replace("ё", "ьо")
        .replace("ъ", "'")
    )
    return word.capitalize()


def soft_spelling(be: str) -> str:
    """Write the assimilated softness of taraškievica."""
    word = be
    for pair in ("св", "сл", "сн", "зл", "зм", "зв", "сц", "дзв", "зд", "сп", "см", "зн", "цв"):
        for vowel in "еёюяі":
            word = word.replace(pair + vowel, pair[:-1] + "ь" + pair[-1] + vowel)
            head = pair.capitalize()
            word = word.replace(head + vowel, head[:-1] + "ь" + head[-1] + vowel)
    return word


def declined(word: str, *, man: bool, given: bool, be: bool, case: str) -> str:
    """Put a Russian or Belarusian name into the genitive, dative or instrumental."""
    endings = _endings(word, man=man, given=given, be=be)
    if endings is None:
        return word
    stem, cases = endings
    return stem + cases[{"gen": 0, "dat": 1, "ins": 2}[case]]


def _endings(word: str, *, man: bool, given: bool, be: bool) -> tuple[str, tuple[str, str, str]] | None:
    low = word.lower()
    if not given and low.endswith(("скі", "цкі", "кі")) and be and man:
        return word[:-1], ("ага", "аму", "ім")
    if not given and low.endswith(("ий", "ый")) and man:
        return word[:-2], ("ого", "ому", "им")
    if not given and low.endswith("ая"):
        return word[:-2], ("ай", "ай", "ай") if be else ("ой", "ой", "ой")
    if not given and man and low.endswith(("аў", "еў", "ёў", "оў", "яў")):
        return word[:-1] + "в", ("а", "у", "ым")
    if not given and man and low.endswith(("ов", "ев", "ёв", "ин", "ін", "ын")):
        return word, ("а", "у", "ым")
    if not given and not man and low.endswith(("ова", "ева", "ина", "ава", "іна", "ына", "ёва")):
        return word[:-1], ("ай", "ай", "ай") if be else ("ой", "ой", "ой")
    if not given and low.endswith("ко") and not be:
        return None
    return _plain_endings(word, low, man=man, given=given, be=be)


def _plain_endings(
    word: str, low: str, *, man: bool, given: bool, be: bool
) -> tuple[str, tuple[str, str, str]] | None:
    if low.endswith("ия") or (low.endswith("ія") and given):
        return word[:-1], ("і", "і", "яй") if be else ("и", "и", "ей")
    if low.endswith("я"):
        return word[:-1], ("і", "і", "яй") if be else ("и", "е", "ей")
    if low.endswith("а"):
        hard = low[-2] in "гкхжчш"
        if be:
            if low[-2] in "гкх":
                return (word[:-1], ("і", "у", "ам")) if man else (word[:-1], ("і", "у", "ай"))
            return word[:-1], ("ы", "е", "ай")
        return word[:-1], ("и" if hard else "ы", "е", "ой")
    if low.endswith(("й", "ь")) and man:
        return word[:-1], ("я", "ю", "ем")
    return _consonant_endings(word, low, given=given, be=be) if man else None


def _consonant_endings(
    word: str, low: str, *, given: bool, be: bool
) -> tuple[str, tuple[str, str, str]] | None:
    if low[-1] in "бвгджзклмнпрстфхцчшщў":
        if given and low in {"павел", "пётр"}:
            stem = {"павел": "Павл" if not be else "Паўл", "пётр": "Петр" if not be else "Пятр"}[low]
            return stem, ("а", "у", "ом")
        stem = word[:-1] + "в" if low.endswith("ў") else word
        if low.endswith("ец"):
            stem = word[:-2] + "ц"
        return stem, ("а", "у", "ам") if be else ("а", "у", "ем" if low[-1] in "чшжщц" else "ом")
    return None


_RU_FRAMES = (
    ("выпустили ли {}?", "gen"),
    ("когда освободят {}", "gen"),
    ("есть новости про {}?", "gen"),
    ("письмо {} как отправить", "dat"),
    ("что сейчас с {}", "ins"),
    ("ищу {}, помогите", "gen"),
    ("а что слышно о деле {}", "gen"),
    ("вышел ли {}", ""),
    ("{} на свободе?", ""),
    ("статья и срок {}", "gen"),
    ("где сидит {}", ""),
)
_BE_FRAMES = (
    ("ці выпусцілі {}?", "gen"),
    ("калі вызваляць {}", "gen"),
    ("што чуваць пра {}", "gen"),
    ("ліст {} як даслаць", "dat"),
    ("што цяпер з {}", "ins"),
    ("шукаю {}, дапамажыце", "gen"),
    ("дзе зараз {}", ""),
    ("{} на волі?", ""),
    ("суд над {}", "ins"),
)
_EN_FRAMES = (
    "is {} free?",
    "where is {} now",
    "any update on {}",
    "{} released or not?",
    "news about {}'s case",
    "looking for {}",
)


def sentence(rng: Rng, person: Placeholder, *, be: bool) -> str:
    """Put the name, in the right case, into a question."""
    frame, case = rng.choice(_BE_FRAMES if be else _RU_FRAMES)
    place = 0 if be else 1
    words = [person.given[place], person.surname[place]]
    if case:
        words = [
            declined(w, man=person.man, given=g, be=be, case=case)
            for w, g in zip(words, (True, False), strict=True)
        ]
    if rng.random() < 0.3:
        words.reverse()
    return frame.format(" ".join(words))


def english_sentence(rng: Rng, name: str) -> str:
    """Put a Latin name into an English question."""
    return rng.choice(_EN_FRAMES).format(name)


_KEYS_CYR = ("йцукенгшщзх", "фывапролджэ", "ячсмитьбю")
_KEYS_LAT = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _beside(rng: Rng, letter: str) -> str:
    for rows in (_KEYS_CYR, _KEYS_LAT):
        for row in rows:
            if letter in row:
                place = row.index(letter)
                return rng.choice([row[p] for p in (place - 1, place + 1) if 0 <= p < len(row)])
    return letter


def slip(rng: Rng, text: str) -> str:
    """Make one typing error inside a longer word: neighbour key, doubled, dropped or swapped."""
    spots = [p for p, c in enumerate(text) if c.isalpha() and 0 < p < len(text) - 1]
    if not spots:
        return text
    place = rng.choice(spots)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:place] + _beside(rng, text[place].lower()) + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place] + text[place:]
    if kind == 2:
        return text[:place] + text[place + 1 :]
    if text[place + 1].isalpha():
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + text[place] + text[place:]


_EN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RU = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_BE = "ёйцукенгшўзх'фывапролджэячсмітьбю"


def wrong_layout(rng: Rng, text: str) -> str:
    """Type the text with the keyboard left in another language."""
    if any("a" <= c <= "z" for c in text.lower()):
        return text.lower().translate(str.maketrans(_EN, rng.choice((_RU, _BE))))
    layout = _BE if any(c in "іў'" for c in text.lower()) else _RU
    return text.lower().translate(str.maketrans(layout, _EN))


_ALIKE_CYR = str.maketrans("аеорсухіАВЕКМНОРСТХ", "aeopcyxiABEKMHOPCTX")


def look_alikes(rng: Rng, text: str) -> str:
    """Swap some letters for ones of another alphabet that look the same."""
    back = str.maketrans("aeopcyxiABEKMHOPCTX", "аеорсухіАВЕКМНОРСТХ")
    table = _ALIKE_CYR if any("Ѐ" <= c <= "ӿ" for c in text) else back
    words = []
    for word in text.split(" "):
        swapped = "".join(c.translate(table) if rng.random() < 0.6 else c for c in word)
        words.append(swapped)
    return " ".join(words)


def heard(rng: Rng, text: str) -> str:
    """Write as a voice recogniser does: lower case, by ear, sometimes a word split."""
    low = text.lower().replace("-", " ").replace("?", "").replace(",", "")
    swaps = [("ого", "ово"), ("о", "а"), ("е", "и"), ("тс", "ц"), ("щ", "ш"), ("ё", "о"), ("сч", "щ")]
    pair = rng.choice(swaps)
    place = low.find(pair[0], 1)
    if place > 0:
        low = low[:place] + pair[1] + low[place + len(pair[0]) :]
    if rng.random() < 0.15:
        words = low.split(" ")
        last = words[-1]
        if len(last) > 6:
            words[-1] = last[: len(last) // 2] + " " + last[len(last) // 2 :]
        low = " ".join(words)
    return low


def tagged(rng: Rng, text: str) -> str:
    """Write as a hashtag or one glued word."""
    words = text.replace("'", "").split(" ")
    style = rng.randrange(4)
    if style == 0:
        return "#" + "".join(w.capitalize() for w in words)
    if style == 1:
        return "#" + "_".join(words)
    if style == 2:
        return "".join(words).lower()
    return "#" + "".join(words).lower()


def hidden(rng: Rng, text: str) -> str:
    """Scatter characters nobody sees."""
    place = rng.randrange(1, max(len(text), 2))
    return text[:place] + rng.choice("\u200b\u200d\u00ad\ufeff\u202e\u2060") + text[place:]


Move = Callable[[Rng, str], str]
MOVES: dict[str, Move] = {
    "slip": slip,
    "layout": wrong_layout,
    "look_alikes": look_alikes,
    "heard": heard,
    "tagged": tagged,
    "hidden": hidden,
    "upper": lambda _, text: text.upper(),
    "lower": lambda _, text: text.lower(),
    "reversed": lambda _, text: " ".join(reversed(text.split(" "))),
    "plain_letters": lambda _, text: text.translate(str.maketrans("ёіўЁІЎ", "еиуЕИУ")).replace("'", ""),
    "apostrophe": lambda rng, text: text.replace("'", rng.choice("’ʼ`´ ")) if "'" in text else text,
    "company": lambda rng, text: rng.choice(
        ("{} Гомель", "{} 1985", "политзаключённый {}", "{}, активист", "врач {}", "{} бчб", "{} Grodno")
    ).format(text),
}
