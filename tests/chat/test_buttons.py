"""Button data: it survives the way to Telegram and back, and nobody can make it say something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.buttons import MOST_BYTES, Ask, Press, parse
from bot.domain.people import View

subjects = st.from_regex(r"[A-Za-z0-9_-]{0,40}", fullmatch=True)
presses = st.builds(
    Press,
    st.sampled_from(Ask),
    st.sampled_from(View),
    subjects,
    st.integers(min_value=0, max_value=999),
    st.booleans(),
)


@given(presses)
def test_a_press_survives_the_way_there_and_back(press: Press) -> None:
    data = press.data()

    assert parse(data) == press
    assert len(data.encode()) <= MOST_BYTES == 64
    assert data.isascii()


@given(
    st.one_of(
        st.text(max_size=70), st.from_regex(r"\d\.(be|ru|en|lat|xx)\+?\.[a-z]{1,4}\.[\w.-]{0,45}\.\d{0,4}")
    )
)
def test_only_what_we_would_have_written_is_read(data: str) -> None:
    press = parse(data)

    assert press is None or press.data() == data


@pytest.mark.parametrize(
    "data",
    [
        "",
        "1",
        "1.be.h",
        "1.be.h.",
        "2.be.h..0",
        "1.pl.h..0",
        "1.be.zz..0",
        "1.be.h..0\n",
        "\n1.be.h..0",
        "1.be.h..-1",
        "1.be.h..1000",
        "1.be.h..٣",
        "1.be.c.Алесь.0",
        "1.be.c.1 2.0",
        "1.be.c.1.2.0",
        "1.be.c.'; DROP TABLE person; --.0",
        f"1.be.c.{'1' * 41}.0",
        "1.BE.h..0",
        "1.be.H..0",
        "1.be.h..0\x00",
        "1.be.h..00",
        "1.be.h..007",
    ],
)
def test_forged_data_is_nothing(data: str) -> None:
    assert parse(data) is None


@pytest.mark.parametrize(
    ("subject", "page"),
    [("Алесь", 0), ("Ales Uzorny", 0), ("a.b", 0), ("x" * 41, 0), ("1", -1), ("1", 1000)],
)
def test_what_would_not_come_back_is_never_sent(subject: str, page: int) -> None:
    with pytest.raises(ValueError, match="does not fit a button"):
        Press(Ask.CARD, View.BE, subject, page).data()


def test_no_two_asks_look_alike() -> None:
    assert len({Press(ask, View.BE).data() for ask in Ask}) == len(Ask)
