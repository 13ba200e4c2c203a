"""What a text gives away by itself: places left to fill in, odd letters, quotations left open.

Pure: text in, findings out. Whether a finding hinders anything is for `checks` to say.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

# --- Places left to fill in ---------------------------------------------------------------------


MOST = 100  # places left to fill in: nobody reads on


class Placeholder(NamedTuple):
    text: str
    certain: bool  # nobody could have meant it to stand there


# What is written in brackets for a fact still to come.
_TO_COME = """
name|first name|last name|surname|full name|date|day|month|year|place|city|town|country|title|post|
number|amount|address|reference|signature block|insert|to be completed|to be confirmed|to follow|
to complete|to check|to come|fill in|own sentence|placeholder|text|recipient|addressee|sender|
nom|prénom|date|jour|mois|année|lieu|ville|pays|titre|fonction|numéro|montant|adresse|insérer|
à compléter|à confirmer|à préciser|à vérifier|à remplir|à venir|destinataire|expéditeur|
nombre|apellido|apellidos|fecha|día|año|lugar|ciudad|país|título|cargo|número|importe|insertar|
por confirmar|por completar|a confirmar|a completar|por determinar|destinatario|remitente|
имя|фамилия|имя и отчество|фио|ф. и. о.|ф.и.о.|дата|день|месяц|год|место|город|страна|должность|
титул|номер|сумма|уточнить|уточняется|вставить|заполнить|подтвердить|проверить|адресат|
ad və soyad|soyad|tarix|gün|şəhər|ölkə|vəzifə|titul|nömrə|dəqiqləşdirilir|
dəqiqləşdirilməli|dəqiqləşdirmək|daxil edin|əlavə edin|doldurun|təsdiqlənməli|
اسم|الاسم|التاريخ|تاريخ|اليوم|الشهر|السنة|المكان|المدينة|الدولة|البلد|المنصب|اللقب|الصفة|الرقم|
المبلغ|العنوان|يستكمل|يُستكمل|يحدد لاحقا|يُحدد لاحقًا|يؤكد لاحقا|يُؤكد لاحقًا|للتأكيد|للاستكمال|أدخل
"""
_MARKS = r"TBC|TBD|TBA|TBX|TODO|FIXME|N/A|XX+|xx+|\?+|_+|\.\.\.+|…"
_TERM = "(?:" + "|".join(re.escape(t.strip()) for t in _TO_COME.split("|") if t.strip()) + ")"
_FILL_IN = re.compile(
    r"\s*(?:(?:insert|insérer|insertar|вставить|add)\s+(?:the |le |la |el )?)?"
    rf"(?:{_MARKS}|(?:{_TERM}(?:\s*(?:and|et|y|и|və|/|,)\s*(?={_TERM})|\s*\d?(?=\s*$)))+)\s*",
    re.IGNORECASE,
)
_FILL_IN_OF = re.compile(rf"\s*{_TERM}\s*(?:of|du|de|des|del|d['’]|to be|here)\b.*", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\[([^\[\]\n]{0,60})\]")
_ELLIPSIS = re.compile(r"\s*(?:…|\.\s?\.\s?\.)\s*")
_TO_FILL_IN_PARENTHESES = re.compile(r"\(([^()\n]{2,40})\)")
_CERTAIN = re.compile(
    r"(?<![\w.@-])(?:TBC|TBD)(?![\w@-])|(?<!\w)\[\s*\]|"
    r"(?<!\w)_{3,}(?!\w)|\{\{.{0,60}?\}\}|\$\{\w{1,40}\}|%\w{2,40}%|\blorem ipsum\b|"
    r"«[A-Za-z]+(?:_[A-Za-z]+)+»",
    re.IGNORECASE,
)
_CERTAIN_IN_CAPITALS = re.compile(
    r"(?<!\w)(?:TODO|FIXME|X{4,}|x{3,}|À COMPLÉTER|À CONFIRMER|À PRÉCISER|POR CONFIRMAR|"
    r"POR COMPLETAR|"
    r"УТОЧНИТЬ|ФИО|TO BE CONFIRMED|TO BE COMPLETED|TO FOLLOW|DƏQİQLƏŞDİRMƏK|DƏQİQLƏŞDİRİLİR)(?!\w)"
)
_DOUBTFUL = re.compile(r"\?{3,}|(?<!\w)TBA(?!\w)|<<[^<>\n]{0,60}>>")
_CHEVRONS = re.compile(r"<<?([^<>\n]{0,60})>>?")

# "XX" is twenty beside these words, to either side.
_COUNTED = re.compile(
    r"(?:century|centuries|si[eè]cles?|siglos?|век\w*|вв?|столети\w*|əsr\w*|عشر\w*|القرن|قرن|"
    r"century[’']s|congress\w*|congr[eè]s|congreso\w*|съезд\w*|qurultay\w*|session\w*|sesi\w+|"
    r"сесси\w*|sess\w*|summits?|sommet\w*|cumbre\w*|саммит\w*|sammit\w*|olymp\w*|olímp\w*|"
    r"олимпи\w*|games|jeux|juegos|игр\w*|oyunlar\w*|anniversar\w*|anniversaire\w*|aniversari\w*|"
    r"годовщин\w*|юбиле\w*|ildönüm\w*|conference|conf[eé]rence|conferencia|конференци\w*|"
    r"konfrans\w*|assembly|assemblée|asamblea|ассамбле\w*|assambley\w*|forum\w*|foro\w*|форум\w*|"
    r"edition|édition|edición|festival\w*|legislature|législature|legislatura|созыв\w*|"
    r"articles?|artículos?|стать\w+|maddə\w*|المادة|chapters?|chapitres?|capítulos?|глав\w+|"
    r"parts?|partie|parte|част\w+|volumes?|tomes?|tomos?|том\w*|title|titre|annex\w*|annexe|"
    r"sections?|раздел\w*|bölmə\w*|plenary|ministerial|general|army|corps|division)",
    re.IGNORECASE,
)
_MONTH = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|févr|mars|avr|mai|juin|juil|août|"
    r"déc|ene|abr|ago|dic|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|yanvar|fevral|mart|"
    r"aprel|iyun|iyul|avqust|sentyabr|oktyabr|noyabr|dekabr|يناير|فبراير|مارس|أبريل|مايو|يونيو|"
    r"يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر)\w*",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(
    r"(?:dear|mr|mrs|ms|president|minister|king|queen|no|nr|№|le|cher|chère|monsieur|madame|el|"
    r"señor|señora|estimado|estimada|господин|госпожа|президент|cənab|xanım|hörmətli)\.?",
    re.IGNORECASE,
)
_TWENTY = re.compile(r"(?<![^\W\d])(?<!-)(?:XX|xx|XXX)(?![\w@])")
_WORD = re.compile(r"[^\W_]+")


def placeholders(text: str, *, excerpt: bool = False) -> list[Placeholder]:
    """What was left to fill in, each once, in order. In an excerpt “[…]” says what was left out."""
    found: dict[tuple[int, int], Placeholder] = {}

    def note(match: re.Match[str], certain: bool) -> None:
        inside = any(start <= match.start() and match.end() <= end for start, end in found)
        if not inside and len(found) < MOST:
            found[match.span()] = Placeholder(" ".join(match[0].split()), certain)

    for match in _IN_BRACKETS.finditer(text):
        if len(found) == MOST:
            break
        if _ELLIPSIS.fullmatch(match[1]):
            if not excerpt:
                note(match, not _is_quoted(text, match.start(), match.end()))
        elif _FILL_IN.fullmatch(match[1]):
            note(match, True)
        elif _FILL_IN_OF.fullmatch(match[1]):
            note(match, False)
    for match in _TO_FILL_IN_PARENTHESES.finditer(text):
        if re.fullmatch(_TO_CONFIRM, match[1].strip()):
            note(match, True)
    for pattern in (_CERTAIN, _CERTAIN_IN_CAPITALS):
        for match in pattern.finditer(text):
            note(match, True)
    for match in _CHEVRONS.finditer(text):
        if _FILL_IN.fullmatch(match[1]) or (match[0][:2] == "<<" and not match[1].strip()):
            note(match, True)
    for match in _TWENTY.finditer(text):
        if (certain := _is_left_open(text, match)) is not None:
            note(match, certain)
    for match in _DOUBTFUL.finditer(text):
        note(match, False)
    return list(dict.fromkeys(found[span] for span in sorted(found)))


_TO_CONFIRM = re.compile(
    r"à (?:compléter|confirmer|préciser|vérifier|remplir)|a completar|(?:por|a) confirmar|"
    r"por (?:completar|determinar)|to be (?:confirmed|completed|checked|decided)|to (?:check|come)|"
    r"tbc|tbd|tba|уточнить|уточняется|проверить|заполнить|dəqiqləşdir\w+|xx+|"
    r"ي?ُ?ستكمل|للتأكيد|يحدد لاحقا",
    re.IGNORECASE,
)


def _is_left_open(text: str, match: re.Match[str]) -> bool | None:
    """Whether an “XX” surely stands for a number to come; None where it is the Roman twenty."""
    before = text[max(0, match.start() - 30) : match.start()]
    after = text[match.end() : match.end() + 30]
    last = _WORD.findall(before)[-1:] or [""]
    following = re.match(r"[\s-]*([^\W\d_]+)", after)
    if _MONTH.fullmatch(following[1]) if following else False:
        return True
    if re.match(r"[./](?:\d|X)|[.,]?\d|\s?%", after, re.IGNORECASE):
        return True
    if re.search(r"(?:\d|X[./])$", before, re.IGNORECASE):
        return True
    named = re.search(r"[^\W\d_]\W{0,2}$", before) is not None
    # "XX–XXI centuries", "XIX and XX centuries": the word may come after the next numeral.
    near = [
        word for word in _WORD.findall(after)[:3] if not re.fullmatch("[IVX]+|and|et|y|и", word)
    ]
    if any(_COUNTED.fullmatch(word) for word in near[:2]):
        return None
    if named and _COUNTED.fullmatch(last[0]):
        return None
    if named and _ADDRESSED.fullmatch(last[0]):
        return True
    if named and last[0][:1].isupper() and not re.search(r"[.!?:]\s*\w+\W*$", f".{before}"):
        return None  # Louis XX
    return not following


def _is_quoted(text: str, start: int, end: int) -> bool:
    """Whether the place is inside a quotation of its own paragraph."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    after = text[end : (text.find("\n", end) + 1 or len(text) + 1)]
    opened = max(before.rfind(mark) for mark in "“«„")
    closed = max(before.rfind(mark) for mark in "”»")
    if opened > closed:
        return any(mark in after for mark in "”»“")
    return before.count('"') % 2 == 1 and '"' in after


# --- Letters of another script, and what cannot be seen ------------------------------------------

_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "FULLWIDTH", "MATHEMATICAL"})
_WORDS = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f])+")
_HIDDEN = re.compile(
    "(?<=\\w)[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e007f]+(?=\\w)"
)
_ALONE = re.compile(r"(?<=[а-яё] )[acoyACOKB](?= [а-яё])|(?<=[a-zà-ÿ] )[аоуесіАОУЕСІ](?= [a-zà-ÿ])")


class Mixed(NamedTuple):
    word: str
    letters: str  # those of the script with the fewest letters in it
    script: str  # "LATIN", "CYRILLIC"…


@cache
def _script(letter: str) -> str:
    script = unicodedata.name(letter, "").partition(" ")[0]
    return script if script in _SCRIPTS else ""


def mixed_words(text: str) -> list[Mixed]:
    """Words with letters of two scripts that are easily taken for each other, each once."""
    found = []
    for word in _WORDS.findall(text):
        if word.isascii():
            continue
        scripts = Counter(script for letter in word if (script := _script(letter)))
        if len(scripts) > 1:
            # Of two equally frequent ones, the one that did not begin the word is the odd one.
            rare = min(scripts, key=lambda name: (scripts[name], name == _script(word[0])))
            odd = "".join(dict.fromkeys(letter for letter in word if _script(letter) == rare))
            found.append(Mixed(word, odd, rare))
    found += [Mixed(m[0], m[0], _script(m[0])) for m in _ALONE.finditer(text)]
    return list(dict.fromkeys(found))


def hidden_in_words(text: str) -> list[str]:
    """Words with a character inside that nobody sees, without it.

    Right-to-left scripts join and separate letters by such marks: there they are spelling.
    """
    found = []
    for match in _HIDDEN.finditer(text):
        start, end = match.span()
        before = re.search(r"\w+$", text[max(0, start - 40) : start])
        after = re.match(r"\w+", text[end : end + 40])
        word = (before[0] if before else "") + (after[0] if after else "")
        if unicodedata.bidirectional(text[start - 1]) in ("L", "EN"):
            found.append(word)
    return list(dict.fromkeys(found))


# --- Quotations and brackets ----------------------------------------------------------------------


class Unbalanced(NamedTuple):
    mark: str
    near: str
    opens: bool  # it opens and nothing closes it, or the other way round


_CLOSING = {
    "«": "»",
    "‹": "›",
    "“": "”",
    "„": "“”",
    "‟": "”",
    "”": "”",
    "»": "«",
    "(": ")",
    "[": "]",
}
_QUOTES = "«»‹›“”„‟"
_BEFORE_OPENING = " \u00a0\u202f\n([{—–-/«“„‹¿¡'’‘"


def unbalanced(paragraphs: Sequence[str]) -> list[Unbalanced]:
    """Quotation marks and brackets without their other one. Apostrophes are no such marks.

    A quotation may run over several paragraphs, and open again at each of them.
    """
    if _is_arabic(" ".join(paragraphs)):
        paragraphs = [p.translate(_ONE_SHAPE) for p in paragraphs]
    found: list[Unbalanced] = []
    quotes: list[tuple[str, str]] = []
    for text in paragraphs:
        found += _pairs_of(text, quotes)
        found += _single_quotes(text)
    return found + [Unbalanced(mark, near, True) for mark, near in quotes]


# Right-to-left prose uses either shape at either end.
_ONE_SHAPE = str.maketrans(dict.fromkeys("“”„‟", '"') | {"‹": "«", "›": "»"})


def _pairs_of(text: str, quotes: list[tuple[str, str]]) -> Iterator[Unbalanced]:
    """Reads a paragraph on from the quotations already open; brackets end with it."""
    brackets: list[tuple[str, str]] = []
    in_arabic = _is_arabic(text)
    item = re.match(r"\s*\w{1,3}\)", text)  # "1)", "a)"
    for match in re.finditer(r'[«»‹›“”„‟"()\[\]]', text):
        at, mark = match.start(), match[0]
        near = _near(text, at)
        if mark in "()[]":
            if mark in "([":
                brackets.append((mark, near))
            elif brackets and _CLOSING[brackets[-1][0]] == mark:
                brackets.pop()
            elif not (item and item.end() <= at + 1):
                yield Unbalanced(mark, near, False)
            continue
        opened = quotes[-1][0] if quotes else ""
        before = text[at - 1] if at else "\n"
        after = text[at + 1] if at + 1 < len(text) else "\n"
        again = at == 0 and opened and mark in (opened, _CLOSING.get(opened, ""))
        if again and re.search(r"\w", text):
            continue  # the same quotation goes on in this paragraph
        starts = before in _BEFORE_OPENING and not after.isspace()
        if mark == '"' and opened != '"' and before.isdigit():
            continue  # inches, seconds
        if mark == '"' or (in_arabic and mark in "«»"):
            if opened == mark or (in_arabic and opened and opened in "«»" and mark != opened):
                quotes.pop()
            else:
                quotes.append((mark, near))
        elif mark in _CLOSING.get(opened, "") and not (
            mark == "“"
            and starts
            and (after.isalnum() or (after in "«“„(" and before != "’"))  # kings’““
        ):
            quotes.pop()
        elif mark in "«‹“„‟" or (mark in "”»›" and starts and after.isalnum()):
            quotes.append((mark, near))
        else:
            yield Unbalanced(mark, near, False)
    yield from (Unbalanced(mark, near, True) for mark, near in brackets)


def _single_quotes(text: str) -> Iterator[Unbalanced]:
    """An opening ‘ with no ’ after it, unless it is the first letter of an Arabic name."""
    closed = text.rfind("’")
    for match in re.finditer(r"(?<![^\s(\[«“„])‘(?=[^\W\d_])", text):
        begins = unicodedata.normalize("NFD", text[match.end()])[0].lower()
        if closed < match.end() and begins not in "aeiou":
            yield Unbalanced("‘", _near(text, match.start()), True)


def _near(text: str, at: int) -> str:
    """Some words around a place, enough to find it."""
    start, end = max(0, at - 12), at + 28
    words = text[start:end].split()
    if start and len(words) > 2:
        words = words[1:]
    return " ".join(words)


def _is_arabic(text: str) -> bool:
    arabic = len(re.findall("[\u0620-\u064a]", text))
    return arabic > len(re.findall(r"[^\W\d_]", text)) // 2


# --- Which language -------------------------------------------------------------------------------

# Words that are frequent in one of the languages and rare or unknown in the others.
_FREQUENT = {
    "en": "the and of to in that for is with was his her by this from has have you your we our it "
    "at are be will which their my",
    "fr": "le les et des du dans est une aux à par vous votre nous ce cette avec qui je sur pour "
    "au vos notre ma mon leur",
    "es": "el los y en por para con una del al su sus es como nuestro usted ha este esta las mi me "
    "nuestra",
    "az": "və bu ilə üçün bir olan də da ki sizin sizə mən edib cənab xalqı arasında bizim ən "
    "zati-aliləri",
}
_OF_LANGUAGES: dict[str, set[str]] = {}
for _language, _words in _FREQUENT.items():
    for _word in _words.split():
        _OF_LANGUAGES.setdefault(_word, set()).add(_language)
_OF_SCRIPT = {"ar": "[\u0620-\u064a]", "ru": "[\u0400-\u04ff]", "": "[A-Za-zÀ-ɏəƏ]"}


def other_language(text: str, expected: Iterable[str]) -> str:
    """The language a text is clearly in when it is none of those expected; else nothing."""
    expected = set(expected)
    if not expected <= {"ar", "ru", *_FREQUENT}:
        return ""
    text = text[:20_000]
    letters = {name: len(re.findall(shape, text)) for name, shape in _OF_SCRIPT.items()}
    script = max(letters, key=lambda name: letters[name])
    if letters[script] < 12 or letters[script] < 0.75 * sum(letters.values()):
        return ""
    if script:
        return script if script not in expected else ""
    hits: Counter[str] = Counter()
    for word in re.findall(r"[^\W\d_]+", text.casefold()):
        hits.update(_OF_LANGUAGES.get(word, ()))
    if len(re.findall("[əƏ]", text)) > 0.03 * letters[""]:
        hits["az"] += 5
    likely, count = (hits.most_common(1) or [("", 0)])[0]
    there = sum(hits[language] for language in expected)
    if expected & set(_FREQUENT):
        return likely if likely not in expected and count >= 3 + 3 * there else ""
    return likely if count >= 3 else ""  # another script was expected


# --- Words to avoid -------------------------------------------------------------------------------


def phrases_in(text: str, phrases: Iterable[str], language: str = "") -> list[str]:
    """Those of the phrases that stand in the text as whole words, in any capitals."""
    text = _folded(text, language)
    found = []
    for phrase in phrases:
        words = [re.escape(word) for word in _folded(phrase, language).split()]
        if words and re.search(r"(?<!\w)" + r"\s+".join(words) + r"(?!\w)", text):
            found.append(phrase)
    return found


def _folded(text: str, language: str) -> str:
    if language == "az":
        text = text.replace("I", "ı").replace("İ", "i")
    return unicodedata.normalize("NFC", text.replace("’", "'").casefold())
