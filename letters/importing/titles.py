"""Titles of office and the other words a person is named with, in each language."""

from __future__ import annotations

from dataclasses import dataclass

from letters.importing.places import folded

NOMINATIVE, DATIVE, OTHER_CASE = "nominative", "dative", "other"


@dataclass(frozen=True)
class Title:
    words: tuple[str, ...]
    form: str = ""  # the dictionary form, where the text has another one
    case: str = ""


def words_of(rows: str) -> list[str]:
    return rows.split()


def _phrases(rows: str) -> tuple[Title, ...]:
    return tuple(
        Title(tuple(folded(phrase.strip()).split())) for phrase in rows.split("|") if phrase.strip()
    )


_ENGLISH = """
president|president-elect|vice president|vice-president|prime minister|prime minister-designate|
deputy prime minister|foreign minister|minister of foreign affairs|minister|king|queen|
queen mother|prince|princess|crown prince|crown princess|emperor|empress|emir|amir|sultan|pope|
patriarch|catholicos|archbishop|cardinal|bishop|chancellor|federal chancellor|federal president|
premier|secretary-general|secretary general|secretary of state|foreign secretary|chairman|
chairwoman|chairperson|chair|speaker|governor|governor-general|governor general|mayor|lord mayor|
ambassador|director-general|director general|director|head of state|head of government|
supreme leader|high commissioner|commissioner|grand duke|grand duchess|duke|duchess|first lady|
captain regent|co-prince|state secretary|state councillor|acting president|acting prime minister|
former president|former prime minister|former king|former minister|interim president|rector|
defence minister|defense minister|supreme pontiff|head coach|presidents|ministers
"""
_FRENCH = """
président|présidente|président élu|présidente élue|vice-président|vice-présidente|
premier ministre|première ministre|ministre|roi|reine|prince|princesse|prince héritier|
princesse héritière|empereur|émir|sultan|pape|patriarche|chancelier|chancelière|
chancelier fédéral|chancelière fédérale|secrétaire général|secrétaire générale|secrétaire d'état|
directeur général|directrice générale|directeur|directrice|gouverneur|gouverneure|maire|
ambassadeur|ambassadrice|chef de l'état|chef d'état|chef du gouvernement|cheffe du gouvernement|
grand-duc|grande-duchesse|ancien président|ancienne présidente|recteur|rectrice|
ministre des affaires étrangères|cheffe de l'état|souverain
"""
_SPANISH = """
presidente|presidenta|presidente electo|presidenta electa|vicepresidente|vicepresidenta|
primer ministro|primera ministra|ministro|ministra|canciller|rey|reina|príncipe|princesa|
emperador|emir|sultán|papa|patriarca|secretario general|secretaria general|secretario de estado|
director general|directora general|director|directora|gobernador|gobernadora|alcalde|alcaldesa|
embajador|embajadora|jefe de estado|jefa de estado|jefe del estado|jefa del estado|
jefe del gobierno|jefa del gobierno|gran duque|gran duquesa|expresidente|expresidenta|rector|
rectora|ministro de asuntos exteriores|ministra de asuntos exteriores|sumo pontífice|reyes
"""
_ARABIC = """
رئيس|رئيسة|الرئيس|الرئيسة|رئيس الوزراء|رئيسة الوزراء|رئيس وزراء|رئيسة وزراء|الرئيس المنتخب|
الرئيسة المنتخبة|رئيس مجلس الوزراء|نائب الرئيس|نائبة الرئيس|نائب رئيس|ملك|ملكة|الملك|الملكة|أمير|
أميرة|الأمير|الأميرة|ولي العهد|ولي عهد|سلطان|السلطان|إمبراطور|الإمبراطور|وزير|وزيرة|الوزير|
الوزيرة|وزير الخارجية|وزيرة الخارجية|وزير خارجية|وزيرة خارجية|الأمين العام|الأمينة العامة|
أمين عام|المستشار|المستشارة|مستشار|مستشارة|سفير|سفيرة|السفير|السفيرة|البابا|بطريرك|البطريرك|محافظ|
حاكم|حاكمة|عمدة|المدير العام|المديرة العامة|رئيس مجلس النواب|رئيس البرلمان|رئيسة البرلمان
"""
_AZERBAIJANI = """
prezident prezidenti|
vitse-prezident vitse-prezidenti|
birinci vitse-prezident birinci vitse-prezidenti|
seçilmiş prezident seçilmiş prezidenti|
baş nazir baş naziri|
nazir naziri|
kral kralı|
kraliça kraliçası|
şahzadə şahzadəsi|
vəliəhd vəliəhdi|
imperator imperatoru|
əmir əmiri|
sultan sultanı|
papa papası|
patriarx patriarxı|
kansler kansleri|
federal kansler federal kansleri|
baş katib baş katibi|
sədr sədri|
spiker spikeri|
qubernator qubernatoru|
səfir səfiri|
baş direktor baş direktoru|
direktor direktoru|
xarici işlər nazir xarici işlər naziri|
dövlət katib dövlət katibi|
rektor rektoru|
böyük hersoq böyük hersoqu
"""
_RUSSIAN_HARD = """
президент|вице-президент|избранный президент|премьер-министр|премьер|министр|эмир|султан|принц|
наследный принц|наследный принц-регент|император|канцлер|федеральный канцлер|
федеральный президент|патриарх|губернатор|спикер|директор|генеральный директор|мэр|госсекретарь_|
кардинал|архиепископ|ректор|министр иностранных дел|верховный комиссар|великий герцог
"""
_RUSSIAN_SOFT = "король|генеральный секретарь|государственный секретарь|председатель"
_RUSSIAN_FEMININE = "королева|глава|принцесса|императрица|глава государства|глава правительства"
_RUSSIAN_IRREGULAR = "посол посла послу послом|папа папы папе папой"


# The vowels a suffix takes after the last vowel of the word.
_HARMONY = {
    "i": ("ə", "i"),
    "ə": ("ə", "i"),
    "ü": ("ə", "ü"),
    "ı": ("a", "ı"),
    "a": ("a", "ı"),
    "u": ("a", "u"),
}


def _azerbaijani() -> list[Title]:
    titles = []
    for row in _AZERBAIJANI.replace("\n", "").split("|"):
        words = row.split()
        bare, owned = " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])
        a, i = _HARMONY[owned[-1]]
        for form, case in (
            (bare, NOMINATIVE),
            (owned, NOMINATIVE),
            (f"{owned}n{a}", DATIVE),
            (f"{owned}n{i}", OTHER_CASE),
            (f"{owned}nd{a}n", OTHER_CASE),
            (f"{owned}n{i}n", OTHER_CASE),
            (f"{owned}yl{a}", OTHER_CASE),
        ):
            nominative = "" if case == NOMINATIVE else owned
            titles.append(Title(tuple(form.split()), nominative, case))
    return titles


_ADJECTIVE_CASES = {
    "ный": ("ного", "ному", "ным", "ном"),
    "кий": ("кого", "кому", "ким", "ком"),
}


def _russian() -> list[Title]:
    titles: list[Title] = []

    def add(nominative: str, forms: list[str]) -> None:
        cases = (NOMINATIVE, OTHER_CASE, DATIVE, OTHER_CASE, OTHER_CASE)
        for form, case in zip(forms, cases, strict=False):
            given = "" if case == NOMINATIVE else nominative
            titles.append(Title(tuple(folded(form).split()), given, case))

    for phrases, endings in (
        (_RUSSIAN_HARD, ("", "а", "у", "ом", "е")),
        (_RUSSIAN_SOFT, ("ь", "я", "ю", "ем", "е")),
        (_RUSSIAN_FEMININE, ("а", "ы", "е", "ой", "у")),
    ):
        for phrase in phrases.replace("\n", "").split("|"):
            before, head, after = _head_of(phrase)
            stem = head[:-1] if endings[0] else head
            forms = []
            for index, ending in enumerate(endings):
                adjectives = [_inflected(word, index) for word in before]
                forms.append(" ".join([*adjectives, stem + ending, *after]))
            add(phrase, forms)
    for row in _RUSSIAN_IRREGULAR.split("|"):
        add(row.split()[0], row.split())
    return titles


def _head_of(phrase: str) -> tuple[list[str], str, list[str]]:
    """The adjectives, the noun that is declined, and what hangs on it."""
    words = phrase.replace("_", "").split()
    index = next(at for at, word in enumerate(words) if not word.endswith(("ный", "кий")))
    return words[:index], words[index], words[index + 1 :]


def _inflected(adjective: str, case: int) -> str:
    return adjective if case == 0 else adjective[:-3] + _ADJECTIVE_CASES[adjective[-3:]][case - 1]


TITLES: dict[str, tuple[Title, ...]] = {
    "en": _phrases(_ENGLISH),
    "fr": _phrases(_FRENCH),
    "es": _phrases(_SPANISH),
    "ar": _phrases(_ARABIC),
    "az": tuple(_azerbaijani()),
    "ru": tuple(_russian()),
}

# Styles of address: they go before a name and are neither name nor title.
_HONORIFICS = """
his excellency|her excellency|their excellencies|his majesty|her majesty|their majesties|h.e.|
h. e.|h.m.|h.r.h.|his royal highness|her royal highness|his highness|her highness|
his serene highness|his holiness|his eminence|his beatitude|his grace|the honourable|
the honorable|the right honourable|the rt hon|hon.|mr|mr.|mrs|mrs.|ms|ms.|miss|sir|madam|dr|dr.|
prof|prof.|professor|h.h.|hrh|hm|he mr|newly elected|son excellence|sa majesté|leurs majestés|
son altesse|son altesse royale|sa sainteté|s.e.|s.m.|s.e.m.|s.a.r.|monsieur|madame|m.|mme|mme.|dr|
le docteur|à son excellence|su excelencia|su majestad|sus majestades|su alteza real|su santidad|
s.e.|excelentísimo señor|excelentísima señora|excmo.|excma.|excmo. sr.|excma. sra.|señor|señora|
don|doña|sr.|sra.|d.|dña.|dr.|dra.|его превосходительству|ее превосходительству|
его превосходительство|ее превосходительство|его величеству|ее величеству|его величество|
ее величество|его королевскому высочеству|его святейшеству|его королевское высочество|господину|
господин|госпоже|госпожа|господина|госпожу|г-ну|г-же|г-н|г-жа|его святейшество|его высочество|
его высочеству|zati-aliləri|cənab|xanım|əlahəzrət|əlahəzrəti|əlahəzrətləri|müqəddəs|
zati-aliləri cənab|zati-aliləri xanım|cənaba|hörmətli|فخامة|صاحب الفخامة|صاحبة الفخامة|
صاحب الجلالة|صاحبة الجلالة|جلالة|صاحب السمو|صاحبة السمو|سمو|معالي|صاحب المعالي|صاحبة المعالي|
سعادة|صاحب السعادة|السيد|السيدة|الدكتور|الدكتورة|دولة|حضرة|قداسة|سيادة|صاحب السمو الملكي|
صاحبة السمو الملكي|الأستاذ|الأستاذة|صاحب الدولة|
""".replace("\n", "")
HONORIFICS = frozenset(
    tuple(folded(phrase).replace(".", " . ").split()) for phrase in _HONORIFICS.split("|") if phrase
)
LONGEST_HONORIFIC = max(map(len, HONORIFICS))

PARTICLES = frozenset(
    words_of("""
de da do dos das di del della la le van von der den ten ter bin ben ibn al el af av y e bint ud
ul oğlu qızı бин аль эль ибн фон де ван
""")
)
# Words that stand between a title and the country it belongs to.
STATES = frozenset(
    folded(word)
    for word in words_of("""
republic kingdom state states principality federation emirate sultanate union commonwealth duchy
confederation grand federal islamic democratic people's united the of république royaume
principauté fédération émirat confédération état duché grand-duché república reino principado
federación emirato confederación estado ducado республика республики республике королевство
королевства королевстве княжества федерации государства эмирата конфедерации союза султаната
соединенного respublikası respublikasının krallığı krallığının knyazlığının federasiyası
federasiyasının dövlətinin konfederasiyasının əmirliyinin sultanlığının جمهورية الجمهورية مملكة
المملكة دولة إمارة سلطنة اتحاد الاتحاد الاتحادية مجلس الوزراء الاتحادي
""")
)
# Names of bodies and events, which are no one's surname.
BODIES = frozenset(
    folded(word)
    for word in words_of("""
day year union organisation organization forum summit council games festival assembly parliament
bank committee commission conference nations university academy institute association foundation
congress court church orthodox republic kingdom government ministry state office house palace
independence national international world affairs fair games senate federation society league
agency school jour nouvel an union organisation conseil jeux assemblée parlement banque comité
conférence université fête nationale république royaume gouvernement ministère palais
indépendance mondiale día año unión organización consejo juegos asamblea parlamento banco comité
conferencia universidad nacional república reino gobierno ministerio palacio independencia день
год союз организация совет игры ассамблея парламент банк университет республика форум gün il
ittifaq təşkilat şura oyunları məclis bank universitet respublika forum günü bayramı
""")
)
