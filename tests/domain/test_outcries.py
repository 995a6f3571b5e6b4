"""Closed words of joy, despair and violence: what a model hears too little in is heard all the same."""

from __future__ import annotations

import pytest

from bot.domain.classifier import Classifier
from bot.domain.kinds import Kind
from bot.domain.names import NameIndex
from bot.domain.outcries import (
    SEARCH,
    TORTURE,
    is_at_the_door,
    is_beaten_at_home,
    is_joy,
    mourns,
    wishes_to_die,
)
from bot.domain.people import Name, NameKind
from bot.domain.questions import Asked, understand
from bot.domain.wording import tokens
from bot.sources.article_files import topics
from bot.sources.question_files import read_classifier

INDEX = NameIndex([(1, [Name("ru", NameKind.MAIN, "Дмитрий Прикладович")])])


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return read_classifier()


def asked(text: str, classifier: Classifier) -> Asked:
    return understand(text, INDEX.find, lambda _: ["Дмитрий Прикладович"], classifier)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "suicide",
            "suicidal",
            "overdose",
            "hopeless",
            "lonely",
            "despair",
            "самагубства",
            "самотна",
            "жах",
        ),
        *("роспач", "бездапаможна", "адзінока", "одиноко", "безнадёжно", "Безнадежно!", "отчаяние", "ужас"),
        *("безысходность", "горе", "суицид", "передоз", "паніка", "слезы", "Балюча..."),
    ],
)
def test_one_word_of_despair_is_nobodys_name(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.DISTRESS


@pytest.mark.parametrize("text", ["Прикладович", "Заяц", "Ковалёв", "прыкладоўскі"])
def test_a_surname_alone_is_no_word_of_despair(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind in {Kind.PERSON, Kind.NOBODY}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ура!!!",
            "Ура, его выпустили!",
            "ура сына выпустили",
            "слава богу",
            "Слава Богу, дома!",
            "я рада",
            "рада",
        ),
        *(
            "мы так рады",
            "какое счастье",
            "дождалась!!!",
            "сегодня обняла сына",
            "сын позвонил!",
            "он дома!!!",
        ),
        *("плачу от счастья, сын вышел", "дачакалася!", "нарэшце!!! ён на волі", "ура, яна на волі"),
        *("плачу ад шчасця", "мы так рады", "he is home!!!", "finally home", "yay"),
        *("Племянник на свободе!", "My brother was released today!", "Дед вышел!", "He's home!!!"),
        *("Брата сёння выпусцілі!", "Привет! Брата сегодня отпустили!"),
    ],
)
def test_joy_is_not_answered_with_doubt_nor_with_calm_words(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.SMALLTALK


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("я была бы рада не проснуться", Kind.DISTRESS),
        ("он дома?", Kind.NOBODY),
        ("когда он наконец дома", Kind.NOBODY),
        ("Мужа отпустили и снова!", Kind.NOBODY),
        ("Ура, Прикладович на свободе!", Kind.PERSON),
    ],
)
def test_not_all_that_has_a_glad_word_in_it_is_joy(text: str, kind: Kind, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is kind


@pytest.mark.parametrize(
    "text",
    [
        *("меня насиловали в сизо", "меня изнасиловали в тюрьме", "его изнасиловали в колонии"),
        *(
            "мяне згвалцілі ў турме",
            "мяне гвалтавалі ў сіза",
            "I was raped in prison",
            "they rape women there",
        ),
    ],
)
def test_who_tells_of_rape_gets_calm_words_and_how_to_document_it(text: str, classifier: Classifier) -> None:
    found = asked(text, classifier)
    assert found.kind is Kind.DISTRESS
    assert found.choices[0] == TORTURE
    assert found.may_be_about_it


def test_who_asks_how_to_document_rape_is_told_how(classifier: Classifier) -> None:
    assert TORTURE in topics()
    for text in ("как зафиксировать изнасилование в сизо", "як зафіксаваць згвалтаванне ў калоніі"):
        found = asked(text, classifier)
        assert (found.kind, found.choices[0]) == (Kind.ARTICLE, TORTURE), text


@pytest.mark.parametrize(
    "text",
    [
        *("муж вернулся и хочет убить себя", "брат вышел из тюрьмы и хочет повеситься"),
        *(
            "муж говорит что не хочет больше жить",
            "сын хочет умереть",
            "муж вярнуўся і кажа што не хоча жыць",
        ),
        *("муж вярнуўся і хоча забіць сябе", "my husband came home and wants to kill himself"),
        *("my son was released and doesn't want to live", "she says she wants to die"),
    ],
)
def test_somebody_elses_wish_to_die_is_answered_as_a_cry(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.DISTRESS


@pytest.mark.parametrize(
    "text",
    [
        "муж не хочет жить в Польше",
        "муж не хоча жыць у Літве",
        "he does not want to live in Poland after release",
    ],
)
def test_who_only_does_not_want_to_live_somewhere_is_in_no_danger(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is not Kind.DISTRESS


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("осуждённый за изнасилование попадает под амнистию?", "pardon-amnesty-term"),
        ("обвиняют в изнасиловании, нужен адвокат", "find-lawyer"),
        ("accused of rape, need a lawyer", "find-lawyer"),
        ("какой психолог помогает после изнасилования", "psychological-help"),
    ],
)
def test_rape_that_is_only_named_hides_no_question(text: str, topic: str, classifier: Classifier) -> None:
    found = asked(text, classifier)
    assert (found.kind, found.choices[0]) == (Kind.ARTICLE, topic)


@pytest.mark.parametrize("text", ["accused of rape", "статья за изнасилование", "сидит за изнасилование"])
def test_rape_that_somebody_is_accused_of_was_done_to_nobody_who_writes(
    text: str, classifier: Classifier
) -> None:
    found = asked(text, classifier)
    assert found.kind is not Kind.DISTRESS
    assert found.choices[0] != TORTURE


@pytest.mark.parametrize(
    "text",
    ["я жертва изнасилования", "victim of rape in prison", "его изнасиловали, обвиняют в изнасиловании"],
)
def test_a_victim_of_rape_is_heard(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.DISTRESS


@pytest.mark.parametrize(
    "text",
    [
        *("муж не хочет жить за границей", "не хочет жить под надзором", "сын не хочет жить вместе с нами"),
        *("он не хочет жить дальше в Беларуси", "ён не хоча жыць пад наглядам", "муж не хоча жыць за мяжой"),
        *("he does not want to live abroad", "my son doesn't want to live under supervision"),
    ],
)
def test_how_and_where_somebody_does_not_want_to_live_is_no_wish_to_die(text: str) -> None:
    assert not wishes_to_die(tokens(text))


@pytest.mark.parametrize("text", ["он не хочет жить дальше", "ён не хоча жыць болей", "не хочет больше жить"])
def test_who_does_not_want_to_live_at_all_wishes_to_die(text: str) -> None:
    assert wishes_to_die(tokens(text))


@pytest.mark.parametrize(
    "text",
    [
        *("муж дома! как нам", "что мне! он дома", "how is he at home!", "is he happy and free at home"),
        *("наконец он там", "ура, он там"),
    ],
)
def test_who_asks_or_says_that_somebody_is_there_is_not_glad_for_sure(text: str) -> None:
    assert not is_joy(text, tokens(text))


@pytest.mark.parametrize(
    "text",
    [
        *("брат гаворыць што павешуся", "дочь говорит, что вскроет себе вены", "жена сказала что повесится"),
        *("баюся што ён скончыць з сабой", "яна абяцае што накладзе на сябе рукі", "я повешусь в этом доме"),
        *("муж пытался повеситься", "сястра спрабавала забіць сябе", "ён ужо двойчы спрабаваў павесіцца"),
        *("сын порезал себе вены", "ён парэзаў вены", "вены вскрыла", "he slit his wrists in the cell"),
        *("боюсь, что-то с собой сделает", "каб толькі нешта з сабой не зрабіў, нешта зробіць з сабой"),
        *("I'm afraid he'll hurt himself", "my wife said she will kill herself", "he tried to hang himself"),
        *("she wrote that I will kill myself", "I fear she will do something to herself"),
    ],
)
def test_a_threat_or_an_attempt_to_die_is_a_wish_to_die(text: str, classifier: Classifier) -> None:
    assert wishes_to_die(tokens(text))
    assert asked(text, classifier).kind is Kind.DISTRESS


@pytest.mark.parametrize(
    "text",
    [
        *("сын повесился в колонии", "ён павесіўся ў сіза", "he hanged himself in prison"),
        *(
            "говорит что выйдет в мае",
            "пытался передать письмо",
            "боюсь что он замерзнет",
            "cut his sentence",
        ),
        *("что взять с собой", "нешта зробіць адвакат", "she tried to call him", "порезал руку хлебом"),
    ],
)
def test_who_is_dead_or_only_hurt_by_chance_wishes_nothing(text: str) -> None:
    assert not wishes_to_die(tokens(text))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "муж не хочет жить в колонии дальше",
            "ён напісаў што не хоча жыць у той камеры",
            "сын не хочет жить в ШИЗО",
        ),
        *(
            "he doesn't want to live in that cell",
            "пришло прощальное письмо",
            "атрымалі развітальны ліст ад сына",
        ),
        *("she left a suicide note", "паническая атака", "нервовы зрыў", "kill me", "SOS", "💔", "😭😭😭"),
    ],
)
def test_a_cry_from_where_somebody_is_held_and_one_of_two_words_are_heard(
    text: str, classifier: Classifier
) -> None:
    assert asked(text, classifier).kind is Kind.DISTRESS


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("he beats me", True),
        ("my husband came back from prison and he chokes me", True),
        ("my ex husband threatens to kill us", True),
        ("they beat him in prison", False),
        ("the guard hit him with a stick", False),
        ("my heart beats fast", False),
    ],
)
def test_violence_at_home_is_told_from_that_of_guards(text: str, so: bool, classifier: Classifier) -> None:
    assert is_beaten_at_home(tokens(text)) is so
    assert not so or asked(text, classifier).kind is Kind.DISTRESS


@pytest.mark.parametrize(
    "text", ["омон под дверью что делать", "стукаюць у дзверы, міліцыя", "police are at my door what do i do"]
)
def test_who_is_at_the_door_now_is_what_it_is_about(text: str, classifier: Classifier) -> None:
    assert SEARCH in topics()
    assert is_at_the_door(tokens(text))
    assert asked(text, classifier).choices[0] == SEARCH


@pytest.mark.parametrize(
    "text",
    [
        *("he's free!!! I can't stop crying, so happy", "божа, ён дома, не магу паверыць, шчасце"),
        *(
            "my son is out!!! omg",
            "он вышел!! реву от радости",
            "she is home!! we are all crying with happiness",
        ),
    ],
)
def test_tears_of_joy_are_joy(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.SMALLTALK


@pytest.mark.parametrize("text", ["он не рад", "не могу", "не магу, ён дома", "I can't stop crying"])
def test_who_cannot_go_on_is_not_glad(text: str) -> None:
    assert not is_joy(text, tokens(text))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Сын пишет из колонии, что повесится",
            "Брат прощается в письмах",
            "Она в письме прощается со мной",
        ),
        *("Он пишет, что не доживёт до весны", "У апошнім лісце ён развітаўся з намі"),
        *("Дачка рэжа рукі пасля турмы бацькі", "My daughter cuts herself", "Он пишет, что умрёт там"),
        *("піша з калоніі, што не вытрымае", "he writes that he won't last", "his letter says goodbye"),
        *(
            "сын Андрей Прикладовец повесился",
            "ён скончыў з сабой у ШЫЗА",
            "her brother hanged himself there",
        ),
        *("Алег Прыклад мой бацька, я сумую па ім", "Скучаю по сыну Андрею Примеру, третий год"),
    ],
)
def test_who_parts_dies_or_is_missed_is_cried_for(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.DISTRESS


@pytest.mark.parametrize(
    "text",
    [
        *("как написать письмо на прощание перед этапом, примут?", "сумую па моры, хачу ў адпачынак"),
        *("правда, что он повесился?", "Andrei Prykladovich is missing. My family hears nothing"),
        *("thinking of ending things with our lawyer, how do I revoke the power of attorney?",),
        *("адвокат пишет, что дело не выдержит проверки", "у письме прощается с нами отряд?"),
        *("i miss my kids, how do I bring them to Poland",),
    ],
)
def test_not_all_that_parts_or_misses_is_a_cry(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is not Kind.DISTRESS


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        *(("Мама памерла, не дачакалася яго", True), ("мужа вчера похоронили", True)),
        *(("my father passed away", True), ("брата больше нет с нами", True)),
        *(("my son is dead", True), ("я похоронила мужа", True), ("мой сын загінуў", True)),
        *(("лучше бы я умерла, мама не заметит", False), ("боюсь что он умер", False), ("он не умер", False)),
        *(("она не стала есть", False), ("I wish I died, my mother would not care", False)),
        *(("я умерла внутри, муж сидит", False), ("хачу памерці", False), ("умер интернет", False)),
    ],
)
def test_who_has_lost_somebody_mourns(text: str, dead: bool) -> None:
    assert mourns(tokens(text)) is dead
