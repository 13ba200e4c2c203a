"""Countries as a release names them: by name, in any case of the noun, or by adjective."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Adjectives and short forms that do not follow from the country's name.
_IRREGULAR = """
AE emirati émirati émiratie إماراتي
AF afghan afghane afgano afgana afqan أفغاني
AR argentine argentin argentino argentina
AT autrichien autrichienne austriaco austriaca نمساوي
BE belgian belge belga
BR brazilian brésilien brésilienne brasileño brasileña
CA canadian canadien canadienne canadiense
CH swiss suisse suizo suiza швейцарский سويسري
CN chinese chinois chinoise chino china_adj китайский çin صيني
CY cypriot chypriote chipriota
CZ czech tchèque checo checa чешский çex
DE german allemand allemande alemán alemana германский немецкий alman ألماني
DK danish danois danoise danés danesa датский دنماركي
DZ algérien algérienne argelino argelina جزائري
EG égyptien égyptienne egipcio egipcia египетский مصري
ES spanish espagnol espagnole español española испанский ispan إسباني
FI finnish finlandais finlandaise finlandés finlandesa финский
FR french français française francés francesa французский fransız فرنسي
GB british uk u.k. britannique británico británica британский britaniya بريطاني великобритании
GE georgian géorgien géorgienne georgiano georgiana грузинский gürcü جورجي
GR greek grec grecque griego griega греческий yunan يوناني
HU hungarian hongrois hongroise húngaro húngara венгерский macar مجري
IE irish irlandais irlandaise irlandés irlandesa
IL israélien israélienne israelí израильский إسرائيلي
IN indian indien indienne indio india_adj индийский hindi هندي
IQ iraqi irakien irakienne iraquí iraqlı عراقي
IR iranian iranien iranienne iraní إيراني
IS icelandic islandais islandaise islandés islandesa
IT italian italien italienne italiano italiana italyan إيطالي
JO jordanian jordanien jordanienne jordano jordana أردني
JP japanese japonais japonaise japonés japonesa yapon ياباني
KG kyrgyz kirghize kirguís киргизский кыргызский qırğız
KR korean coréen coréenne coreano coreana корейский كوري
KZ kazakh kazakhstani kazakh kazakhe kazajo kazaja казахский qazax كازاخستاني
LB lebanese libanais libanaise libanés libanesa ливанский لبناني
MA moroccan marocain marocaine marroquí марокканский مغربي
MX mexican mexicain mexicaine mexicano mexicana мексиканский
NL dutch néerlandais néerlandaise neerlandés neerlandesa нидерландский голландский هولندي
NO norwegian norvégien norvégienne noruego noruega_adj норвежский
PE peruvian péruvien péruvienne peruano peruana
PH philippine filipino philippin philippine filipina
PK pakistani pakistanais pakistanaise pakistaní
PL polish polonais polonaise polaco polaca польский polşa بولندي
PS palestinian palestinien palestinienne palestino palestina فلسطيني
PT portuguese portugais portugaise portugués portuguesa
QA qatari qatarien qatarienne catarí قطري
RO romanian roumain roumaine rumano rumana rumın
RS serbian serbe serbio serbia_adj сербский
RU russian russe ruso rusa российский русский rusiya روسي
SA saudi saoudien saoudienne saudí саудовский səudiyyə سعودي
SE swedish suédois suédoise sueco sueca шведский سويدي
SK slovak slovaque eslovaco eslovaca
SY syrian syrien syrienne sirio siria_adj سوري
TH thai thaïlandais thaïlandaise tailandés tailandesa
TJ tajik tadjik tadjike tayiko tayika таджикский tacik
TM turkmen turkmène turcomano туркменский türkmən
TN tunisian tunisien tunisienne tunecino tunecina تونسي
TR turkish turc turque turco turca турецкий türkiyə تركي
UA ukrainian ukrainien ukrainienne ucraniano ucraniana украинский أوكراني
US us u.s. usa u.s.a. american américain américaine estadounidense ee.uu. сша американский
US abş أمريكي
UZ uzbek ouzbek ouzbèke ouzbèk uzbeko uzbeka узбекский özbək
VA vatican
VN vietnamese vietnamien vietnamienne vietnamita
ZA south_african sud-africain sud-africaine sudafricano sudafricana
"""
_SHORT_NAMES = """
GB united kingdom|royaume-uni|reino unido|великобритания|böyük britaniya|المملكة المتحدة
US united states|états-unis|estados unidos|соединенные штаты|amerika birləşmiş ştatları
US the united states of america|الولايات المتحدة|الولايات المتحدة الأمريكية
"""

_LATIN_SUFFIXES = """
 n an ian ean ese i ish ic er ien ienne iens iennes en enne ain aine ais aise ois oise éen éenne
 eño eña ano ana iano iana és esa eno ena ense ien éenne co ca
"""
_TURKIC_SUFFIXES = """
 nın nin nun nün ın in un ün ya yə a ə da də dan dən nı ni ı i u ü lı li lu lü
"""
_CASES = r"(?:а|у|ом|е|ы|и|ю|ей|ой|ою|ию|ия|ии|ией|я|ем|ём|ью|й|ь|о)?"
_CYRILLIC_SUFFIX = re.compile(
    rf"{_CASES}|(?:ий|ан|иан|ей|и|ь)?ск(?:ий|ого|ому|им|ом|ая|ой|ую|ое|ие|их|ими|ою)"
)
_ARABIC_SUFFIX = re.compile("ا|ة|ي|ية|يا|اني|انية|يون|")
_LATIN_SUFFIX = frozenset(_LATIN_SUFFIXES.split()) | {""}
_TURKIC_SUFFIX = frozenset(_TURKIC_SUFFIXES.split()) | {""}
_FINAL_VOWELS = {"latin": "aeiouyéíóəıöü", "cyrillic": "аеиоуыэюяйь", "arabic": "اةيى"}
CYRILLIC_END = re.compile(
    r"(?:ого|его|ому|ему|ыми|ими|ой|ей|ий|ый|ая|яя|ую|юю|ое|ее|ом|ем|ам|ям|ах|ях|ых|их|ов|ие|ые|"
    r"ию|ии|ия|ы|и|а|я|у|ю|е|о|ь)$"
)
_LONGEST_NAME = 7
_SHORTEST_STEM = 4


@dataclass(frozen=True)
class Country:
    code: str
    words: int  # how many words of the text name it
    adjective: bool  # "Swedish", as against "Sweden"


def folded(word: str) -> str:
    """A word for comparing: no capitals, one kind of apostrophe, no Azerbaijani dotted capital."""
    return word.replace("İ", "i").casefold().replace("’", "'").replace("ё", "е")


def _script(word: str) -> str:
    name = unicodedata.name(word[0], "")
    return "cyrillic" if "CYRILLIC" in name else "arabic" if "ARABIC" in name else "latin"


def _stem(word: str) -> str:
    return word.rstrip(_FINAL_VOWELS[_script(word)])


class Gazetteer:
    """Finds countries among the words of a text."""

    def __init__(self, countries: Mapping[str, str]) -> None:
        self._names: dict[tuple[str, ...], str] = {}
        self._inflected: dict[tuple[str, ...], str] = {}
        self._adjectives: dict[str, str] = {}
        self._stems: dict[str, str] = {}
        for row in filter(None, _IRREGULAR.split("\n")):
            code, *words = row.split()
            for word in words:
                self._adjectives[folded(word.removesuffix("_adj").replace("_", " "))] = code
        for row in filter(None, _SHORT_NAMES.split("\n")):
            code, names = row.split(" ", 1)
            for name in names.split("|"):
                self._add(name, code)
        for name, code in countries.items():
            self._add(name, code)

    def _add(self, name: str, code: str) -> None:
        words = tuple(folded(word) for word in re.findall(r"[^\s,()]+", name))
        if not words:
            return
        self._names[words] = code
        if words[0] in ("the", "la", "le", "les", "el", "los") and len(words) > 1:
            self._names[words[1:]] = code
        if _script(words[0]) == "cyrillic" and len(words) > 1:
            self._inflected[tuple(CYRILLIC_END.sub("", word) for word in words)] = code
        if len(words) == 1:
            stem = _stem(words[0])
            if len(stem) >= _SHORTEST_STEM:
                self._stems[stem] = code
            # Spanish and French write the adjective of a name in -a or -e on the bare name too.
            self._stems.setdefault(words[0], code)

    def at(self, words: Sequence[str], index: int) -> Country | None:
        """The country whose name begins at this word, the longest name first."""
        first = folded(words[index])
        for length in range(min(_LONGEST_NAME, len(words) - index), 1, -1):
            phrase = tuple(map(folded, words[index : index + length]))
            code = self._names.get(phrase)
            if code is None and self._inflected and _script(first) == "cyrillic":
                code = self._inflected.get(tuple(CYRILLIC_END.sub("", word) for word in phrase))
            if code is None and phrase[-1].endswith("'s"):
                code = self._names.get((*phrase[:-1], phrase[-1][:-2]))
            if code:
                return Country(code, length, adjective=False)
        return self._of_word(first)

    def _of_word(self, word: str) -> Country | None:
        possessive = word.endswith("'s")
        word = word.removesuffix("'s").split("'")[-1]
        if not word:
            return None
        if (word,) in self._names:
            return Country(self._names[(word,)], 1, adjective=possessive)
        if word in self._adjectives:
            return Country(self._adjectives[word], 1, adjective=True)
        script = _script(word)
        if script == "arabic":
            return self._of_arabic(word)
        for length in range(len(word), _SHORTEST_STEM - 1, -1):
            code = self._stems.get(word[:length])
            if code is None:
                continue
            suffix = word[length:]
            if script == "cyrillic":
                if _CYRILLIC_SUFFIX.fullmatch(suffix):
                    return Country(code, 1, adjective="ск" in suffix)
            elif suffix in _LATIN_SUFFIX:
                return Country(code, 1, adjective=True)
            elif suffix in _TURKIC_SUFFIX:
                return Country(code, 1, adjective=False)
        if script == "cyrillic" and word.endswith(_ADJECTIVE_ENDINGS):
            code = self._adjectives.get(CYRILLIC_END.sub("", word) + "ий")
            return Country(code, 1, adjective=True) if code else None
        return None

    def _of_arabic(self, word: str) -> Country | None:
        bare = re.sub("^(?:و|ب|ك)?(?:ال|لل)", "", word)
        if (bare,) in self._names:
            return Country(self._names[(bare,)], 1, adjective=False)
        for form in (bare, bare.removesuffix("ة")):
            if form in self._adjectives:
                return Country(self._adjectives[form], 1, adjective=True)
        for length in range(len(bare), _SHORTEST_STEM - 1, -1):
            code = self._stems.get(bare[:length])
            suffix = bare[length:]
            if code and _ARABIC_SUFFIX.fullmatch(suffix):
                return Country(code, 1, adjective=suffix.endswith(("ي", "ية")) and bare != word)
        return None

    def find(self, text: str) -> str:
        """The code of the first country a text names, "" when it names none."""
        words = re.findall(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:[-'’][^\W_]+)*", text)
        for index in range(len(words)):
            country = self.at(words, index)
            if country and (words[index][0].isupper() or _script(words[index]) == "arabic"):
                return country.code
        return ""


_ADJECTIVE_ENDINGS = ("ий", "ого", "ому", "им", "ом", "ая", "ой", "ую", "ое", "ие", "их")
