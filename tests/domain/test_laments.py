"""Laments: questions to which nobody expects an answer, and questions that only look like one."""

from __future__ import annotations

import pytest

from bot.domain.laments import is_lament
from bot.domain.wording import tokens
from bot.sources.question_files import read_questions


@pytest.mark.parametrize(
    "text",
    [
        "За што нам гэта?",
        "господи, за что",
        "Ну чаму менавіта мы?!",
        "почему опять мы",
        "зачем мне жить",
        "навошта тады жыць далей",
        "Навошта ўсё гэта",
        "Сколько ещё терпеть, скажите, сколько?",
        "колькі яшчэ цярпець",
        "сколько можно ждать",
        "как дальше жить",
        "Як мне з гэтым жыць?",
        "как это пережить",
        "kak zhit dalshe",
        "jak žyć dalej",
        "кому я нужна такая",
        "komu ya nuzhna",
        "Якая розніца, жывая я ці не?",
        "How do I go on?",
        "how am I supposed to live with this",
        "how much more can one family take",
        "ну когда уже",
        "где взять силы",
        "Where is justice?",
        "oh god why me",
        "why is this happening to us",
        "what did we do to deserve this",
        "what's the point of living",
        "when will this all end",
        "Does it ever stop hurting?",
        "who needs me now",
    ],
)
def test_a_question_of_despair_is_a_lament(text: str) -> None:
    assert is_lament(tokens(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "скажите",
        "чаму?",
        "почему это",
        "зачем это",
        "навошта?",
        "колькі можна",
        "сколько ждать",
        "как",
        "як жыць на хіміі",
        "как жить в Польше без денег",
        "за что его посадили",
        "how long?",
        "how much can I send",
        "how long will it take",
        "how do I go on a visit",
        "why?",
        "why did they move him",
        "what did they do to him",
        "what for?",
        "What is it for?",
        "как справиться?",
        "ну когда уже он",
        "за что его?",
        "how can someone live with a person like that",
        "where can we get justice?",
        "what for is this paper",
        "when will this law end",
        "who needs me to sign this",
        "does it get better food there",
    ],
)
def test_a_question_that_may_follow_an_article_is_none(text: str) -> None:
    assert not is_lament(tokens(text))


def test_no_question_of_the_bank_is_a_lament_but_cries() -> None:
    found = [q for q in read_questions() if "{}" not in q.text and is_lament(tokens(q.text))]
    assert len(found) > 20
    assert {question.label for question in found} == {"distress"}
