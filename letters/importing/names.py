"""The names, titles, styles and countries that stand at a word of a text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from letters.importing.places import CYRILLIC_END, Country, Gazetteer, folded
from letters.importing.titles import (
    BODIES,
    HONORIFICS,
    LONGEST_HONORIFIC,
    PARTICLES,
    STATES,
    TITLES,
    Title,
    words_of,
)


@dataclass(frozen=True)
class Person:
    """A sender, addressee or signatory as the source gives them."""

    name: str
    title: str = ""
    country: str = ""  # ISO 3166-1 alpha-2 or user-assigned; "" when not given


@dataclass(frozen=True)
class Known:
    """What the deployment knows."""

    countries: Mapping[str, str]  # name in any language -> code
    correspondents: Collection[str]  # every name of every correspondent, in any language
    home: str = ""
    languages: Sequence[str] = ("en",)


# A style of more tokens ("His Excellency the Right Honourable Dr. Mr. …") is nobody's.
LONGEST_STYLE = 24
_TOKEN = re.compile(
    r"[dDlL][’'](?=[^\W\d_])|(?:[^\W\d_]\.){2,}|[^\W_]+(?:[-‑’'][^\W_]+)*|[^\w\s]|_"
)
_ARABIC_STOPS = frozenset(
    words_of("""
إلى من في على عن أن بعد قبل مع التي الذي وذلك وقد هذا اليوم برقية رسالة تهنئة تعزية تعازيه
تعازيها خطاب بمناسبة لمناسبة إثر عقب بوفاة لوفاة بانتخابه بانتخابها بعيد ضحايا جاء فيها نصها شكر
دعوة رد ردا بعث بعثت وجه وجهت أرسل أرسلت تلقى تلقت يهنئ تهنئ هنأ هنأت يعزي تعزي عزى يشكر تشكر
شكرت يدعو تدعو دعا دعت أعرب أعربت كتب كتبت أكد أكدت يوم عام لدى حول هاتفيا كلمة رسالته رسالتها
تحية إعادة توليه توليها يرد ترد قال قالت وأعرب وأعربت ورد وجهها وجهه عبر عبرت فيه
""")
)
_BREAKS = re.compile(
    r"(?:congratulat|felicitat|condol|sends?$|sent$|extend|offer|convey|express|address|wrote$|"
    r"writes?$|"
    r"thank|invit|repl[iy]|answer|greet|receiv|respon|message|letter|telegram|on$|in$|at$|over$|"
    r"after$|"
    r"has$|have$|had$|dear$|the$|this$|a$|an$|text$|is$|was$|following$|from$|to$|of$|for$|and$|"
    r"with$|by$|"
    r"félicit|adress|envo[iy]|présent|remerci|répon|écri|salu|exprim|reçoi|message|lettre|le$|"
    r"la$|les$|à$|"
    r"au$|dans$|pour$|"
    r"felicit|env[ií]|dirig|expres|agradec|respond|escrib|salud|transmit|remit|recib|carta|"
    r"mensaje|el$|al$|"
    r"направ|поздрав|выраз|выраж|приглас|благодар|отправ|ответ|приветств|посла|обрат|написа|"
    r"получ|письмо|"
    r"телеграмм|соболезн|в$|на$|от$|по$|"
    r"göndər|təbrik|məktub|başsağlığı|təşəkkür|dəvət|cavab|ünvanla|edib|edir|etdi|alıb|bu$)",
)
_ROMAN = re.compile(r"[IVX]+$")
_INITIAL = re.compile(r"[^\W\d_]$")
_NAME_SUFFIX = re.compile(r"['’]?(?:n?[ıiuü]n|n?[aə]|y[aə]|d[aə]n?|n?[ıiuü]|yl[aə]|l[aə])$")


@dataclass(frozen=True)
class Token:
    text: str
    start: int
    stop: int

    @property
    def folded(self) -> str:
        return folded(self.text)


def tokens(text: str) -> list[Token]:
    return [Token(found[0], found.start(), found.end()) for found in _TOKEN.finditer(text)]


class Names:
    """Tells what stands at a word, in one language, with what the deployment knows."""

    def __init__(self, known: Known, language: str) -> None:
        self.language = language if language in TITLES else "en"
        self.places = Gazetteer(known.countries)
        self._titles: dict[str, list[Title]] = {}
        for title in TITLES[self.language]:
            self._titles.setdefault(title.words[0], []).append(title)
        for titles in self._titles.values():
            titles.sort(key=lambda title: -len(title.words))
        self._correspondents: dict[str, list[tuple[str, ...]]] = {}
        for name in known.correspondents:
            self.learn(name)

    def learn(self, name: str) -> None:
        """Take a name for known, as the one under a letter is for the rest of its release."""
        words = tuple(name.split())
        if words:
            self._correspondents.setdefault(self._key(words[0]), []).append(words)

    def _key(self, word: str) -> str:
        word = folded(word)
        return CYRILLIC_END.sub("", word) if self.language == "ru" else word

    # --- what begins at a token ---

    def title_at(self, toks: Sequence[Token], at: int) -> Title | None:
        if at >= len(toks):
            return None
        word = toks[at].folded.removesuffix("'s")
        for title in self._titles.get(word, self._titles.get(_bare_arabic(word), [])):
            last = at + len(title.words)
            if last <= len(toks) and all(
                tok.folded.removesuffix("'s") == wanted
                for tok, wanted in zip(toks[at + 1 : last], title.words[1:], strict=True)
            ):
                return title
        return None

    def country_at(self, toks: Sequence[Token], at: int) -> Country | None:
        if at >= len(toks) or not toks[at].text[0].isalpha():
            return None
        return self.places.at([tok.text for tok in toks[at : at + 7]], 0)

    def known_at(self, toks: Sequence[Token], at: int) -> tuple[str, int] | None:
        """A correspondent named here, in the dictionary form, and over how many words."""
        if at >= len(toks):
            return None
        best: tuple[str, int] | None = None
        for words in self._correspondents.get(self._key(toks[at].text.removesuffix("’s")), ()):
            parts = toks[at : at + len(words)]
            if len(parts) == len(words) > (best[1] if best else 0) and all(
                self._same_word(name, tok.text, last=index == len(words) - 1)
                for index, (name, tok) in enumerate(zip(words, parts, strict=True))
            ):
                best = (" ".join(words), len(words))
        return best

    def _same_word(self, name: str, given: str, *, last: bool) -> bool:
        one, other = folded(name), folded(given).removesuffix("'s")
        if one == other:
            return True
        if self.language == "ru":
            return self._key(name) == self._key(given)
        if self.language == "az" and last and other.startswith(one):
            return _NAME_SUFFIX.fullmatch(other[len(one) :]) is not None
        return False

    def honorific_at(self, toks: Sequence[Token], at: int) -> int:
        """How many tokens of style ("His Excellency Mr.") begin here."""
        here = at
        while here - at < LONGEST_STYLE and (length := _honorific(toks, here)):
            here += length
            if here < len(toks) and toks[here].text == ".":
                here += 1
            # "His Excellency, Mr …" and "H.M. the King".
            if (
                here + 1 < len(toks)
                and toks[here].text in (",", "the", "le", "la")
                and (_honorific(toks, here + 1) or self.title_at(toks, here + 1))
            ):
                here += 1
        return here - at

    def is_break(self, tok: Token) -> bool:
        if self.language == "ar":
            return tok.folded in _ARABIC_STOPS
        return _BREAKS.match(tok.folded) is not None

    def name_at(self, toks: Sequence[Token], at: int, *, least: int) -> tuple[str, int] | None:
        if at >= len(toks):
            return None
        known = self.known_at(toks, at)
        if known:
            return known[0], at + known[1]
        stop = self._arabic_name(toks, at) if self.language == "ar" else self._capitals(toks, at)
        count = stop - at
        if count < least or (self.language == "ar" and least > 1):
            return None
        words = toks[at:stop]
        if any(tok.folded in BODIES for tok in words) and least > 1:
            return None
        name = ""
        for before, tok in zip((None, *words), words, strict=False):
            apart = before is not None and before.stop < tok.start
            name += (" " if apart else "") + tok.text
        return re.sub(r"[’']s?$", "", name), stop

    def _capitals(self, toks: Sequence[Token], at: int) -> int:
        """The end of a run of capitalised words that can be one name."""
        stop = here = at
        while here < len(toks) and here - at < 8:
            tok = toks[here]
            if tok.text[0].isupper():
                if self.is_break(tok) or self.title_at(toks, here) or tok.folded in STATES:
                    break
                if here > at and self.known_at(toks, here):
                    break
                country = self.country_at(toks, here)
                if country and (
                    country.adjective
                    or self.language == "az"
                    or country.words > 1
                    or here > at
                ) and not _ROMAN.match(tok.text):  # fmt: skip
                    follows = here + country.words
                    heads_title = self.title_at(toks, follows) or (
                        follows < len(toks) and toks[follows].folded in STATES
                    )
                    if heads_title or here == at or country.words > 1:
                        break
                here += 1
                stop = here
                if _INITIAL.match(tok.text) and here < len(toks) and toks[here].text == ".":
                    here += 1
                    stop = here
                if tok.folded.endswith("'s"):
                    break
            elif tok.folded in PARTICLES and here > at:
                here += 1
            else:
                break
        return stop

    def _arabic_name(self, toks: Sequence[Token], at: int) -> int:
        stop = at
        while (
            stop < len(toks)
            and stop - at < 4
            and toks[stop].text[0].isalpha()
            and toks[stop].folded not in _ARABIC_STOPS
            and not self.title_at(toks, stop)
            and not self.country_at(toks, stop)
            and not re.match(r"(?:بمناسبة|لمناسبة|وال|بال|لل)", toks[stop].text)
        ):
            stop += 1
        return stop

    def looks_like_name(self, text: str) -> bool:
        """Whether a line holds a person's name and nothing else."""
        bare = text.strip(" ,.;،")
        toks = tokens(bare)
        if not toks or len(toks) > 9 or any(char.isdigit() for char in bare):
            return False
        styled = self.honorific_at(toks, 0)
        known = self.known_at(toks, styled)
        if known and styled + known[1] == len(toks):
            return True
        words = [tok for tok in toks[styled:] if tok.text[0].isalpha()]
        if not 2 <= len(words) <= 6 or re.search(r"[^\w\s.’'‑,-]", bare):
            return False
        if any(
            tok.folded in BODIES or tok.folded in STATES and not _ROMAN.match(tok.text)
            for tok in words
        ):
            return False
        if any(self.title_at(toks, at) for at in range(styled, len(toks))):
            return False
        if self.language == "ar" and not words[0].text[0].isupper():
            return len(words) <= 4 and not any(
                tok.folded in _ARABIC_STOPS or self.country_at(toks, at)
                for at, tok in enumerate(toks)
                if tok in words
            )
        if self.country_at(toks, styled) and len(words) < 3 and toks[styled].text[0].isupper():
            country = self.country_at(toks, styled)
            if country and styled + country.words == len(toks):
                return False
        return all(tok.text[0].isupper() or tok.folded in PARTICLES for tok in words) and (
            words[0].text[0].isupper() and words[-1].text[0].isupper()
        )

    def looks_like_title(self, text: str) -> bool:
        """Whether a short line says what someone is."""
        toks = tokens(text)
        return len(toks) <= 24 and (
            any(self.title_at(toks, at) for at in range(len(toks)))
            or any(tok.folded in STATES - {"the", "of"} or tok.folded in BODIES for tok in toks)
            or (bool(self.places.find(text)) and len(toks) <= 6)
        )

    def bare_name(self, text: str) -> str:
        """A name without the style before it and the comma after it."""
        text = text.strip(" ,;،")
        toks = tokens(text)
        styled = self.honorific_at(toks, 0)
        if 0 < styled < len(toks):
            text = text[toks[styled].start :]
        known = self.known_at(tokens(text), 0)
        return known[0] if known and known[1] == len(tokens(text)) else text


def _honorific(toks: Sequence[Token], at: int) -> int:
    """Over how many tokens one honorific ("Mr", "His Excellency") stands here."""
    for length in range(min(LONGEST_HONORIFIC, len(toks) - at), 0, -1):
        phrase: list[str] = []
        for tok in toks[at : at + length]:
            phrase.extend(tok.folded.replace(".", " . ").split())
        if tuple(phrase) in HONORIFICS:
            return length
    return 0


def _bare_arabic(word: str) -> str:
    """An Arabic word without what is written together with it: and, to, by."""
    if word.startswith("لل"):
        return "ال" + word[2:]
    return word[1:] if word[:1] in "ولب" and len(word) > 3 else word
