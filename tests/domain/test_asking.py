"""Which words ask: what a cry has none of, and an English one must not be taken for a Belarusian one."""

from __future__ import annotations

import pytest

from bot.domain.asking import asks
from bot.domain.wording import tokens


@pytest.mark.parametrize(
    "text",
    [
        *("калі яго адпусцяць", "ці дойдзе ліст", "сколько ещё ждать", "хочу написать сыну", "ён жывы?"),
        *("dzie jon ciapier", "pochemu tak dolgo", "tell me what happens now", "i need an answer"),
        *("is he alive", "do they feed them", "hello can you help", "and would she get a letter"),
    ],
)
def test_who_asks_is_heard_to_ask(text: str) -> None:
    assert asks(text, tokens(text))


@pytest.mark.parametrize(
    "text",
    [
        *("да вясны не дацягну", "до утра бы дотянуть", "ты не разумееш", "мы устали"),
        *("we do nothing but wait", "all of us are tired", "he did it again", "the house is empty"),
    ],
)
def test_who_only_tells_asks_nothing(text: str) -> None:
    assert not asks(text, tokens(text))
