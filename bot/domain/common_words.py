"""Words people put around a name, in the languages they write in: never a surname on their own.

The last ones are what people ask with that could also be a given name in some case: "is Ivanou home" must
not be read as the question about an Ivanou of another name, and be told that he is not listed.
"""

from __future__ import annotations

import functools

_WORDS_TEXT = """
что чего чему чем кто кого кому кем где куда откуда когда как какой какая какие какого почему зачем сколько
ли или и а но да нет не ни то это этот эта эти этого той том тот та те тех там тут здесь так уже еще ещё вот
же бы б с со в во на за из от до о об обо про для при по под над у к ко без после перед был была было были
есть будет будут быть стало стал стала я ты он она оно мы вы они мой моя моё моего моей мою мне меня мной
мною тебя его её ее их нас вас им ей ему него нее неё них ним здравствуйте привет добрый день вечер утро
пожалуйста спасибо большое подскажите скажите помогите ищу ищем искать найти найдите информацию информация
инфо известно знаете знает новости новость вести судьба судьбе выйдет вышел вышла вышли выпустили выпустить
выпустят отпустили отпустят освободили освободят освобожден освобождён освобождена освобождены освобождения
освобождение свободе свободу свобода свободен свободна сидит сидел сидела держат жив жива где-то находится
нахoдится сейчас сегодня вчера завтра неделю год года лет колонии колония тюрьме тюрьма сизо суд суда суде
судили осудили осужден осуждён осуждена осужденного приговор срок статья политзаключенный политзаключённый
политзаключенного политзаключённого политзаключенная политзаключенные политзаключенных политзек политзэк
активист активистка активиста журналист журналистка журналиста блогер блогера правозащитник правозащитника
правозащитница адвокат врач письмо написать писать передать передачу посылку адрес помочь помощь сын сына
дочь муж мужа жена жены брат брата сестра сестры мама мать папа отец друг подруга знакомый знакомого сосед
родственник родственники человек люди имя фамилия зовут звать фото беларусь беларуси белоруссия белоруссии
минск минске минска гомель гомеля гродно брест бреста витебск могилев могилёв беларусский белорусский
белорусская белорусского белорусской бывший бывшая бывшего известный известная известного помиловали
помилован помилованы помилование амнистия амнистию список списке списка вышедшие среди других другие также
вместе плюс обмен этап этапировали перевели задержали задержан задержана арестовали арестован арестована
обыск умер умерла погиб рождения номер телефон правда что-нибудь кто-нибудь кого-нибудь нибудь вернулся
вернулась вернули приехал вывезли вывезен депортировали лукашенко трамп коул што чаго чаму чым хто каго каму
кім дзе куды адкуль калі як які якая якія якога навошта колькі ці або ды але ні ёсць няма гэта гэты гэтая
гэтыя тое тая тыя ужо яшчэ вось жа з са ў ва з-за ад аб пра дзеля пры па пад пасля перад быў былі будзе
будуць ён яна яно яны мая маё майго маёй маю мяне табе цябе яго яе іх ім ёй яму вітаю прывітанне добры дзень
вечар раніца ласка дзякуй падкажыце скажыце дапамажыце шукаю шукаем шукаць знайсці інфармацыя інфармацыю
вядома ведаеце навіны навіна звесткі лёс выйдзе выйшаў выйшла выйшлі выпусцілі выпусцяць выпусціць адпусцілі
вызвалілі вызваляць вызвалены вызваленая вызвалення вызваленне волі волю воля свабода свабоду свабодзе
вольны вольная сядзіць сядзеў трымаюць жывы жывая знаходзіцца цяпер зараз сёння ўчора заўтра гады гадоў
калоніі калонія турме турма сіза судзілі асудзілі асуджаны асуджаная прысуд тэрмін артыкул палітвязень
палітвязня палітвязні палітвязняў палітзняволены палітзняволеная актывіст актывістка журналіст журналістка
праваабаронца адвакат лекар ліст напісаць пісаць перадаць перадачу пасылку адрас дапамагчы дапамога дачка
жонка жонкі сястра сястры маці тата бацька сябар сваяк сваякі чалавек людзі імя прозвішча завуць фота
беларусі мінск мінску гародня брэст віцебск магілёў беларускі беларуская былы былая вядомы вядомая
памілавалі памілаваны амністыя спіс спісе сярод іншых таксама разам абмен перавялі затрымалі затрыманы
затрыманая арыштавалі памёр памерла загінуў нараджэння нумар праўда вярнуўся вярнулася вывезлі лукашэнка
money visa what where when who whom why how is are was were
be been has have had do does did will would can could the a
an and or of on in at to for from with about by my your his her our their him she he it they we you i me us
any news info information please hello hi thanks tell find looking search know known happened free freed
release released releases get got out jail prison prisoner prisoners political still alive now today
yesterday sentenced arrested detained colony court case son daughter husband wife brother sister mother
father friend relative belarus belarusian minsk activist journalist blogger lawyer human rights former list
pardon pardoned amnesty update status person name named this that there not no yes among others also
together say says write letter address де коли чому що чи звільнили звільнено звільнений випустили вийшов
вийшла новини відомо сьогодні колонія тюрма політвязень політвязня політвязні активіст білорусь білоруський
білоруська білоруського будь дякую привіт інформація й із зі від після разом також серед інших gdzie kiedy
co kto kogo jak czy jest był była są o na w z od dla przez po oraz lub nie tak się już jeszcze uwolniony
uwolniono uwolniona zwolniony zwolniono wyszedł wyszła wolność wolności wolny więzień więźnia więzienie
więzieniu polityczny dziennikarz dziennikarka działacz działaczka białoruś białoruski białoruska szukam
proszę dzień dobry dziękuję informacje wiadomości u пан пані пана господин госпожа спадар спадарыня mr mrs
ms pan pani dr
дома домой только толькі магу могу надо нада сам сама сами самі самой самом зоны зоне зону людзей людей
ааан аан оон дык дзён слова словам тым тымі тату таты отца отцу отцом таму еду едзе дзіця каля еўра тада
ес сям'я семья семье семьи семью семьям семям сямю данные ідзе якім часу жене жену жонцы жонку жонак
восемь восем семь россии расіі калій калий выйти улік заранее слово ага полу тело гэтай воле ніколі дрэнна
вёсцы гаага прошу прашу one home as like many here phone someone without came time come more some same
those leave ago safe alone file place march june august sorry gone else nine body done line code very
remain freedom age lose front eyes sure carry zero worry youre kali ili heta kolki laska тады сямя вясны
вясну вясна вясне вясной людзям людям раза разу разы расію россию россия часы марта марте мая июня июне
июля июле августа августе улице улица вуліца свеце свете свету доме дому домам дамоў ваннай весны весной
весне весну весна едем едзем ежу ежа еда еды едой ваду вады вадой воду воды водой гэтую гэту таце цана
пятый пяты пятую пятай зона само саму самы самый самая самай самую самыя робіцца робіце словы слову словом
мора цалкам ўліку расце толку толька ідзі іду иду иди верю пошце пальцы даныя меры тому свята лезе давай
женой женам жонкай жонкам семей семьёй семи танней таней танна вёску вёскі вядзе еле ради поле теми омон
тёти тётей тёте врёт ору алло режу тэму тему темы выла арышце матцы дзіцё роды встаю устаю прессе матом
вне бога tam doma jaho iaho mahu mogu magu tolko tolki nado nada toje mianie miane byla byl jamu iamu maci
tata taty jana jany taho eshe moego slova ona oni german russia easter zone ready radio wire choose note
donate share step rest none save piece base july youve wise easy million happy merry christmas year new
ура рады рад воля волі волю воляй волей voli volia volya volu voliu viasna viasny viasnu viasnie
"""
_WORDS = _WORDS_TEXT.split()

_ALIKE = str.maketrans("ёўі", "еуи")


@functools.cache
def common_words() -> frozenset[str]:
    """Return the words, each reduced as a query's words are."""
    return frozenset(word.lower().translate(_ALIKE) for word in _WORDS)


def is_common(word: str) -> bool:
    """Return whether a lower-case word only surrounds a name."""
    return word.translate(_ALIKE) in common_words()
