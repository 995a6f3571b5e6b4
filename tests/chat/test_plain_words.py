"""Commands in plain words: nobody has to know the slash."""

from __future__ import annotations

import pytest

from bot.chat.plain_words import plainly
from bot.domain.answers import ChangeLanguage
from bot.domain.own_answers import FollowingDoor


@pytest.mark.parametrize(
    "text", ["СТОП", "Стоп!", "отписаться", "адпісацца", "unsubscribe", "Отпишите меня от всего!"]
)
def test_who_wants_no_more_is_shown_how_to_stop(text: str) -> None:
    assert plainly(text) == FollowingDoor()


NO_MORE = """
я хочу отписаться|хочу отписаться от всего|как отписаться|можно отписаться?|отпишите меня
отпишите меня пожалуйста|не присылайте мне больше ничего|не надо мне писать|хватит мне писать
больше не пишите мне|не пишите мне больше|прекратите слать мне сообщения|перестаньте мне писать
не шлите сюда ничего|болей не пішы сюды
отключите уведомления|уберите меня|уберите меня из списка|не хочу больше ничего получать
больше не хочу следить|я не хочу получать сообщения|удалите меня из рассылки
хватит присылать уведомления|отмените подписку|пожалуйста, не беспокойте меня|хачу адпісацца
я хачу адпісацца|адпішыце мяне ад усяго|як адпісацца|не дасылайце мне нічога|не пішыце мне болей
хватит писать|прыбярыце мяне|не дасылайце мне больш нічога|выдаліце мяне са спіса|адключыце апавяшчэнні
досыць мне пісаць|я не хачу больш атрымліваць паведамленні|спыніце слаць мне паведамленні
не турбуйце мяне болей|don't text me again|don’t write to me anymore|stop messaging me
stop sending me messages|please stop texting me|i don't want to receive anything|unsubscribe me
unsubscribe me from everything|i want to unsubscribe|remove me from the list|turn off notifications
no more messages please|remove me|i don't want to get alerts|do not contact me again
"""


@pytest.mark.parametrize("text", NO_MORE.replace("\n", "|").strip("|").split("|"))
def test_a_wish_to_get_nothing_more_is_never_taken_for_a_cry(text: str) -> None:
    assert plainly(text) == FollowingDoor()
    assert plainly(text.upper() + "!!!") == FollowingDoor()


@pytest.mark.parametrize(
    "text",
    [
        *("хватит", "больше не хочу", "не хочу больше ничего", "мне больше ничего не надо", "не могу писать"),
        *("я больше не хочу жить", "он мне не пишет", "мне не пишут", "не хачу нічога", "досыць з мяне"),
        *(
            "уберите меня из списка экстремистов",
            "удалите переписку",
            "не получаю писем",
            "stop it all",
            "get off me",
            "stop following me",
        ),
        *("i don't want anything", "i don't want this anymore", "как удалить сообщения в телефоне"),
        *("no news", "do i get alerts", "I don't get alerts", "we do not receive messages", "не хочу писать"),
        *("не надо писать?", "не трэба пісаць", "do not write", "I do not want to write"),
        *("удалите меня", "удали меня", "удалите меня из базы", "выдаліце мяне", "delete me"),
        *("удалите все сообщения", "выдаліце паведамленні", "delete messages"),
    ],
)
def test_what_only_may_be_such_a_wish_is_read_as_a_question(text: str) -> None:
    assert plainly(text) is None


@pytest.mark.parametrize("text", ["мова", "русский", "па-руску", "English please", "сменить  язык"])
def test_who_cannot_read_us_is_asked_for_a_language(text: str) -> None:
    assert plainly(text) == ChangeLanguage()


@pytest.mark.parametrize(
    "text", ["стоп турма", "русский язык в колонии", "хватит", "досыць", "help", "", "?"]
)
def test_a_question_with_such_a_word_in_it_stays_a_question(text: str) -> None:
    assert plainly(text) is None
