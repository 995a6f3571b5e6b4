"""People who do not exist: names put together from syllables, spelled in every way people spell names."""

from __future__ import annotations

import random
from dataclasses import dataclass

_ROOTS_TEXT = """
бобр волк гор лист мороз пол зерн снег гром дроб корн мост верес берёз осин клен дуб сосн тополь рябин малин
кор бор ел стан брус плот камен железк медн золот серебр кузн гонч мельн скорн пекар рыбал боров козл баран
тел вепр лос зуб рыс бобров зайк белк куниц сокол ястреб ворон сорок галк дрозд щегл чиж синиц голуб лебед
гус журавл аист цапл мотыл жук комар добр смел тих шумил мир свет ждан третьяк первуш молчан хвал люб рад
гост род слав ярош стрел копь щит меч лук тарас демид карп лук макс матвей назар остап панас прокоп роман
савел сидор тимох трофим федос хар яким юр игнат кирил клим корот долг вес круг крив прям горб сух мокр
холод тепл тёмн белост красн черн зелен рыж сив мал велик толст худ багр балаб бурд варав вист гайд гал грин
дайн дулеб жгут жур завад зинь ивашк казак калит карав клещ кобыл ковш корч кост кравец кудр кулеш кунд лаб
лагут левш лемех лисов ломак лоз лях май маз мурз мух навр нарб нехай низ обух огурц олеш онищ панч пасеч
перег петл пивов пират плещ подоль пуз радк редьк рогов рудак сав сакол самс свирид сенк серг скаб смол
совет сорг стеж суг супр сыч тиш торб трус тур тявл уг урб уст ушак фил хам хвост хитр хмел ходос цвет цит
чеб червон чуб шабл шев шелест шиб шпак шуст щерб щук юшк яворск язв ясен яцк
"""
_ROOTS = _ROOTS_TEXT.split()
_MEN_ENDINGS = (
    ["ов"] * 8
    + ["ин"] * 3
    + ["ович"] * 6
    + ["евич"] * 3
    + ["енко"] * 6
    + ["ский"] * 6
    + ["овский"] * 4
    + ["чук"] * 4
    + ["юк"] * 2
    + ["ик"] * 2
    + ["ец"]
    + ["ко"] * 3
    + ["анов", "ейко", "ак", "ило", "уша", "инский", "ун", "айло", "еня", ""]
)
_ONSETS_TEXT = """
б в г д ж з к л м н п р с т х ш бр гр др кр пр тр гл кл пл сл ст
"""
_ONSETS = _ONSETS_TEXT.split()
_VOWELS = ["а", "а", "о", "о", "е", "и", "у", "ы"]
_CODAS_TEXT = """
б в г д ж з к л м н п р с т х ч ш рк лд нд рт ст нк
"""
_CODAS = _CODAS_TEXT.split()

_MEN_TEXT = """
Аляксандр/Александр/Aliaksandr Сяргей/Сергей/Siarhei Андрэй/Андрей/Andrei Дзмітрый/Дмитрий/Dzmitry
Аляксей/Алексей/Aliaksei Уладзімір/Владимир/Uladzimir Мікалай/Николай/Mikalai Яўген/Евгений/Yauhen
Віктар/Виктор/Viktar Ігар/Игорь/Ihar Павел/Павел/Pavel Юрый/Юрий/Yury Міхаіл/Михаил/Mikhail
Максім/Максим/Maksim Дзяніс/Денис/Dzianis Раман/Роман/Raman Васіль/Василий/Vasil Віталь/Виталий/Vital
Вадзім/Вадим/Vadzim Іван/Иван/Ivan Алег/Олег/Aleh Антон/Антон/Anton Арцём/Артём/Artsiom
Валерый/Валерий/Valery Уладзіслаў/Владислав/Uladzislau Кірыл/Кирилл/Kiryl Ягор/Егор/Yahor
Мікіта/Никита/Mikita Ілля/Илья/Illia Анатоль/Анатолий/Anatol Генадзь/Геннадий/Henadz Леанід/Леонид/Leanid
Станіслаў/Станислав/Stanislau Рыгор/Григорий/Ryhor Пётр/Пётр/Piotr Ягор/Егор/Yahor
Вячаслаў/Вячеслав/Viachaslau Барыс/Борис/Barys Руслан/Руслан/Ruslan Яраслаў/Ярослав/Yaraslau
Данііл/Даниил/Daniil Глеб/Глеб/Hleb Арсень/Арсений/Arsen Цімафей/Тимофей/Tsimafei Мацвей/Матвей/Matsvei
Эдуард/Эдуард/Eduard Канстанцін/Константин/Kanstantsin Валянцін/Валентин/Valiantsin Фёдар/Фёдор/Fiodar
Сцяпан/Степан/Stsiapan Аркадзь/Аркадий/Arkadz Мірон/Мирон/Miron
"""
MEN = _MEN_TEXT.split()
_WOMEN_TEXT = """
Вольга/Ольга/Volha Алена/Елена/Alena Наталля/Наталья/Natallia Таццяна/Татьяна/Tatsiana Ірына/Ирина/Iryna
Святлана/Светлана/Sviatlana Марыя/Мария/Maryia Ганна/Анна/Hanna Кацярына/Екатерина/Katsiaryna
Людміла/Людмила/Liudmila Галіна/Галина/Halina Юлія/Юлия/Yuliya Анастасія/Анастасия/Anastasiya
Вікторыя/Виктория/Viktoryia Дар'я/Дарья/Darya Аксана/Оксана/Aksana Марына/Марина/Maryna
Валянціна/Валентина/Valiantsina Ларыса/Лариса/Larysa Надзея/Надежда/Nadzeya Паліна/Полина/Palina
Ксенія/Ксения/Kseniya Лізавета/Елизавета/Lizaveta Вераніка/Вероника/Veranika Крысціна/Кристина/Krystsina
Тамара/Тамара/Tamara Аляксандра/Александра/Aliaksandra Жанна/Жанна/Zhanna Алеся/Олеся/Alesia
Яўгенія/Евгения/Yauheniya Лідзія/Лидия/Lidziya Зоя/Зоя/Zoya
"""
WOMEN = _WOMEN_TEXT.split()

_SOFT_VOWELS = "еёюяиь"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One made-up person: the three forms of given name and surname, and the Russian stress-free base."""

    man: bool
    given: tuple[str, str, str]
    surname: tuple[str, str, str]

    @property
    def names(self) -> tuple[str, str, str]:
        """Return the whole name in Belarusian, Russian and Latin letters."""
        be, ru, en = (f"{g} {s}" for g, s in zip(self.given, self.surname, strict=True))
        return be, ru, en


def people(count: int, seed: int) -> list[Placeholder]:
    """Make people up; the same seed makes the same people. Surnames repeat about as often as in life."""
    rng = random.Random(seed)  # noqa: S311 - names for a test, not a secret
    stock = [_surname_base(rng) for _ in range(max(50, int(count * 0.45)))]
    made = []
    for _ in range(count):
        man = rng.random() < 0.8
        names = MEN if man else WOMEN
        place = min(int(rng.expovariate(1 / (len(names) * 0.3))), len(names) - 1)
        be, ru, en = names[place].split("/")
        base, stress = stock[min(int(rng.random() ** 1.35 * len(stock)), len(stock) - 1)]
        made.append(Placeholder(man, (be, ru, en), surname(base, stress, man=man)))
    return made


def _surname_base(rng: random.Random) -> tuple[str, int]:
    """Return a Russian surname of a man and which of its vowels is stressed."""
    if rng.random() < 0.5:
        root = rng.choice(_ROOTS)
    else:
        root = rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS)
        if rng.random() < 0.5:
            root += rng.choice(_VOWELS) + rng.choice(_CODAS)
    ending = rng.choice(_MEN_ENDINGS)
    if not ending and root[-1] in "аоеиуы":
        ending = "к"
    if root[-1] in _SOFT_VOWELS and ending[:1] in {"о", "а", "у", "е", "и", "ю"}:
        root = root[:-1]
    if root[-1] in "гкхжчшщ":
        ending = ending.replace("ю", "у", 1) if ending.startswith("ю") else ending
    if root[-1] in "жчшщц" and ending.startswith("ов"):
        ending = "е" + ending[1:]
    base = (root + ending).replace("йо", "ё").replace("йе", "е").replace("йи", "и")
    vowels = sum(c in "аеёиоуыэюя" for c in base)
    stress = rng.randrange(max(vowels - (1 if ending in {"ов", "ин", "енко"} else 0), 1))
    return base, stress


def surname(base: str, stress: int, *, man: bool) -> tuple[str, str, str]:
    """Spell a Russian surname of a man or a woman in Belarusian, Russian and passport Latin."""
    ru = base if man else feminine(base)
    be = belarusian(ru, stress)
    return be.capitalize(), ru.capitalize(), passport(be).capitalize()


def feminine(base: str) -> str:
    """Return a woman's form of a Russian surname."""
    if base.endswith("ский"):
        return base[:-2] + "ая"
    if base.endswith(("ов", "ев", "ёв", "ин")):
        return base + "а"
    return base


def belarusian(ru: str, stress: int) -> str:
    """Spell a Russian surname as Belarusian does: unstressed о and е, hard р and ч, дз, ц, ў."""
    out: list[str] = []
    vowel = -1
    for place, letter in enumerate(ru):
        following = ru[place + 1 : place + 2]
        before = ru[place - 1] if place else ""
        if letter in "аеёиоуыэюя":
            vowel += 1
            out.append(_be_vowel(letter, before, vowel, stress))
        elif letter == "щ":
            out.append("шч")
        elif letter == "т" and following in _SOFT_VOWELS and following:
            out.append("ц")
        elif letter == "д" and following in _SOFT_VOWELS and following:
            out.append("дз")
        elif (
            letter == "в"
            and before in "аеёиоуыэюя"
            and before
            and (not following or following not in "аеёиоуыэюяь")
        ):
            out.append("ў")
        elif letter == "ь" and before in "чшжщцр":
            continue
        else:
            out.append(letter)
    word = "".join(out)
    if word.endswith("скій") or word.endswith("кій"):
        word = word[:-1]
    return word


def _be_vowel(letter: str, before: str, vowel: int, stress: int) -> str:
    hard = before in set("чшжщцр")
    if letter == "о":
        return "о" if vowel == stress else "а"
    if letter == "ё":
        return "о" if hard else "ё"
    if letter == "е":
        if hard:
            return "э" if vowel == stress else "а"
        return "я" if vowel == stress - 1 else "е"
    if letter == "и":
        return "ы" if hard else "і"
    return letter


_LETTERS_0 = "a b v h g d zh z i k l m n o p r s t u u f kh ts ch sh y e - - i"
_PASSPORT = dict(
    zip(
        "абвгґджзйклмнопрстуўфхцчшыэ'ьі",
        [x.strip("-") for x in _LETTERS_0.split()],
        strict=True,
    )
)


def passport(be: str) -> str:
    """Spell a Belarusian word as passports and Viasna do."""
    return _latin(
        be.lower(), _PASSPORT, {"е": ("ye", "e"), "ё": ("yo", "io"), "ю": ("yu", "iu"), "я": ("ya", "ia")}
    )


def _latin(word: str, table: dict[str, str], iotated: dict[str, tuple[str, str]]) -> str:
    out: list[str] = []
    for place, letter in enumerate(word):
        if letter in iotated:
            start = place == 0 or word[place - 1] in "аеёіоуыэюяўьъ'й"
            out.append(iotated[letter][0 if start else 1])
        else:
            out.append(table.get(letter, letter))
    return "".join(out)
