"""Whether a name in a text is that of the person it is written to. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator


def _words(rows: str) -> frozenset[str]:
    return frozenset(rows.split())


# Words of a salutation that are nobody's name.
_TITLES = _words(
    """
    acting admiral ambassador archbishop baron baroness beatitude bishop brother brothers captain
    cardinal chair chairman chairperson chairwoman chancellor chief citizens co-prince colleague
    colleagues colonel commissioner compatriots councillor count countess crown dear deputy
    designate director distinguished doctor dr duchess duke elect emeritus eminence emir amir
    emperor empress esteemed excellencies excellency federal father first foreign former friend
    friends general gentlemen governor grand head heads high highness highnesses his her holiness
    honourable honorable imperial judge justice king ladies lady lord lords madam madame majesties
    majesty marshal mayor member members minister ministers miss mister most mother mr mrs ms mx
    patriarch pope premier president presidents prime prince princess prof professor queen rector
    representative reverend right royal secretary secretary-general senator serene sheikh sheikha
    shaykh sir sirs sister sisters speaker special state sultan supreme the their under-secretary
    vice vice-president vice-chancellor vicar your dean delegate delegates elected fellow
    guests magnificus participants patron
    amie amis ami ambassadeur ambassadrice altesse baronne cardinal chancelier chancelière cher
    chère chers chères chef cheffe citoyens collègue collègues commissaire compatriotes comte
    conseiller conseillère députée député directeur directrice duc duchesse émir émérite éminence
    empereur état excellence excellences fédéral fédérale frère gouverneur gouverneure grand
    grande grand-duc grande-duchesse haut haute héritier héritière honorable impératrice impériale
    juge la le les leur leurs madame mademoiselle mesdames messieurs maire maître majesté majestés
    maréchal ministre ministres monseigneur monsieur pape patriarche père première premier
    président présidente prince princesse professeur professeure recteur rectrice reine roi royale
    sa sainteté secrétaire sénateur sénatrice sérénissime sœur souverain souverains sultan très
    vénérable vice-président vice-présidente vice vos votre générale général
    alcalde alcaldesa alteza altezas amiga amigas amigo amigos almirante canciller cardenal
    ciudadanos colega colegas comisaria comisario conde condesa directora distinguida distinguido
    doctora don doña duque duquesa embajador embajadora emérito eminencia emperador emperatriz
    estado estimada estimadas estimado estimados excelencia excelencias excelentísima
    excelentísimo exmo excma excmo federal gobernador gobernadora gran hermana hermano ilustre
    ilustrísima ilustrísimo infanta infante jefa jefe jueza juez majestad majestades ministra
    ministro monseñor padre papa patriarca presidenta presidente primer primera primero princesa
    príncipe profesor profesora querida querido queridos rector rectora reina rey reyes santidad
    secretaria secretario senador senadora señor señora señoras señores señorita serenísima
    soberano su sultán sus vicepresidenta vicepresidente
    ваша ваше ваши высочество величество величества глава глубокоуважаемая глубокоуважаемый
    господа госпожа господин губернатор дама дамы депутат директор дорогая дорогие дорогой доктор
    друг друзья его ее её император императрица канцлер коллега коллеги король королева
    королевское святейшество святейшеству министр министры мэр наследный посол патриарх папа
    превосходительство превосходительства премьер премьер-министр президент председатель принц
    принцесса профессор ректор светлость сенатор секретарь генеральный спикер султан товарищ
    уважаемая уважаемые уважаемый федеральный первый первая вице-президент эмир многоуважаемый
    высокопреосвященство блаженство шейх император
    aliləri alihəzrət altes altesi baş birinci böyük cənab cənabları cənablar deputat direktor
    dost dostlar dostum əlahəzrət əlahəzrətləri əmir federal əziz hersoq hersoqinya həmkar
    həmkarlar hörmətli imperator kansler katib katibi kral kraliça qardaşım qubernator möhtərəm
    müqəddəs nazir nazirlər papa patriarx prezident professor prinsessa rektor sədr səfir senator
    spiker sultan şahzadə şeyx vəliəhd vitse vitse-prezident xanım xanımlar zati zati-aliləri
    zati-alinizə
    أخ أخت أخي أختي أصحاب آنسة البابا الأخ الأخت الأستاذ الأستاذة الأمير الأميرة الأمين الأمينة
    الأول الأولى الجليل الحكومة الخارجية الدكتور الدكتورة الدوق الرئيس الرئيسة السادة السامي السامية
    السعادة السفير السفيرة السلطان السمو السيد السيدة السيدات الشيخ الشيخة الصديق الصديقة العام
    العامة العزيز العزيزة العهد الفخامة القداسة المحترم المحترمة المستشار المستشارة المعالي الملك
    الملكة الملكي النبيل الوزراء الوزير الوزيرة الوزارء إمبراطور الإمبراطور بابا جلالة دولة رئيس
    رئيسة سعادة سلطان سمو سيادة سيدي سيدتي صاحب صاحبة صديقي غبطة فخامة قداسة معالي ملك ملكة مولاي
    نائب نائبة نيافة وزير وزيرة ولي يا حضرة الجلالة عزيزي عزيزتي أيها أيتها
    """
)
# After these comes what somebody is of, not who they are.
_OF = _words("of for and the de du des d del la las los el et y и və üçün по в في من على و")
_IN_NAMES = _words("von van der den ter bin bint ibn al el ben abu")
_NUMERALS = _words(
    "الأول الثاني الثالث الرابع الخامس السادس السابع الثامن التاسع العاشر الأولى الثانية"
)
_TOKEN = re.compile(r"[^\W\d_]+(?:[’'`-][^\W\d_]+)*")


def akin(one: str, other: str) -> bool:
    """Whether two words can be the same name, declined or with an article or preposition joined."""
    a, b = sorted((_bare(one), _bare(other)), key=len)
    if len(a) < 2:
        return a == b
    shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    return shared >= max(2, len(a) - 2) and len(b) - shared <= 4


def _bare(word: str) -> str:
    word = unicodedata.normalize("NFKD", word.casefold().replace("ə", "e").replace("ı", "i"))
    word = "".join(letter for letter in word if letter.isalnum())
    return re.sub(r"^(?:[وفبكل]{0,2}ال|لل)(?=\w{3})", "", word)


def parts(name: str) -> list[str]:
    """The words of a name that tell people apart: no titles, particles or numerals."""
    found = [part for word in _TOKEN.findall(name) for part in word.split("-")]
    return [
        word
        for word in found
        if word.casefold() not in _TITLES | _IN_NAMES | _OF
        and word not in _NUMERALS
        and not re.fullmatch("[IVXL]+", word)
        and len(word) > 1
    ]


def addressed(salutation: str) -> list[str]:
    """The words of a salutation that could be somebody's name."""
    return [word for word in parts(salutation) if word[0].isupper() or _is_arabic(word)]


def strangers(salutation: str, names: Iterable[str]) -> list[str]:
    """Who is called by name after a title in a salutation, and bears none of these names."""
    known = [part for name in names for part in parts(name)]
    found = []
    for called in _called(salutation):
        same_script = [part for part in known if _script(part) == _script(called[0])]
        if same_script and not any(akin(word, part) for word in called for part in same_script):
            found.append(" ".join(called))
    return found


def _called(salutation: str) -> Iterator[list[str]]:
    """Runs of capitalised words directly after a title, such as “Halvorsen” after “President”."""
    run: list[str] = []
    open_to_name = False
    end = 0
    for match in _TOKEN.finditer(salutation):
        word, between = match[0], salutation[end : match.start()]
        end = match.end()
        if between.strip(" \u00a0."):
            open_to_name = False
        plain = word.casefold()
        is_title = plain in _TITLES or all(part in _TITLES for part in plain.split("-"))
        if run and (is_title or not open_to_name or not (word[0].isupper() or plain in _IN_NAMES)):
            yield run
            run = []
        if is_title:
            open_to_name = plain not in _GREETINGS
        elif open_to_name and plain in _IN_NAMES:
            continue
        elif open_to_name and word[0].isupper() and len(word) > 1:
            run.append(word)
        elif not (open_to_name and len(word) == 1 and word.isupper()):  # an initial
            open_to_name = False
    if run:
        yield run


# After a greeting comes a first name, or a nickname.
_GREETINGS = _words(
    "dear most the my your his her their le la les cher chère chers chères mon ma mes su sus sa"
    " votre vos estimado estimada querido querida уважаемый уважаемая дорогой дорогая ваше ваша"
    " distinguished esteemed honourable honorable reverend high royal grand foreign federal first"
    " friend friends brother sister colleague colleagues ami amie amis frère sœur collègue"
    " collègues amigo amiga amigos hermano hermana colega colegas друг друзья коллега коллеги dost"
    " dostum həmkar hörmətli əziz excellency excellence excelencia highness majesty altesse"
    " majesté majestad"
)


def _script(word: str) -> str:
    return unicodedata.name(word[0], "").partition(" ")[0]


def _is_arabic(word: str) -> bool:
    return _script(word) == "ARABIC"


def named_in(text: str, name: str) -> bool:
    """Whether a name of at least two words stands in a text, in whatever case."""
    words = _TOKEN.findall(name)
    if len(words) < 2:
        return False
    stems = [re.escape(word if len(word) < 5 else word[:-1]) + r"\w{0,4}" for word in words]
    return re.search(r"(?<!\w)" + r"[\s-]+".join(stems) + r"(?!\w)", text) is not None
