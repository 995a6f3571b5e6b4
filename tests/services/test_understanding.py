"""Free text as an answer, and the last topic: known for ten minutes, in memory, under a digest."""

from __future__ import annotations

import numpy as np
import pytest

from bot.app import today
from bot.domain.answers import (
    DidYouMean,
    Distress,
    NameNeeded,
    NobodyFound,
    OutOfScope,
    PersonCard,
    SmallTalk,
    Talk,
    TopicAnswer,
    UnsafeSent,
)
from bot.domain.articles import any_of
from bot.domain.classifier import Classifier, Floats
from bot.domain.people import Language
from bot.domain.wording import Wording
from bot.services.advising import Advising
from bot.services.answering import Answering
from bot.services.understanding import AFTER_RELEASE, IN_DISTRESS, REMEMBERED_SECONDS, Understanding
from bot.sources.article_files import read_library
from bot.sources.directory_files import read_directory
from bot.sources.question_files import read_classifier, read_concepts, read_weights
from bot.store.database import Database

CHAT = 987_654_321_012


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


class Told(Classifier):
    """Finds in any text what it was told to find."""

    def __init__(self, probable: dict[str, float]) -> None:
        super().__init__(Wording(read_concepts()), read_weights())
        self._said = np.array([probable.get(label, 1e-3) for label in self.labels], np.float32)

    def probabilities(self, text: str) -> Floats:
        return self._said


class Beside(Told):
    """Finds what it was told to find only where no name is left in a text."""

    def probabilities(self, text: str) -> Floats:
        person = np.array([float(label == "person") for label in self.labels], np.float32)
        return person if "prykladets" in text.lower() else super().probabilities(text)


async def understanding(
    seeded: Database, clock: Clock, classifier: Classifier | None = None
) -> Understanding:
    answering, advising = Answering(seeded), Advising(read_library(), read_directory(), today)
    await answering.refresh_names()
    return Understanding(answering, advising, classifier or read_classifier(), clock)


async def test_a_topic_a_person_and_both(seeded: Database) -> None:
    asking = await understanding(seeded, Clock())
    topic = await asking.answer(CHAT, "сколько килограммов можно в передаче в сизо")
    assert isinstance(topic, TopicAnswer)
    assert any_of(topic.topic).key == "parcels"
    person = await asking.answer(CHAT, "Алесь Бяляцкі")
    assert isinstance(person, PersonCard)
    assert person.also is None
    both = await asking.answer(CHAT, "Алесь Бяляцкі, колькі кілаграмаў можна ў перадачу яму ў сіза")
    assert isinstance(both, PersonCard)
    assert both.also is not None
    assert any_of(both.also).key == "parcels"


async def test_somebody_in_distress_gets_calm_and_one_thing_to_read(seeded: Database) -> None:
    answer = await (await understanding(seeded, Clock())).answer(CHAT, "не хочу больше жить")
    assert isinstance(answer, Distress)
    assert answer.help is not None
    assert any_of(answer.help).key == "psychological-help"


async def test_the_last_topic_is_forgotten_after_ten_minutes_and_when_asked(seeded: Database) -> None:
    clock = Clock()
    asking = await understanding(seeded, clock)
    asking.read(CHAT, "letters")
    assert asking._before(CHAT)
    clock.at += REMEMBERED_SECONDS
    assert not asking._before(CHAT)
    asking.forget_old()
    assert not asking._last
    asking.read(CHAT, "letters")
    asking.forget(CHAT)
    assert not asking._before(CHAT)


async def test_memory_holds_no_chat_and_no_text(seeded: Database) -> None:
    asking = await understanding(seeded, Clock())
    await asking.answer(CHAT, "сколько килограммов можно в передаче в сизо")
    held = repr(vars(asking))
    for form in (str(CHAT), f"{CHAT:x}", "килограм"):
        assert form not in held


async def test_what_may_be_several_topics_is_asked_back(seeded: Database) -> None:
    answer = await (await understanding(seeded, Clock())).answer(CHAT, "паспорт")
    assert isinstance(answer, DidYouMean)
    assert len(answer.topics) == 3


@pytest.mark.parametrize(
    ("probable", "kind", "helps"),
    [
        ({"letters": 0.1, "parcels": 0.1, "distress": 0.04}, DidYouMean, True),
        ({"letters": 0.1, "parcels": 0.1, "distress": 0.01}, DidYouMean, False),
        ({"out_of_scope": 0.9, "distress": 0.05}, OutOfScope, True),
        ({"out_of_scope": 0.9, "distress": 0.01}, OutOfScope, False),
        ({"smalltalk": 0.7, "distress": 0.25}, SmallTalk, True),
        ({"smalltalk": 0.7, "distress": 0.15}, SmallTalk, False),
    ],
)
async def test_where_it_may_be_a_cry_help_stands_before_any_menu(
    seeded: Database,
    probable: dict[str, float],
    kind: type[DidYouMean | OutOfScope | SmallTalk],
    helps: bool,
) -> None:
    asking = await understanding(seeded, Clock(), Told(probable))
    answer = await asking.answer(CHAT, "мне зноў сніўся той калідор")
    assert isinstance(answer, kind)
    assert (answer.help is not None) is helps
    assert answer.help is None or any_of(answer.help).key == IN_DISTRESS


@pytest.mark.parametrize(("distress", "helps"), [(0.15, True), (0.05, False)])
async def test_a_kind_word_stands_above_the_question_whom_somebody_means(
    seeded: Database, distress: float, helps: bool
) -> None:
    asking = await understanding(seeded, Clock(), Told({"person": 0.9, "distress": distress}))
    answer = await asking.answer(CHAT, "як там цяпер")
    assert isinstance(answer, NameNeeded)
    assert (answer.help is not None) is helps


async def test_who_mourns_rejoices_or_thanks_is_answered_so(seeded: Database) -> None:
    asking = await understanding(seeded, Clock())
    grief = await asking.answer(CHAT, "Мама памерла, не дачакалася яго")
    assert isinstance(grief, Distress)
    assert grief.mourns
    despair = await asking.answer(CHAT, "не хачу больш жыць")
    assert isinstance(despair, Distress)
    assert not despair.mourns
    joy = await asking.answer(CHAT, "Ура, сына выпусцілі!")
    assert isinstance(joy, SmallTalk)
    assert joy.talk is Talk.JOY
    assert joy.next is not None
    assert any_of(joy.next).key == AFTER_RELEASE
    for text, talk in (("дзякуй вам", Talk.THANKS), ("добры дзень", Talk.PLAIN)):
        answer = await asking.answer(CHAT, text)
        assert isinstance(answer, SmallTalk)
        assert (answer.talk, answer.next) == (talk, None)


@pytest.mark.parametrize(
    ("text", "topic", "distress", "helps"),
    [
        *(
            ("вярнулі скрынку, гляджу на яе", "parcels", distress, distress >= 0.15)
            for distress in (0.1, 0.2)
        ),
        *(("вярнулі скрынку?", "parcels", distress, distress >= 0.3) for distress in (0.2, 0.35)),
        ("вярнулі скрынку, гляджу на яе", IN_DISTRESS, 0.2, False),
    ],
)
async def test_a_kind_word_stands_above_an_article_where_it_may_be_a_cry_too(
    seeded: Database, text: str, topic: str, distress: float, helps: bool
) -> None:
    asking = await understanding(seeded, Clock(), Told({topic: 0.5, "distress": distress}))
    answer = await asking.answer(CHAT, text)
    assert isinstance(answer, TopicAnswer)
    assert (answer.help is not None) is helps


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("за сцяной зноў цішыня", True),
        ("за сцяной зноў цішыня?", False),
        ("чаму за сцяной цішыня", False),
        ("за стеной снова тишина", True),
        ("где за стеной тишина", False),
        ("is it quiet behind that wall", False),
        ("it is quiet behind that wall", True),
        ("да сцяны не дакрычацца", True),
        ("we do nothing but hear that wall", True),
        ("quiet behind that wall again", True),
    ],
)
async def test_what_may_be_a_cry_and_asks_nothing_is_heard_as_one(
    seeded: Database, text: str, heard: bool
) -> None:
    asking = await understanding(seeded, Clock(), Told({"letters": 0.1, "parcels": 0.1, "distress": 0.08}))
    answer = await asking.answer(CHAT, text)
    assert isinstance(answer, Distress if heard else DidYouMean)


@pytest.mark.parametrize(
    ("text", "distress", "heard"),
    [
        ("не разбяру што за сцяной", 0.12, True),
        ("я не знаю как там за стеной", 0.12, True),
        ("nobody hears what is behind that wall", 0.12, True),
        ("не разбяру што за сцяной", 0.08, False),
        ("цішыня за сцяной", 0.08, True),
        ("што за сцяной?", 0.09, False),
        ("ну и как там за стеной", 0.09, False),
        ("Цішыня. Што за сцяной", 0.09, False),
        ("што за сцяной?", 0.12, True),
        ("трэба выгаварыцца за сцяной", 0.12, True),
        ("ну и как там за стеной", 0.12, True),
    ],
)
async def test_what_would_get_a_menu_is_heard_as_a_cry_the_sooner_the_less_it_asks(
    seeded: Database, text: str, distress: float, heard: bool
) -> None:
    probable = {"letters": 0.1, "parcels": 0.1, "visits-and-calls": 0.1, "appeal-verdict": 0.1}
    asking = await understanding(seeded, Clock(), Told(probable | {"distress": distress}))
    assert isinstance(await asking.answer(CHAT, text), Distress if heard else DidYouMean)


@pytest.mark.parametrize(
    ("text", "probable", "heard"),
    [
        ("за той сцяной зноў усё тыя самыя", {"unsafe": 0.15, "out_of_scope": 0.4}, True),
        ("за той сцяной зноў усё тыя самыя", {"unsafe": 0.15, "out_of_scope": 0.7}, False),
        ("за той сцяной бачу што тыя самыя", {"unsafe": 0.22, "letters": 0.1}, True),
        ("за той сцяной бачу што тыя самыя", {"unsafe": 0.15, "letters": 0.1}, False),
        ("што за той сцяной зноў тыя самыя?", {"unsafe": 0.22, "letters": 0.15}, False),
    ],
)
async def test_what_would_get_a_menu_may_harm_somebody_where_nothing_is_plainly_asked(
    seeded: Database, text: str, probable: dict[str, float], heard: bool
) -> None:
    answer = await (await understanding(seeded, Clock(), Told(probable))).answer(CHAT, text)
    assert isinstance(answer, UnsafeSent if heard else DidYouMean)


@pytest.mark.parametrize(("distress", "heard"), [(0.5, True), (0.46, True), (0.41, False), (0.3, False)])
async def test_a_cry_likelier_than_all_topics_together_is_one_also_where_it_asks(
    seeded: Database, distress: float, heard: bool
) -> None:
    asking = await understanding(seeded, Clock(), Told({"letters": 0.35, "distress": distress}))
    answer = await asking.answer(CHAT, "чаму зноў тая сцяна?")
    assert isinstance(answer, Distress if heard else DidYouMean | TopicAnswer)


@pytest.mark.parametrize(("person", "kind"), [(0.65, NobodyFound), (0.4, NobodyFound), (0.2, TopicAnswer)])
async def test_who_asks_how_a_stranger_is_gets_no_article(
    seeded: Database, person: float, kind: type[NobodyFound | TopicAnswer]
) -> None:
    asking = await understanding(seeded, Clock(), Told({"first-hours-detention": 0.3, "person": person}))
    answer = await asking.answer(CHAT, "my friend Volha Prykladets was arrested yesterday, is she out")
    assert isinstance(answer, kind)


@pytest.mark.parametrize(
    ("text", "probable", "unsafe"),
    [
        ("ловіце тую даведку", {"letters": 0.4, "unsafe": 0.12, "distress": 0.05}, True),
        ("ловіце тую даведку?", {"letters": 0.4, "unsafe": 0.12, "distress": 0.05}, False),
        ("ловіце тую даведку", {"letters": 0.85, "unsafe": 0.12, "distress": 0.05}, False),
        ("ловіце тую даведку", {"letters": 0.4, "unsafe": 0.12, "distress": 0.2}, False),
        ("чаму Віця маўчыць за сцяной", {"unsafe": 0.35, "distress": 0.6}, True),
        ("чаму нехта маўчыць за сцяной", {"unsafe": 0.35, "distress": 0.6}, False),
        ("чаму за сцяной зноў 29-000-00-14", {"unsafe": 0.35, "distress": 0.6}, True),
        ("чаму за сцяной зноў 29-000-00-14", {"unsafe": 0.25, "distress": 0.6}, False),
        ("чаму за сцяной зноў 14", {"unsafe": 0.35, "distress": 0.6}, False),
        ("чаму за сцяной зноў 14", {"unsafe": 0.75, "distress": 0.1}, True),
    ],
)
async def test_what_harms_people_is_heard_before_a_cry_where_it_tells_or_names(
    seeded: Database, text: str, probable: dict[str, float], unsafe: bool
) -> None:
    answer = await (await understanding(seeded, Clock(), Told(probable))).answer(CHAT, text)
    assert isinstance(answer, UnsafeSent) is unsafe


@pytest.mark.parametrize(("unsafe", "heard"), [(0.6, True), (0.4, False)])
async def test_beside_a_stranger_what_harms_people_is_heard(
    seeded: Database, unsafe: float, heard: bool
) -> None:
    asking = await understanding(seeded, Clock(), Beside({"unsafe": unsafe, "person": 0.1, "letters": 0.1}))
    answer = await asking.answer(CHAT, "tell me where officer Volha Prykladets lives now")
    assert isinstance(answer, UnsafeSent if heard else NobodyFound)


async def test_a_surname_alone_stands_beside_the_topic_as_a_question(seeded: Database) -> None:
    asking = await understanding(seeded, Clock())
    answer = await asking.answer(CHAT, "колькі кілаграмаў можна ў перадачу Беляцкаму ў сіза")
    assert isinstance(answer, TopicAnswer)
    assert any_of(answer.topic).key == "parcels"
    assert answer.named is not None
    assert answer.named.shown_name(Language.BE) == "Алесь Бяляцкі"
    assert answer.instead == ()


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("Пішуць, што Віктар Прыкладоўскі памёр у калоніі. Хто пацвердзіць смерць зняволенага?", True),
        ("Пишут, что в колонии умер заключённый. Кто подтвердит смерть заключённого?", False),
        ("колькі кілаграмаў можна ў перадачу Беляцкаму ў сіза", False),
        ("how many kilograms in a parcel for John Exampleson in the remand prison", True),
    ],
)
async def test_beside_an_article_it_is_said_that_we_lack_a_name(
    seeded: Database, text: str, lacks: bool
) -> None:
    answer = await (await understanding(seeded, Clock())).answer(CHAT, text)
    assert isinstance(answer, TopicAnswer)
    assert answer.lacks is lacks


async def test_an_answer_that_is_not_quite_clear_names_what_else_it_may_be(seeded: Database) -> None:
    asking = await understanding(seeded, Clock())
    clear = await asking.answer(CHAT, "сколько килограммов можно в передаче в сизо")
    assert isinstance(clear, TopicAnswer)
    assert clear.instead == ()
    unclear = [
        answer
        for text in ("передача или перевод что лучше", "паспорт і праца", "письмо и адвокат", "гроши и суд")
        if isinstance(answer := await asking.answer(CHAT, text), TopicAnswer) and answer.instead
    ]
    assert unclear
    for answer in unclear:
        assert len(answer.instead) == 2
        assert answer.topic not in answer.instead
