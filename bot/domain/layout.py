"""What a person meant to type when the keyboard was switched to another language."""

from __future__ import annotations

_ENGLISH = "`qwertyuiop[]asdfghjkl;'zxcvbnm,." + '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю" + "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ"
_BELARUSIAN = "ёйцукенгшўзх'фывапролджэячсмітьбю" + "ЁЙЦУКЕНГШЎЗХ'ФЫВАПРОЛДЖЭЯЧСМІТЬБЮ"

_EN_TO_RU = str.maketrans(_ENGLISH, _RUSSIAN)
_EN_TO_BE = str.maketrans(_ENGLISH, _BELARUSIAN)
_TO_EN = str.maketrans(_RUSSIAN + "ўЎіІ’", _ENGLISH + "oObB]")
_RU_TO_BE = str.maketrans("щЩиИъ", "ўЎіІ'")
_BE_TO_RU = str.maketrans("ўЎіІ", "щЩиИ")


def other_layouts(text: str) -> tuple[str, ...]:
    """Return the text as the same keys give it in the other layouts, likeliest first, without repeats."""
    latin = sum("a" <= c <= "z" or "A" <= c <= "Z" for c in text)
    cyrillic = sum("Ѐ" <= c <= "ӿ" for c in text)
    if latin > cyrillic:
        readings = [text.translate(_EN_TO_RU), text.translate(_EN_TO_BE)]
    elif cyrillic:
        readings = [text.translate(_TO_EN), text.translate(_RU_TO_BE), text.translate(_BE_TO_RU)]
    else:
        readings = []
    return tuple(reading for reading in dict.fromkeys(readings) if reading != text)
