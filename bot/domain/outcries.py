"""Outcries: closed words of joy, thanks, despair and violence, which say by themselves what a short text is.

What was learned hears too little in one word, and takes tears of joy for a cry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.relatives import AROUND, FREED, THEY
from bot.domain.wording import Token

TORTURE = "torture-documentation"
"""The topic that whoever tells of rape may need after calm words."""
SEARCH = "search-and-interrogation"
"""The topic for those at whose door somebody is knocking now."""
_MOST_OF_JOY = 10
_JOY = frozenset(
    "ура рада рад рады дождалась дождался дождались счастье счастья счастлива счастлив счастливы"
    " радость радости обняла обнял обняли наконец дачакалася дачакаўся дачакаліся шчасце шчасця"
    " шчаслівая шчаслівы шчаслівыя радасць радасці абняла абняў абнялі нарэшце hooray hurray yay happy"
    " joy happiness finally".split()
)
_NO_JOY = frozenset("где дзе where когда калі when ли ці там there".split())
"""Who asks is not glad, and "there" may be in prison."""
_HOW = frozenset("как як что што how what".split())
_GOD = frozenset({"слава богу", "дзякуй богу", "дзякаваць богу", "thank god", "thanks god"})
_AROUND_JOY = frozenset(
    "мы мне нам так очень вельмі сегодня сёння то от ад за плачу плачем слезы слёзы какое какая якое"
    " якая наши нашы все всё усе ўсе усё вместе разам снова зноў and at last so very today we for crying"
    " tears of im hes shes god thank thanks слава богу дзякуй дзякаваць божа боже господи реву рыдаю omg"
    " with are all was were been has have had just today yesterday now только толькі што что вчера"
    " учора утром раніцай привет здравствуйте прывітанне вітаю hi hello".split()
)
_KIN = THEY | frozenset(
    "племянник племянница пляменнік пляменніца дед дедушка бабушка дзед дзядуля бабуля дядя тётя тетя"
    " дзядзька цётка друг подруга сябар сяброўка крёстный hes shes theyre friend uncle aunt"
    " nephew niece cousin grandpa grandma grandfather grandmother boy girl".split()
)
_OVERWHELMED = re.compile(
    r"\b(?:не (?:магу|могу) (?:паверыць|поверить)|(?:i )?cant (?:stop crying|believe (?:it|this|my eyes)))\b"
)
"""Said in joy, and of nothing else beside its words."""
_THANKS = frozenset("спасибо благодарю дзякуй дзякую thanks thank".split())
_CALLED = frozenset("позвонил позвонила пазваніў пазваніла тэлефанаваў тэлефанавала called phoned".split())
_CAME = (FREED | _CALLED) - frozenset("здесь тут here".split())
"""Who "is here!" may be at the door."""
_AGAIN = frozenset("снова зноў опять ізноў again".split())
_SAID_IN_JOY = (_JOY | _AROUND_JOY | _CALLED | _KIN | AROUND | FREED) - _NO_JOY
_CRIES = frozenset(
    "суицид самоубийство передоз передозировка одиноко одинока одинок безнадежно безнадега"
    " безысходность беспомощность отчаяние паника истерика ужас жуть кошмар тоска пустота боль больно"
    " тошно невыносимо страшно слезы рыдаю задыхаюсь умираю погибаю повешусь повеситься порежусь горе"
    " самагубства перадазіроўка адзінока самотна самотны безнадзейна безвыходнасць бездапаможна роспач"
    " адчай паніка істэрыка жах жудасна балюча млосна невыносна страшна задыхаюся паміраю гіну павешуся"
    " павесіцца парэжуся suicide suicidal overdose hopeless helpless lonely alone scared terrified panic"
    " despair desperate grief worthless depressed kms sos".split()
) | {
    *("паническая атака", "панічная атака", "panic attack", "нервный срыв", "нервовы зрыў", "kill me"),
    *("nervous breakdown", "painless death", "painless way to die"),
}
_DIED = frozenset(
    "умер умерла умерли памёр памерла памерлі погиб погибла погибли загінуў загінула загінулі похоронил"
    " похоронила похоронили хоронили пахаваў пахавала пахавалі died dead funeral buried".split()
)
_GONE = ("не стало", "яго не стала", "яе не стала", "больше нет с нами", "passed away")
_NOT_DEAD = re.compile(
    r"\b(?:бы|б|каб|wish|боюсь|боимся|баюся|баімся|afraid|if|если|калі|almost|чуть|ледзь|(?:не|я|i|not|ни)"
    r" (?:умер\w*|пам[её]р\w*|died|dead|погиб\w*|загіну\w*))\b"
)
"""Who might have died, has not; and who says it of oneself lives."""
_INSIDE = frozenset("внутри ўнутры унутры душе душы душа inside".split())
"""Where something of oneself has died, nobody has."""
_WEEPING = frozenset("😭😢💔😞😩😫😰😓🥺")
_ONESELF = frozenset("я меня мне мной мяне мною i me".split())
_RAPE = re.compile(r"(?:из)?насилов|изнасил|насилуют|згвалт|згвалц|гвалтав|гвалтуюць|rap(?:e[ds]?|ing)$")
_RAPE_ITSELF = re.compile(r"изнасиловани|згвалтаван|rape$")
_ACCUSED = re.compile(
    r"\b(?:за (?:изнасиловани|згвалтаван)|обвин|абвінав|осу[дж]|асу[дж]|засу[дж]|стать[яеию]|артыкул"
    r"|accus|charge|convict|sentence)"
)
_PLACE = (
    r"(?: дальше| далей| больше| больш| болей)? (?:в|во|на|у|ў|с|со|з|са|тут|здесь|там|дома|без|за|под|пад"
    r"|при|пры|рядом|побач|вместе|разам|отдельно|асобна|in|with|here|there|at|without|abroad|under|near"
    r"|together|apart)\b"
)
"""Who does not want to live somewhere, or with somebody, wants to live: unless it is where they are held."""
_HELD = (
    r"(?: (?:этой|этом|той|том|гэтай|гэтым|такой|такім|his|her|that|this|the|a))?"
    r" (?:колони|калоні|тюрьм|турм|шизо|шыза|пкт|камер|сизо|сіза|карцер|prison|jail|cell|colony)"
)
_FAREWELL = (
    r"(?:прощальн|предсмертн|развітальн|перадсмяротн)\w+ (?:письм|записк|ліст|цыдулк|запіск)\w*"
    r"|(?:farewell|suicide|goodbye) (?:letter|note)"
)
_WISH = (
    r"хо[чт]\w*|хоча\w*|хацел\w*|собира\w+|збіра\w+|думает|думае|гро[зж]\w*|угрожа\w+|пагража\w+|плани\w+"
    r"|wants?|wanted|threat\w+|плану\w+|обеща\w+|абяца\w+"
)
_ATTEMPT = r"(?:по)?пыта(?:л\w*|ется)|(?:па)?спрабав\w+|спрабуе|пробовал\w*|tried|tries|attempted"
_BETWEEN = r"(?:to |just |просто |проста |опять |снова |зноў |больше |уже |ужо |там |тут |дважды |двойчы )*"
_ONESELF_TOO = r"(?:my|him|her|them)sel\w+"
_VEINS = r"(?:(?:себе|сабе) )?(?:вены|руки|рукі)"
_DEATH = (
    r"(?:убить|убіць|забіць) (?:себя|сябе)|себя убить|сябе забіць|покончить с собой|пакончыць з сабой"
    rf"|скончыць з сабой|повеситься|павесіцца|умереть|памерці|die|(?:kill|hang) {_ONESELF_TOO}"
    rf"|наложить на себя руки|накласці на сябе рукі|(?:вскрыть|порезать|ускрыць|парэзаць) {_VEINS}"
)
_SAYS = (
    r"(?:на)?писал\w?|пишет|(?:на)?пісаў|(?:на)?пісала|піша|говор\w+|сказал\w?|кажа|казаў|казала|сказаў"
    r"|боюсь|боимся|боится|баюся|баімся|баіцца|страшно|страшна|грозит\w*|угрожа\w+|гразіцца|пагража\w+"
    r"|обеща\w+|абяца\w+|says?|said|told|writes|wrote|threatens|threatened|afraid|scared|fears?|worried"
)
_THAT = (
    r"(?: (?:что|што|that|if|если|калі|он|она|ён|яна|i|he|she|мне|нам|me|us|там|тут|тоже|таксама|опять|зноў"
    r"|просто|проста|потом|потым|скоро|хутка)){0,5}"
)
_WILL_DIE = (
    r"повесится|павесіцца|(?:по|с|па)конч[иы](?:т|ць) [сз] с[оа]бой|(?:убьет|убьёт|забе) (?:себя|сябе)"
    rf"|(?:вскроет|порежет|ускрые|парэжа) {_VEINS}|наложит на себя руки|накладзе на сябе рукі"
    rf"|(?:hell|shell|theyll|will|going to|gonna) (?:kill|hang|hurt|harm|cut) {_ONESELF_TOO}"
)
_I_SHALL_DIE = (
    r"повешусь|павешуся|(?:по|с|па)кончу [сз] с[оа]бой|убью себя|забю сябе|наложу на себя руки"
    rf"|накладу на сябе рукі|(?:вскрою|порежу|ускрыю|парэжу) {_VEINS}"
    r"|(?:ill|i will|im going to|im gonna|i am going to) (?:kill|hang) myself"
)
_HURT = (
    rf"(?:вскрыла?|ускрыла?|ускрыў|(?:по)?резала?|(?:па)?рэзаў|(?:па)?рэзала) {_VEINS}"
    r"|вены (?:себе |сабе )?(?:вскрыла?|ускрыла?|ускрыў|порезала?|парэзаў|парэзала)"
    r"|(?:cut|cuts|slit|slits|slashed) (?:his|her|my|their) (?:wrists?|veins?|arms?)"
    rf"|(?:режет|рэжа) (?:{_VEINS}|себя|сябе)|(?:cuts|cutting) {_ONESELF_TOO}"
    r"|(?:talks?|talking|thinks?|thinking|speaks) (?:about|of) ending (?:it|things)(?! with)"
)
_SOMETHING = r"(?:что (?:то|нибудь)|нешта|штосьці|штонебудзь)"
_DOES = r"(?:сделает|зробіць|сделал\w?|зрабіў|зрабіла)"
_TO_ONESELF = r"(?:с собой|з сабой|с собою|з сабою|над собой|над сабой)"
_DO_HARM = (
    rf"{_SOMETHING} {_TO_ONESELF} {_DOES}|{_SOMETHING} {_DOES} {_TO_ONESELF}"
    rf"|{_DOES} {_SOMETHING} {_TO_ONESELF}|{_DOES} {_TO_ONESELF} {_SOMETHING}"
    rf"|(?:do|does|did) something to {_ONESELF_TOO}"
)
_NO_LIFE = (
    r"не хо[чт]\w* (?:больше |больш |болей |дальше |далей |так )?(?:жить|жыць)"
    r"|(?:doesnt|dont|does not|do not|didnt) want to (?:live|be alive)"
)
_TO_END = re.compile(
    rf"\b(?:(?:{_WISH}|{_ATTEMPT}) {_BETWEEN}(?:{_DEATH})|(?:{_NO_LIFE})(?!{_PLACE}(?!{_HELD}))|{_FAREWELL}"
    rf"|(?:{_SAYS})(?:{_THAT}|(?: \w+){{0,4}} (?:что|што|that)) (?:{_WILL_DIE})"
    rf"|{_I_SHALL_DIE}|{_HURT}|{_DO_HARM})\b"
)
"""A wish to die, a threat or an attempt, of whoever it is told. Who is dead is asked about instead."""
_PARTS = (
    r"(?:по)?проща(?:ется|лся|лась)|развіт(?:ваецца|аўся|ваўся|алася|валася)"
    r"|says? goodbye|said goodbye|(?:is|was) saying goodbye"
)
_LETTER = r"(?:письм\w*|пісьм\w*|ліс(?:т|це|тах|ты)|letters?)"
_WHO = r"(?:(?:он|она|ён|яна|i|he|she|больше|больш|болей|там|тут|уже|ужо|долго|доўга) )*"
_FAREWELLS = re.compile(
    rf"\b(?:(?:{_PARTS}) (?:\w+ ){{0,3}}{_LETTER}|{_LETTER} (?:\w+ ){{0,4}}(?:{_PARTS}))\b"
    r"|\b(?:пишет|пісаў|піша|писал\w?|написал\w?|напісаў|напісала|writes|wrote) (?:\w+ ){0,3}(?:что|што|that)"
    rf" {_WHO}(?:не (?:дожив[её]т|дажыве|выдержит|вытрымае|вытрывае|протянет|працягне)"
    r"|умр[её]т|памрэ|wont (?:last|make it))\b"
)
"""Who parts in a letter, or writes that they will not hold out."""
_MISSED = re.compile(
    r"\b(?:скучаю|тоскую|сумую|тужу) (?:\w+ )?(?:по|па|за|без)\b"
    r"|\b(?:i miss|im missing|i am missing) (?:him|her|my|them|you)\b"
)
_BY_OWN_HAND = re.compile(
    r"\b(?:повесил(?:ся|ась)|павесі(?:ўся|лася)|(?:по|с|па)конч(?:ил|ила|ыў|ыла) [сз] с[оа]бой"
    r"|наложил\w? на себя руки|налажы(?:ў|ла) на сябе рукі|(?:hanged|killed) (?:him|her)self"
    r"|took (?:his|her) own life)\b"
)
_AT_HOME = re.compile(
    r"\b(?:(?:he|she) (?:\w+ ){0,3}?(?:beats|hits|chokes|strangles|punches|kicks)"
    r"|(?:husband|father|stepfather|dad|boyfriend|partner|ex|brother)\b(?: \w+){0,8}?"
    r" (?:beat|beats|hits?|chokes?|choked|strangles?|punche[sd]|kicks|kicked|slaps?))"
    r" (?:me|us|(?:the|my|our) (?:kids|children))\b"
    r"|\b(?:threat\w+ to|says (?:that )?(?:hell|he will|he is going to)) kill (?:me|us|(?:the|my|our) kids)\b"
)
"""Violence of those one lives with. Guards beat, too, but of whoever beats every day it is said so."""
_AT_THE_DOOR = re.compile(
    r"\b(?:(?:стуч|стук|грук|лома?[мю]|лом[иія]|ламаюц|выбива|выбіва)\w* (?:\w+ )?(?:дверь|дзверы)"
    r"|(?:дверь|дзверы) (?:стуч|стук|грук|лома?[мю]|лом[иія]|ламаюц|выбива|выбіва)\w*"
    r"|(?:омон|амап|кгб|кдб|милици|міліцы|губоп|губаз)\w* (?:\w+ )?(?:двер|дзвер|дзвяр)\w*"
    r"|(?:pounding|banging|knocking) (?:on|at) (?:the|my|our) door"
    r"|(?:police|kgb) (?:is |are )?at (?:the|my|our) door)"
)
"""A search that begins."""


def is_joy(text: str, words: Sequence[Token]) -> bool:
    """Return whether a short text says in closed words that somebody is glad; it asks and denies nothing."""
    plain = _said(words)
    said = set(_OVERWHELMED.sub("", plain).split())
    asks = "?" in text or text.lower().startswith(("is ", "are "))
    if asks or len(words) > _MOST_OF_JOY or not said <= _SAID_IN_JOY:
        return False
    shouted = "!" in text and not said & (_HOW | _AGAIN) and bool(said & _KIN) and bool(said & _CAME)
    return shouted or bool(said & _JOY) or any(god in plain for god in _GOD)


def says_thanks(words: Sequence[Token]) -> bool:
    """Return whether a text thanks somebody."""
    return any(word.spelled in _THANKS for word in words)


def despairs(words: Sequence[Token]) -> bool:
    """Return whether a text is a cry and no more, or says of anybody that they want to die, or tried to."""
    return is_one_cry(words) or wishes_to_die(words)


def is_one_cry(words: Sequence[Token]) -> bool:
    """Return whether a text is a word or two of despair: nobody's name, though nobody asks with them."""
    return _said(words).replace("ё", "е") in _CRIES


def mourns(words: Sequence[Token]) -> bool:
    """Return whether a text says that somebody of one's own has died."""
    said = {word.spelled for word in words}
    plain = _said(words)
    gone = not said.isdisjoint(_DIED) or any(way in plain for way in _GONE)
    lives = _NOT_DEAD.search(plain) is not None or not said.isdisjoint(_INSIDE) or wishes_to_die(words)
    return gone and not said.isdisjoint(_KIN) and not lives


def weeps(text: str) -> bool:
    """Return whether a text without words is tears."""
    return not _WEEPING.isdisjoint(text)


def is_beaten_at_home(words: Sequence[Token]) -> bool:
    """Return whether a text tells of violence by those whom one lives with."""
    return _AT_HOME.search(_said(words)) is not None


def is_at_the_door(words: Sequence[Token]) -> bool:
    """Return whether somebody is knocking, or breaking in, who comes to search."""
    return _AT_THE_DOOR.search(_said(words)) is not None


def wishes_to_die(words: Sequence[Token]) -> bool:
    """Return whether a text says of anybody that they want to die, or tried: what it asks comes later."""
    return _TO_END.search(_said(words)) is not None


def tells_of_suicide(words: Sequence[Token]) -> bool:
    """Return whether a text says that somebody died by their own hand; who asks whether it is so, asks."""
    return _BY_OWN_HAND.search(_said(words)) is not None


def parts_in_a_letter(words: Sequence[Token]) -> bool:
    """Return whether a text tells of a letter that takes leave, or says that its writer will not hold out."""
    return _FAREWELLS.search(_said(words)) is not None


def misses(words: Sequence[Token]) -> bool:
    """Return whether somebody longs for whoever is named beside: that wants no lookup."""
    return _MISSED.search(_said(words)) is not None


def speaks_of_rape(words: Sequence[Token], *, beside_a_question: bool = False) -> bool:
    """Return whether a text tells of rape: more than names it where somebody is accused of it.

    `beside_a_question`: something else is clearly asked; there, too, the name of the crime tells nothing.
    """
    said = [word.spelled for word in words if _RAPE.match(word.spelled)]
    aside = beside_a_question or _ACCUSED.search(_said(words)) is not None
    return bool(said) and not (aside and all(map(_RAPE_ITSELF.match, said)))


def is_of_oneself(words: Sequence[Token]) -> bool:
    """Return whether a text speaks of its writer."""
    return any(word.spelled in _ONESELF for word in words)


def _said(words: Sequence[Token]) -> str:
    return " ".join(word.spelled for word in words)
