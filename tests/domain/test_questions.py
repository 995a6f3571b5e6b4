"""What is asked: names beside topics, cries before menus, and the features that carry meaning."""

from __future__ import annotations

import itertools
import re

import pytest

from bot.domain.articles import any_of
from bot.domain.classifier import Classifier
from bot.domain.giving_away import gives_away
from bot.domain.kinds import LABELS, Kind
from bot.domain.names import Match, NameIndex
from bot.domain.people import Name, NameKind
from bot.domain.questions import Asked, understand
from bot.domain.reading import leans, without
from bot.domain.search_keys import asked_key, search_keys
from bot.domain.strangers import lacks_surname, name_in
from bot.domain.wording import (
    MAX_QUESTION,
    Concept,
    Wording,
    tokens,
    without_private_numbers,
)
from bot.sources.article_files import read_library
from bot.sources.question_files import read_classifier, read_concepts, read_questions

PEOPLE = {
    1: ["Прыклад Алена", "Алена Прыкладоўская", "Елена Прикладовская", "Alena Prykladouskaya"],
    2: ["Зміцер Прыкладовіч", "Дмитрий Прикладович", "Zmitser Prykladovich"],
}
INDEX = NameIndex(
    [(number, [Name("", NameKind.SPELLING, text) for text in names]) for number, names in PEOPLE.items()]
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return read_classifier()


def asked(text: str, classifier: Classifier, before: str = "") -> Asked:
    return understand(text, INDEX.find, PEOPLE.__getitem__, classifier, before)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("што можна пакласці ў перадачу і колькі яна важыць", "parcels"),
        ("сколько килограммов в посылке можно передать в сизо", "parcels"),
        ("how many kilos may a parcel to the colony weigh", "parcels"),
        ("skolki kilagram mozna u pasylku u kaloniju", "parcels"),
        ("як падаць скаргу ў рабочую групу ААН па адвольных затрыманнях", "un-working-group"),
        ("как снять судимость после освобождения, сколько она действует", "criminal-record"),
        ("where can we live the first weeks in Warsaw after he is released", "housing-poland"),
    ],
)
def test_a_question_finds_its_topic_in_any_language(text: str, topic: str, classifier: Classifier) -> None:
    found = asked(text, classifier)
    assert found.kind is Kind.ARTICLE
    assert found.choices[0] == topic
    assert len(found.choices) == 3


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Алена Прыкладоўская", Kind.PERSON),
        ("ці вызвалілі Алену Прыкладоўскую", Kind.PERSON),
        ("Алена Прыкладоўская, як напісаць ёй ліст у калонію", Kind.PERSON_AND_ARTICLE),
        ("Прокоп Несуществующий", Kind.NOBODY),
        ("Jan Nobody", Kind.NOBODY),
        ("что с Романом Несуществующим?", Kind.NOBODY),
        ("ці вызвалілі Аляксандра Неіснуючага?", Kind.NOBODY),
        ("А. Прыкладоўская", Kind.PERSON),
        ("Лена Прыкладоўская", Kind.PERSON),
        ("гаага лукашэнка", Kind.ARTICLE),
        ("мой сосед Дмитрий Прикладович донатил, внесите его в базу доносов", Kind.UNSAFE),
        ("добры дзень", Kind.SMALLTALK),
        ("спасибо большое", Kind.SMALLTALK),
        ("я больше не могу жить, не хочу", Kind.DISTRESS),
        ("i want to die, i cannot do this anymore", Kind.DISTRESS),
        ("рэцэпт дранікаў", Kind.OUT_OF_SCOPE),
        ("what is the weather in Paris tomorrow", Kind.OUT_OF_SCOPE),
    ],
)
def test_each_kind_of_text_gets_its_kind_of_answer(text: str, kind: Kind, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is kind


@pytest.mark.parametrize(
    "text",
    [
        *("Иванов", "Ковалёв", "Зайцев", "Попова", "Іваноў", "Кавалёў", "Бяляева", "Савіцкі", "Petrov"),
        *("Иванов Сергей Петрович", "Беляев С.П.", "Кузнецова А. И.", "Шаўчук Мікола"),
        *(
            "а Ковалёв?",
            "а Зайцев?",
            "Пётр Прикладовский жив?",
            "Пётр Прыкладаўскі памёр",
            "Пётр Прикладовский умер?",
        ),
    ],
)
def test_whoever_looks_for_somebody_whom_we_lack_is_not_taken_for_one_in_despair(
    text: str, classifier: Classifier
) -> None:
    assert asked(text, classifier).kind is Kind.NOBODY


WRITTEN = (
    *("{s} {g} {p}", "{g} {p} {s}", "{s} {g} {p}, 1985", "{s} {g} 1985", "{s} {g} {p} 1985 г.р."),
    *("{s} {g} {p}, 1985 года рождения", "{s} {g} {p} 03.07.1985", "{s} {g} {p}, 03.07.1985, Минск"),
    *("{s} {g} {p}, 1985, Гродно, тюрьма 1", "{g} {s}, Брест", "Мой сын {s} {g} {p}, 03.07.1985"),
    *("Здравствуйте, {g} {s}", "Добры дзень! {s} {g} {p}", "Мой муж {g} {s}", "мужа зовут {g} {s}"),
    *("Я ищу {g} {s}", "А {g} {s}?", "{g} {s} есть в списке?", "{g} {s} умер?", "{g} {s} где он"),
)
"""How families write whom they look for."""
STRANGERS = (
    {"s": "Прикладовец", "g": "Андрей", "p": "Викторович"},
    {"s": "Прикладова", "g": "Светлана", "p": "Николаевна"},
    {"s": "Прыкладчык", "g": "Сяргей", "p": "Мікалаевіч"},
    {"s": "Небывалец", "g": "Павел", "p": "Андреевич"},
)


@pytest.mark.parametrize("written", WRITTEN)
def test_a_whole_name_that_we_lack_is_heard_as_a_name(written: str, classifier: Classifier) -> None:
    for stranger in STRANGERS:
        text = written.format(**stranger)
        assert asked(text, classifier).kind is Kind.NOBODY, text
        assert not lacks_surname(text, classifier), text
        assert asked_key(name_in(text, classifier)) in search_keys("{s} {g}".format(**stranger)), text


@pytest.mark.parametrize(
    "text", ["Черная Елена Владимировна", "Белый Е.В.", "Сухой Пётр Ильич, 1976", "мороз денис игоревич"]
)
def test_a_surname_that_is_a_word_is_one_beside_a_patronymic(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.NOBODY


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Не могу больше жить, Прикладовец Андрей", Kind.DISTRESS),
        ("сын Андрей Прикладовец повесился", Kind.DISTRESS),
        ("Меня зовут Ольга Прикладовец, мне одиноко", Kind.DISTRESS),
        ("Где Андрей Прикладовец, я не сплю ночами", Kind.DISTRESS),
        ("Андрей Прикладовец жив или нет", Kind.NOBODY),
        ("Андрей Прикладовец умер", Kind.NOBODY),
        ("спасибо, Ольга Ивановна", Kind.SMALLTALK),
        ("Дзякуй, Вольга Прыкладоўская", Kind.SMALLTALK),
        ("спасибо, а Андрей Прикладовец?", Kind.NOBODY),
        ("сосед Прикладовец Андрей донатил, внесите его в базу доносов", Kind.UNSAFE),
        ("сколько килограммов можно передать в сизо, Прикладовец Андрей", Kind.ARTICLE),
        ("Happy New Year to whoever keeps this going", Kind.SMALLTALK),
    ],
)
def test_beside_a_name_that_we_lack_it_is_heard_what_is_said(
    text: str, kind: Kind, classifier: Classifier
) -> None:
    assert asked(text, classifier).kind is kind


@pytest.mark.parametrize("text", ["Выпустили Алеся?", "муж Олег", "сын Алесь", "Где мой брат Пётр?", "Алесь"])
def test_of_a_given_name_among_company_the_surname_is_lacking(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.NOBODY
    assert lacks_surname(text, classifier)


@pytest.mark.parametrize("text", ["Игорь Андреев", "Пётр Давид", "Иван Ермак", "Павлюк Анна", "Рада Иванова"])
def test_a_surname_that_is_a_given_name_can_be_waited_for(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.NOBODY
    assert not lacks_surname(text, classifier)
    assert asked_key(name_in(text, classifier)) in search_keys(text)


@pytest.mark.parametrize("text", ["Андреева О.К.", "Давид А."])
def test_beside_an_initial_a_given_name_is_a_surname(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.NOBODY
    assert not lacks_surname(text, classifier)


@pytest.mark.parametrize("text", ["перадачы", "дайте денег"])
def test_a_few_words_without_a_name_denounce_nobody(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is not Kind.UNSAFE


@pytest.mark.parametrize(
    "text",
    [
        *("my address is Lipavaya 5, flat 12", "мой адрес: Липовая 5, кв 12", "мой адрас вуліца Ліпавая 10"),
        *("запишите: Липовая 7, кв. 31", "Ліпавая 7, кватэра 31", "наш домашний адрес Липовая 3"),
        *(
            "бабка з 12 кватэры ўсё чуе",
            "шумят в кв. 8 каждую ночь",
            "Ліпавая 3-18",
            "Sadovaya 12-7, Brest",
            "Липовая 3-18 муж сидит",
        ),
        *(
            "neighbours in apt 6 hang flags",
            "наши тут: t.me/+Zz00Yy11",
            "come to https://t.me/joinchat/Zz00Yy11",
        ),
        *("грошы сюды GB29 NWBK 6016 1331 9268 19", "pay into LT601010012345678901"),
    ],
)
def test_where_somebody_lives_is_no_question(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.UNSAFE


@pytest.mark.parametrize(
    "text",
    [
        *(
            "мой пароль от телеграма primer2020",
            "мой код 4832 из смс от телеграм",
            "password: qwerty77",
            "мой пин-код 4832",
        ),
        *(
            "со мной в чате были Прикладюк, Лапкевич и Сидорчук",
            "у нас тут Примерюк Олег, Жукевич Павел, Гриневка Иван",
        ),
    ],
)
def test_a_password_and_a_list_of_people_harm_whoever_reads_them_here(
    text: str, classifier: Classifier
) -> None:
    assert asked(text, classifier).kind is Kind.UNSAFE


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Минск, Гомель и Брест",
            "мои сыновья Антон, Иван и Павел скучают",
            "какой пароль придумать для телефона",
        ),
        *("код 411 не меняется", "Lithuania, Poland and Germany help", "забыла пароль в 2020, после обыска"),
        *("поменяли пароль после 12 мая 2021", "cell no12 that they said will move soon"),
    ],
)
def test_a_list_of_places_a_year_or_a_number_gives_nobody_away(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is not Kind.UNSAFE


@pytest.mark.parametrize(
    "text",
    [
        "у мяне адабралі кватэру, 5 гадоў таму",
        "my address changed, how do letters find me",
        "адрес колонии 15",
        "купили квартиру 3 комнаты и потеряли",
        "прадалі кватэру 5 гадоў таму",
        "Articles 361-1",
        "дали Артыкул 342-1",
        "ст. 130-3",
        "Прошло 10-12 дней, писем нет",
        "Обвиняют по 361-4",
        "Сідзець яшчэ 10-12 гадоў",
        "Можно ли писать на Садовая 3-18?",
        "адкуль гэты чат t.me/+Zz00Yy11?",
        "наш канал t.me/prykladnews",
    ],
)
def test_a_home_or_an_address_that_is_only_spoken_of_is_not_given(text: str) -> None:
    assert not gives_away(text, {word.spelled for word in tokens(text)})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Алена Прыклад 24-05 на волі", Kind.PERSON),
        ("Перадача 14-05, што можна пакласці", None),
        ("Письма приходят Четверг 9-12 или позже", None),
        ("Виза 14-05 в консульстве", None),
        ("опечатали квартиру 11 марта, что дальше", None),
        ("обыск в квартире 3 этаж", None),
        ("можно ли верить, позвали в t.me/+Zz00Yy11, кто это знает", None),
        ("я одна в квартире 6 этаж, сил нет больше, жить не хочу", Kind.DISTRESS),
        ("плачу, я ў кватэры 12, не магу больш, памерці хочацца", Kind.DISTRESS),
        ("Dad vanished, Smiles 3-12, I want to die", Kind.DISTRESS),
    ],
)
def test_a_date_a_floor_or_an_hour_beside_a_word_is_no_address(
    text: str, kind: Kind | None, classifier: Classifier
) -> None:
    heard = asked(text, classifier).kind
    assert heard is kind if kind else heard is not Kind.UNSAFE


@pytest.mark.parametrize(
    "text",
    [
        *("шостая жанчына ў нашай групе хавае хлопца", "отправила вам протокол обыска"),
        *(
            "my cousin is hiding a wanted man in her flat",
            "боюсь, но скажу: Пётр из третьего подъезда стучит на всех",
        ),
    ],
)
def test_where_nothing_is_asked_what_harms_people_is_heard_sooner(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.UNSAFE


@pytest.mark.parametrize(
    "text",
    [
        *("have you got anything about Volha Prykladets, a taxi driver who gave lifts to protesters",),
        *("hi can u check Volha Prykladets for me shes my aunt",),
        *("на Виктора Прикладца донёс сосед, где он сейчас", "у Прыкладца Віктара быў данос, што з ім?"),
    ],
)
def test_who_asks_about_somebody_is_not_rebuked_for_what_they_say_of_them(
    text: str, classifier: Classifier
) -> None:
    assert asked(text, classifier).kind is Kind.NOBODY


@pytest.mark.parametrize(
    "text",
    [
        *("кто из наших на вас подписан", "мой логин и пароль", "номер квартиры судьи знаем все"),
        *("деньги прячем у бабушки в подполе", "дзе жыве суддзя Віктар Прыкладзец"),
    ],
)
def test_what_harms_people_is_heard_in_few_words(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.UNSAFE


@pytest.mark.parametrize(
    "text",
    [
        *("The guard who beat my father, we know his name. Where can this be reported",),
        *("Трэба ведаць нумар атрада каб ліст дайшоў?", "Who can bring parcels in Hrodna if I am abroad?"),
        *("Ведаю прозвішча амапаўца, які біў брата. Куды падаць сведчанне?", "Каму перадаць імёны катаў?"),
        *("Як паведаміць вам пра новага палітвязня?", "У сына дома нашли флаг, его посадят?"),
        *("Заставляют доносить на знакомых, угрожают детьми. Что делать?", "Нумар тэлефона калоніі ў Горках"),
        *("скиньте адрес СИЗО на Володарского",),
        *(
            "Адрас СІЗА нумар 3 у Гомелі падкажыце",
            "хто вам дапамагае ў Мінску",
            "Кому сообщить, кто бил сына?",
        ),
        *("Can I give Viasna the case file number and the name of the judge? Is it punishable?",),
    ],
)
def test_who_asks_where_to_turn_is_not_rebuked(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind in {Kind.ARTICLE, Kind.CHOICES}


@pytest.mark.parametrize("text", ["пароль", "паспорт", "адрес", "сосед", "донос"])
def test_one_bare_word_gives_nothing_away(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is not Kind.UNSAFE


@pytest.mark.parametrize(
    "text",
    ["и что потом", "это точно?", "и всё?", "а если нет?", "і што далей", "and after that?", "what then?"],
)
def test_what_asks_on_in_words_without_a_meaning_is_no_cry(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is not Kind.DISTRESS


@pytest.mark.parametrize("text", ["так тошно", "и тошно", "И всё", "ну и все"])
def test_what_is_told_in_such_words_is_one(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.DISTRESS


@pytest.mark.parametrize("text", ["??", "🙏", "1", "2."])
def test_what_has_no_word_in_it_is_no_cry(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.SMALLTALK


def test_a_number_is_heard_as_the_zeros_that_stand_for_it(classifier: Classifier) -> None:
    """Nobody types zeros: a passport, a telephone or a card must be heard as unsafe with their digits."""
    digits = itertools.cycle("3749586")
    private = re.compile(r"(?:0[ ()-]{0,2}){6,}")
    found = [question.text for question in read_questions() if private.search(question.text)]
    for text in found:
        typed = private.sub(lambda zeros: re.sub("0", lambda _: next(digits), zeros[0]), text)
        assert asked(typed, classifier).kind is asked(text, classifier).kind, typed
    assert len(found) > 100


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("+375 29 123 45 67", Kind.UNSAFE),
        ("80291234567", Kind.UNSAFE),
        ("вось пашпарт сына МР3456789, праверце", Kind.UNSAFE),
        ("номер карты 4255 1234 5678 9012", Kind.UNSAFE),
        ("сыну добавили срок по 411", Kind.ARTICLE),
        ("сколько освободили в 2020-2025", Kind.ARTICLE),
        ("требуют 100 000 рублей за помилование", Kind.ARTICLE),
        ("просят 1500000 за освобождение", Kind.ARTICLE),
        ("мне плохо, не хочу жить, мой телефон 80291234567", Kind.DISTRESS),
        ("статьи 130 342 361", Kind.ARTICLE),
    ],
)
def test_years_articles_and_sums_are_no_private_numbers_and_a_cry_goes_first(
    text: str, kind: Kind, classifier: Classifier
) -> None:
    assert asked(text, classifier).kind is kind


@pytest.mark.parametrize(
    "text",
    [
        *("статьи 130 342 361", "ст. 361-4 361-1 342-2", "статья 130 342 361 2020 2021"),
        *("за 2024 2025 2026", "с 2020-2021 2022-2023", "в 2020-2021-2022", "суд 12-05-2022 (10-00)"),
        *("с 10-08-2020 10-08-2026", "письмо 222163 Жодино", "пасылка 211440 Наваполацк"),
        *("ущерб 3456789 рублей", "fine 150500 roubles", "штраф 123456 руб.", "просят 150500$", "статья 411"),
    ],
)
def test_what_is_public_keeps_its_digits(text: str) -> None:
    assert without_private_numbers(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("+375 29 123 45 67", "+375(29)123-45-67", "375 29 123 45 67", "375-29-123-45-67", "80291234567"),
        *("8 (017) 203-45-67", "29 123 45 67", "375 291 234 567", "+370 612 34567", "370 612 34567"),
        *("371 29 123 456", "+48 123 456 789", "601 234 567", "+1 202 555 01 23", "тел-80291234567"),
        *("MP1234567", "МР-3456789", "паспорт 2345678", "4255 1234 5678 9012", "4255123456789012"),
        *("1985 29 123 45 67", "220030 80291234567", "342 361 80291234567"),
    ],
)
def test_telephones_documents_and_cards_do_not_keep_theirs(text: str) -> None:
    assert without_private_numbers(text) != text


def test_several_who_are_named_are_all_taken_out(classifier: Classifier) -> None:
    found = asked("Прыкладоўская, Прыкладовіч", classifier)
    assert found.kind is Kind.SEVERAL


@pytest.mark.parametrize(
    "text",
    [
        *("where is my husband", "which colony is she in", "where is he held", "у якой яна калоніі"),
        *("а дзе ён сядзіць", "в какой он колонии", "а где она сидит"),
    ],
)
def test_who_is_asked_about_without_a_name_is_not_looked_for(text: str, classifier: Classifier) -> None:
    found = asked(text, classifier)
    assert found.kind is Kind.NOBODY
    assert found.names_nobody


def test_a_name_we_lack_is_looked_for_and_not_asked_for(classifier: Classifier) -> None:
    assert not asked("дзе Неіснуючы", classifier).names_nobody


def test_a_question_after_an_article_about_release_is_no_news_of_a_release(classifier: Classifier) -> None:
    title = "Першыя тры дні пасля вызвалення"
    for text in ("Где Несуществующий?", "Іваноў", "Прыкладоўскую адпусцілі?", "дзе ён", "а Прыкладоўская?"):
        found = asked(text, classifier, before=title)
        assert found.kind not in {Kind.ARTICLE, Kind.PERSON_AND_ARTICLE}, text


@pytest.mark.parametrize(
    "text",
    [
        *("а он?", "а мой сын?", "А мой муж?", "а мая мама?", "а ён?", "а моего?", "а сына?", "как он?"),
        *("and my son?", "and my brother?", "what about my husband", "and him?", "а мужа выпустили?"),
    ],
)
def test_who_asks_about_a_relative_is_asked_for_the_name_whatever_was_read(
    text: str, classifier: Classifier
) -> None:
    """An article on deaths or on release in answer to "and my son?" would be news of him."""
    for topic in any_topics():
        found = asked(text, classifier, before=topic)
        assert found.kind is Kind.NOBODY, topic
        assert found.names_nobody


def any_topics() -> list[str]:
    """Return the title of every article in Belarusian."""
    return [any_of(topic).title for topic in read_library().topics()]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("мой муж вышел, что делать в первые дни", Kind.ARTICLE),
        ("мама", Kind.DISTRESS),
        ("мой муж и я не можем больше так жить", Kind.DISTRESS),
        ("сына б’юць", Kind.ARTICLE),
        ("аан", Kind.CHOICES),
        ("Я жена Прикладовича", Kind.SEVERAL),
    ],
)
def test_what_is_said_of_a_relative_is_heard(text: str, kind: Kind, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is kind


def test_a_chance_likeness_to_a_name_does_not_hide_the_topic(classifier: Classifier) -> None:
    found = asked("прыкладна колькі кілаграмаў можна ў пасылку ў калонію", classifier)
    assert found.kind is Kind.ARTICLE
    assert found.choices[0] == "parcels"


def test_a_second_question_is_read_with_the_topic_before_it(classifier: Classifier) -> None:
    alone = asked("а калі ён за мяжой?", classifier)
    after = asked("а з-за мяжы?", classifier, before="Як напісаць ліст вязню")
    assert alone.kind is not Kind.ARTICLE
    assert {"letters", "letters-from-abroad"} & set(after.choices[:2])


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("а калі ён у калоніі?", True),
        ("and from abroad", True),
        ("колькі", True),
        ("", False),
        ("раскажыце падрабязна пра ўсе правілы", False),
        ("сколько кг?", True),
        ("где Несуществующий?", False),
        ("Иванов Сергей Петрович", False),
        ("а Иванов?", False),
        ("муж где", False),
        ("а мы жывем у Польшчы ўжо два гады і ніяк не можам зразумець", False),
    ],
)
def test_only_short_second_questions_lean_on_the_first(text: str, so: bool, classifier: Classifier) -> None:
    assert leans(tokens(text), dict.fromkeys(LABELS, 0.0) | {"letters": 0.01}, classifier) is so


@pytest.mark.parametrize(
    ("text", "kind"),
    [("паспорт", Kind.CHOICES), ("не магу больш", Kind.DISTRESS), ("дзякуй вялікі", Kind.SMALLTALK)],
)
def test_what_says_something_by_itself_is_not_read_as_more_of_the_same(
    text: str, kind: Kind, classifier: Classifier
) -> None:
    found = asked(text, classifier, before="Перадачы і пасылкі: што і колькі можна")
    assert found.kind is kind
    assert found.choices[0] != "parcels"


def test_a_name_is_taken_out_in_any_case_ending() -> None:
    rest = without(tokens("як напісаць Алене Прыкладоўскай ліст"), PEOPLE[1])
    assert [word.spelled for word in rest] == ["як", "напісаць", "ліст"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("дзеці", "дети"),
        ("Шчасце", "щастье"),
        ("п'яны", "пьяный"[:-1]),
        ("ліст", "лист"),
        ("вольны", "вольны"),
    ],
)
def test_what_two_languages_spell_differently_is_one_word(one: str, other: str) -> None:
    assert [word.folded for word in tokens(one)] == [word.folded for word in tokens(other)]


def test_a_concept_is_one_feature_in_three_languages() -> None:
    wording = Wording([Concept.of("parcel", ["пасыл", "посыл", "перадач"], ["parcel", "care package"])])
    for text in ("пасылка", "посылку", "перадачу", "two parcels", "a care package", "pasylka"):
        assert wording.concepts(tokens(text)) == ["parcel"], text
    assert wording.concepts(tokens("пачка")) == []


def test_characters_that_stand_for_many_letters_make_no_text_longer() -> None:
    read = " ".join(token.spelled for token in tokens("\ufdfa" * MAX_QUESTION))
    assert 0 < len(read) <= MAX_QUESTION + 1
    assert tokens("\ufdfa" * MAX_QUESTION + " памылка")[-1].spelled == "памылка"


def test_features_are_the_same_for_the_same_text_and_few_for_a_long_one() -> None:
    wording = Wording(read_concepts())
    assert wording.features("Як напісаць ліст?") == wording.features("як  напісаць ліст")
    assert len(wording.features("слова і яшчэ " * 10_000)) < 2_000


@pytest.mark.parametrize("text", ["", " ", "?!", "\u200b", "😀😀", "а" * 5_000, "\ud800", "0" * 400])
def test_anything_at_all_is_understood_somehow(text: str, classifier: Classifier) -> None:
    found = asked(text, classifier)
    assert found.kind in set(Kind)
    assert len(found.choices) == 3


@pytest.mark.parametrize(
    "text", ["як напісаць ліст Прыкладоўскай у калонію", "какая посылка можно Прикладовичу в сизо"]
)
def test_a_surname_alone_beside_a_topic_is_asked_about_and_hides_no_topic(
    text: str, classifier: Classifier
) -> None:
    found = asked(text, classifier)
    assert found.kind is Kind.PERSON_AND_ARTICLE
    assert not found.is_certain
    assert len(found.match.numbers) == 1


def test_everyday_words_are_not_looked_up_as_misspelled_names(classifier: Classifier) -> None:
    asked_for = []

    def find(text: str, *, as_typed: bool) -> Match:
        asked_for.append(as_typed)
        return INDEX.find(text, as_typed=as_typed)

    for text in ("што нам цяпер рабіць далей", "калі вызваляць Прыкладовскую", "Прыкладовскую"):
        understand(text, find, PEOPLE.__getitem__, classifier)
    assert asked_for == [True, False, False]
