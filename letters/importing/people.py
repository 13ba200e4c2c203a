"""People as a release names them: in a sentence, in an addressee's block, under a letter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from letters.importing.names import Names, Person, Token, tokens
from letters.importing.titles import BODIES, STATES, Title


@dataclass(frozen=True)
class Mention:
    """A person named in a sentence, with the words the place in the sentence is told from."""

    person: Person
    start: int  # tokens
    stop: int
    case: str = ""
    possessive: bool = False


_LINKS = {
    "en": {"of", "for", "to", "the", "and", "at"},
    "fr": {"de", "du", "des", "d'", "la", "le", "les", "l'", "et", "chargé", "pour"},
    "es": {"de", "del", "la", "los", "las", "y", "el"},
    "ru": {"и", "по"},
    "az": set(),
    "ar": {"و"},
}
_ARTICLES = {"the", "le", "la", "l'", "les", "el", "los", "las", "his", "her", "un", "une"}
_OF = {"of", "de", "d'", "du", "del", "des"}
_ADJECTIVE_FOLLOWS = {"fr", "es", "ar"}
# A word after these begins the rest of an Arabic sentence, never goes on with a name.


class Reader(Names):
    """Names people in texts of one language."""

    def mentions(self, text: str) -> list[Mention]:
        toks = tokens(text)
        found: list[Mention] = []
        at = 0
        while at < len(toks):
            mention = self._mention_at(text, toks, at)
            if mention:
                found.append(mention)
                at = max(mention.stop, at + 1)
            else:
                at += 1
        return found

    def _mention_at(self, text: str, toks: Sequence[Token], at: int) -> Mention | None:
        styled = self.honorific_at(toks, at)
        here = at + styled
        titled = self._title_phrase(text, toks, here)
        if titled is None:
            named = self.name_at(toks, here, least=1 if styled else 2)
            if named is None:
                return None
            name, stop = named
            title, country, case = "", "", ""
            after = stop
            if after < len(toks) and toks[after].text in (",", "،", "-", "–", "—"):
                after += 1
            while after < len(toks) and toks[after].folded in _ARTICLES:
                after += 1
            follows = (after > stop or self.language == "ar") and self._title_phrase(
                text, toks, after
            )
            if follows:
                title, country, case, stop = follows
        else:
            title, country, case, stop = titled
            named = self._name_after_title(toks, stop)
            name = ""
            if named:
                name, stop = named
        if name and not country:
            country, stop = self._country_after_name(toks, stop)
        possessive = toks[stop - 1].folded.endswith("'s")
        return Mention(Person(name, title, country), at, stop, case, possessive)

    def _name_after_title(self, toks: Sequence[Token], at: int) -> tuple[str, int] | None:
        comma = at < len(toks) and toks[at].text in (",", "،")
        start = at + comma
        styled = self.honorific_at(toks, start)
        if comma and not styled and self.title_at(toks, start):
            return None
        named = self.name_at(toks, start + styled, least=2 if comma and not styled else 1)
        if named and comma and not styled:
            # "…, the King of Ostmark, Jonas Brandt, …" as against a name that begins a clause.
            ends = named[1] >= len(toks) or not toks[named[1]].text[0].isalnum()
            if not ends and not self.is_break(toks[named[1]]):
                return None
        return named

    def _country_after_name(self, toks: Sequence[Token], at: int) -> tuple[str, int]:
        """ "King Aldric II of Ostmark": the country behind the name, and the token after it."""
        here = at
        if here >= len(toks) or toks[here].folded not in _OF:
            return "", at
        while here < len(toks) and (toks[here].folded in STATES | _OF | _ARTICLES):
            country = self.country_at(toks, here)
            if country and toks[here].text[0].isupper():
                break
            here += 1
        country = self.country_at(toks, here)
        if country and not country.adjective and toks[here].text[0].isupper():
            return country.code, here + country.words
        return "", at

    def _title_phrase(
        self, text: str, toks: Sequence[Token], at: int
    ) -> tuple[str, str, str, int] | None:
        """A title beginning here: its words, country, case and the token after it."""
        country = ""
        start = here = at
        before = self.country_at(toks, at)
        if before and (before.adjective or self.language in ("en", "az")):
            here += before.words
            while here < len(toks) and toks[here].folded in STATES and self.language == "az":
                here += 1
            if here < len(toks) and toks[here].text in ("'", "’"):
                here += 1
            country = before.code
            # A genitive belongs to the title ("Valdora Prezidenti"), an adjective does not.
            start = at if self.language == "az" else here
        title = self.title_at(toks, here)
        if title is None:
            return None
        stop = here + len(title.words)
        extended, found = self._title_end(toks, stop)
        words = text[toks[start].start : toks[extended - 1].stop]
        words = re.sub(r"[’']s$", "", words)
        if title.form:
            words = _in_dictionary_form(text, toks, start, here, title, extended)
        stop = extended
        after = self.country_at(toks, stop)
        follows = after and after.adjective and self.language in _ADJECTIVE_FOLLOWS
        if after and follows and not (country or found):
            found = after.code
            stop += after.words
        if self.language == "ar":
            words = re.sub(r"^(?:و|ب)(?=ال)|^و(?=رئيس|ملك|أمير|وزير)", "", words)
            words = re.sub(r"^لل", "ال", words)
        return words, country or found, title.case, stop

    def _title_end(self, toks: Sequence[Token], at: int) -> tuple[int, str]:
        """Where a title ends that goes on with a body or country, and the country's code."""
        links = _LINKS[self.language]
        if at >= len(toks):
            return at, ""
        if self.language in ("en", "fr", "es") and (
            toks[at].folded not in links or toks[at].folded in ("and", "et", "y", "to", "at", "the")
        ):
            return at, ""
        if self.language == "az":
            return at, ""
        here = stop = at
        capitals = 0  # how many capitalised words end the title so far
        while here < len(toks):
            tok = toks[here]
            if self.known_at(toks, here):
                break
            country = self.country_at(toks, here)
            if country and (tok.text[0].isupper() or self.language == "ar"):
                adjective_of_body = country.adjective and self.language in ("en", "ru")
                if not (country.adjective and self.language == "ar"):
                    here += country.words
                    if not adjective_of_body or here >= len(toks):
                        return here, country.code
                    stop = here
                    continue
            word = tok.folded
            if word in links:
                here += 1
                continue
            if not tok.text[0].isalpha() or self.honorific_at(toks, here):
                break
            if self.language == "ar":
                if word not in STATES and not re.match(r"(?:لل|وال|ال)", word):
                    break
                if self.country_at(toks, here):
                    break
            elif (
                self.is_break(tok)
                or tok.text[0].islower()
                and (self.language == "en" or (self.language != "ru" and here == at))
            ):
                break
            capitals = capitals + 1 if tok.text[0].isupper() and word not in STATES else 0
            here += 1
            stop = here
        if self.language != "ar" and self._ends_in_name(toks, stop, capitals):
            stop -= 2
        return stop, ""

    def _ends_in_name(self, toks: Sequence[Token], stop: int, capitals: int) -> bool:
        """ "Governor of Ostmark Lena Hart": the last two of three capitalised words are a name."""
        least = 2 if self.language == "ru" else 3
        return capitals >= least and not any(
            tok.folded in BODIES or tok.text.isupper() for tok in toks[stop - 2 : stop]
        )

    def person(self, name: str, titles: Iterable[str]) -> Person:
        """Someone from a block of lines; several lines of title become one."""
        title = ""
        for line in titles:
            line = line.strip(" ,;،")
            if title and line:
                title += " " if line[0].islower() else ", "
            title += line
        toks = tokens(title)
        read = self._title_phrase(title, toks, 0) if toks else None
        if read and self.language == "ru":
            # The address is in the dative; what the person is called is not.
            rest = title[toks[read[3]].start :] if read[3] < len(toks) else ""
            title = f"{read[0]} {rest}".strip()
        return Person(self.bare_name(name), title, self.places.find(title) if title else "")


def _in_dictionary_form(
    text: str, toks: Sequence[Token], start: int, head: int, title: Title, stop: int
) -> str:
    form = title.form
    if toks[head].text[0].isupper():
        form = form[0].upper() + form[1:]
    before = text[toks[start].start : toks[head].start]
    after = text[toks[head + len(title.words) - 1].stop : toks[stop - 1].stop]
    return f"{before}{form}{after}"
