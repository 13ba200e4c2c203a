"""Search: texts folded to words, and what is asked for as SQL. Pure: it asks no database.

A text is indexed as plain words, folded the same way as what is asked for: without accents,
case or vowel signs. PostgreSQL brings them to their stems by the dictionary of the language;
SQLite (FTS5) by that of English, which does others no harm. For Azerbaijani neither has one:
a word asked for loses its endings here, and is found with any.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from letters.digits import ascii_digits

TABLE = "letters_words"
MOST_WORDS = 12  # of a question; what follows them is left out
WEIGHTS = "{0.02, 0.05, 0.3, 1.0}"  # of a word in a text, nowhere, in what is about it, in a title
EVERY = 10**9  # more than there are letters
EMPTY = "''::tsquery"  # finds nothing
PERSON = "zzperson"  # with the key of a correspondent: a word of each letter from or to them
# A row of FTS5 has the letter's day in front of the edition's key: the newest come first.
DAY = 10**10

DICTIONARIES = {
    "ar": "arabic",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "ru": "russian",
}
# Letters that have no accent to lose, and Arabic ones that are often written for one another.
_ALIKE = str.maketrans(
    {
        **dict(zip("əıøłđħŧ", "eioldht", strict=True)),
        **{"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ى": "ي", "ة": "ه", "ـ": ""},
        **dict.fromkeys("’ʼ‘`ʻ", "'"),
    }
)
# Endings of Azerbaijani words, folded: of a noun of a verb, of many, of whose, of the case.
_AZERBAIJANI = re.compile(
    r"(?P<stem>\w{4,}?)(?:m[ae])?(?:l[ae]r)?(?:[iu]?m(?:[iu]z)?|[iu]?n[iu]z|s?[iu])?"
    r"(?:n?[iu]n|[ny]?[aeiu]|n?d[ae]n?)?"
)
_WORD = re.compile(r"[^\W_]+")
_ASKED = re.compile(r'["“”„«»](?P<phrase>[^"“”„«»]+)["“”„«»]|(?P<word>[^\s"“”„«»]+)')
_ARABIC_ARTICLE = re.compile(r"^[وفبك]?ال(?=\w{3})|^[وف]?لل(?=\w{3})")


def fold(text: str) -> str:
    """Without accents, vowel signs and case, and with the digits 0 to 9."""
    alike = unicodedata.normalize("NFKD", text.casefold()).translate(_ALIKE)
    decomposed = ascii_digits(alike)
    # A Russian й is no accented и: without it the dictionary does not know the endings.
    kept = decomposed.replace("и\u0306", "й")
    return "".join(letter for letter in kept if unicodedata.category(letter) != "Mn")


def words(text: str) -> list[str]:
    """The words of a text, folded, for finding and for putting in order.

    Arabic ones stand without their article.
    """
    return [_ARABIC_ARTICLE.sub("", word) for word in _WORD.findall(fold(text))]


def initial(name: str) -> str:
    """The letter under which a name stands in an index."""
    return (words(name) or ["#"])[0][0].upper()


class Term(NamedTuple):
    """Words that stand together, anywhere or `in_title`.

    `is_begun` when the last may be only the start of a word.
    """

    words: tuple[str, ...]
    is_begun: bool = False
    in_title: bool = False
    people: tuple[int, ...] = ()  # correspondents of that name, in any language


class Question(NamedTuple):
    """All of the terms are to be found in a letter."""

    terms: tuple[Term, ...]

    @classmethod
    def of(cls, text: str) -> Question:
        terms = []
        end = len(text.rstrip())
        for match in _ASKED.finditer(text):
            if found := words(match["phrase"] or ""):
                terms.append(Term(tuple(found)))
            elif match["word"] and (found := words(match["word"])):
                # What has a hyphen or an apostrophe within stands together too.
                is_last = match.end() == end == len(text)
                is_begun = is_last and not PERSON.startswith(found[-1])
                terms.append(Term(tuple(found), is_begun=is_begun))
        return cls(tuple(terms[:MOST_WORDS]))

    def with_people(self, names: Iterable[tuple[int, str]]) -> Question:
        """Each term also finds the letters of the correspondents who have it in a name."""
        known = [(key, set(words(name))) for key, name in names]
        return Question(
            tuple(
                term._replace(
                    people=tuple({key for key, name in known if name.issuperset(term.words)})
                )
                for term in self.terms
            )
        )

    def begun(self) -> Question:
        """The same, each term perhaps only the beginning of a word."""
        return Question(tuple(term._replace(is_begun=True) for term in self.terms))

    def in_titles(self) -> Question:
        """The same of headlines, references and names of people, not of what a letter says."""
        return Question(tuple(term._replace(in_title=True) for term in self.terms))


# --- The words of a letter ----------------------------------------------------------------------


class Document(NamedTuple):
    """What is indexed of an edition, the weightiest first: each a line of folded words."""

    title: str
    about: str
    text: str


def document(
    title: Iterable[str], about: Iterable[str], text: Iterable[str], people: Collection[int]
) -> Document:
    first, second, third = (
        " ".join(word for part in parts for word in words(part)) for parts in (title, about, text)
    )
    return Document(" ".join([first, *(_person(key) for key in sorted(people))]), second, third)


def _person(key: int) -> str:
    return f"{PERSON}{key}"


# --- SQL ----------------------------------------------------------------------------------------
# ruff: noqa: S608 (nothing that is asked for stands in a statement)

DELETE = {
    "postgresql": f"DELETE FROM {TABLE} WHERE edition_id = %s",
    "sqlite": f"DELETE FROM {TABLE} WHERE rowid = %s",
}
INSERT = {
    "postgresql": f"INSERT INTO {TABLE} (edition_id, words) VALUES (%s,"
    " setweight(to_tsvector(%s::regconfig, %s), 'A')"
    " || setweight(to_tsvector(%s::regconfig, %s), 'B')"
    " || to_tsvector(%s::regconfig, %s))",
    "sqlite": f"INSERT INTO {TABLE} (rowid, title, about, text, language)"
    " VALUES (%s, %s, %s, %s, %s)",
}
# FTS5 keeps words of rows that are gone until its parts are merged.
FORGET = {"sqlite": f"INSERT INTO {TABLE} ({TABLE}) VALUES ('optimize')"}


def key(vendor: str, edition: int, day: int) -> int:
    """The key of an edition's words. `day` is the ordinal of the letter's date."""
    return edition if vendor == "postgresql" else day * DAY + edition


def inserted(vendor: str, row: int, language: str, found: Document) -> list[str | int]:
    """The parameters of INSERT."""
    if vendor != "postgresql":
        return [row, *found, language]
    dictionary = DICTIONARIES.get(language, "simple")
    return [row, *(value for part in found for value in (dictionary, part))]


def matching(vendor: str, asked: Question, language: str, most: int) -> tuple[str, list[str | int]]:
    """SQL of the keys of the editions in which all terms are found."""
    if vendor == "postgresql":
        query, values = to_tsquery(asked, language)
        sql = f"SELECT edition_id FROM {TABLE} WHERE words @@ {query} LIMIT %s"
        return sql, [*values, most]
    sql = f"SELECT rowid %% {DAY} FROM {TABLE} WHERE {TABLE} MATCH %s ORDER BY rowid DESC LIMIT %s"
    return sql, [to_match(asked, language), most]


def matching_any(
    vendor: str, asked: Question, languages: Iterable[str]
) -> tuple[str, list[str | int]]:
    """SQL of the keys of the editions in these languages in which all terms are found."""
    selects: list[str] = []
    parameters: list[str | int] = []
    for language in languages:
        sql, values = matching(vendor, asked, language, EVERY)
        selects.append(f"SELECT * FROM ({sql}) AS {TABLE}_{len(selects)}")
        parameters += values
    return " UNION ".join(selects), parameters


class Shared(NamedTuple):
    """Words that a letter has, anywhere in it or one after the other."""

    words: tuple[str, ...]
    in_a_row: bool = False


def sharing(
    vendor: str, shared: Iterable[Shared], languages: Iterable[str], most: int
) -> tuple[str, list[str | int]]:
    """SQL of (place in `shared`, key) of the editions that have those words, `most` of each."""
    selects: list[str] = []
    parameters: list[str | int] = []
    dictionaries = sorted({DICTIONARIES.get(language, "simple") for language in languages})
    for n, (found, in_a_row) in enumerate(shared):
        if vendor == "postgresql":
            asked = " || ".join(["to_tsquery(%s::regconfig, %s)"] * len(dictionaries))
            select = f"SELECT {n}, edition_id FROM {TABLE} WHERE words @@ ({asked})"
            together = (" <-> " if in_a_row else " & ").join(found)
            parameters += [part for name in dictionaries for part in (name, together)]
        else:
            select = f"SELECT {n}, rowid %% {DAY} FROM {TABLE} WHERE {TABLE} MATCH %s"
            phrases = [" ".join(found)] if in_a_row else found
            parameters.append(" AND ".join(f'{{title about text}} : "{one}"' for one in phrases))
        selects.append(f"SELECT * FROM ({select} LIMIT %s) AS g{n}")
        parameters.append(most)
    return " UNION ALL ".join(selects), parameters


def estimating(asked: Question, language: str) -> tuple[str, list[str | int]]:
    """SQL that asks PostgreSQL about how many editions have the words; it does not look."""
    query, values = to_tsquery(asked, language)
    return f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {TABLE} WHERE words @@ {query}", values


def probing(asked: Question, language: str, edition: str) -> tuple[str, list[str | int]]:
    """SQL of whether the edition in that column has the words: of one row, not of all."""
    query, values = to_tsquery(asked, language)
    return f"(SELECT words @@ {query} FROM {TABLE} WHERE edition_id = {edition} LIMIT 1)", values


def ranking(
    vendor: str, asked: Question, language: str, rows: Collection[int]
) -> tuple[str, list[str | int]]:
    """SQL of (key, rank) of these rows, perhaps others too: a title weighs more than a text.

    Each term weighs by itself, and more where it stands near the others.
    """
    if vendor == "postgresql":
        places = ", ".join(["%s"] * len(rows))
        each, values = to_tsquery(asked, language, "||")
        together, more = to_tsquery(asked, language)
        sql = (
            f"SELECT edition_id, ts_rank('{WEIGHTS}', words, {each})"
            f" + ts_rank_cd('{WEIGHTS}', words, {together})"
            f" FROM {TABLE} WHERE edition_id IN ({places})"
        )
        return sql, [*values, *more, *rows]
    # FTS5 begins its search anew for each key of a list, so a range is asked for.
    sql = (
        f"SELECT rowid %% {DAY}, -bm25({TABLE}, 10, 4, 1, 0) FROM {TABLE}"
        f" WHERE {TABLE} MATCH %s AND rowid BETWEEN %s AND %s"
    )
    return sql, [to_match(asked, language), min(rows), max(rows)]


def to_tsquery(asked: Question, language: str, operator: str = "&&") -> tuple[str, list[str | int]]:
    """SQL of all of the terms, or of any by the operator `||`.

    An “of” that PostgreSQL passes over does not ask for the people who have one in their name.
    """
    dictionary = DICTIONARIES.get(language, "simple")
    terms = []
    values: list[str | int] = []
    for term in asked.terms:
        query = " | ".join(_ts(term, language))
        if term.people:
            people = " | ".join(_person(key) for key in term.people)
            terms.append(
                f"CASE numnode(to_tsquery(%s::regconfig, %s)) WHEN 0 THEN {EMPTY}"
                " ELSE to_tsquery(%s::regconfig, %s) END"
            )
            values += [dictionary, query, dictionary, f"{query} | {people}"]
        else:
            terms.append("to_tsquery(%s::regconfig, %s)")
            values += [dictionary, query]
    return f"({f' {operator} '.join(terms or [EMPTY])})", values


def _ts(term: Term, language: str) -> Iterator[str]:
    where = "A" if term.in_title else ""
    whole = [f"{word}:{where}" if where else word for word in term.words]
    yield " <-> ".join(whole)
    if language == "az":
        yield " <-> ".join(f"{_stem(word)}:*{where}" for word in term.words)
    if term.is_begun:
        yield " <-> ".join([*whole[:-1], f"{term.words[-1]}:*{where}"])


def to_match(asked: Question, language: str) -> str:
    terms = [f"({' OR '.join(_fts(term, language))})" for term in asked.terms]
    return " AND ".join([*terms, f"language : {language}"])


def _fts(term: Term, language: str) -> Iterator[str]:
    together = " ".join(term.words)
    where = "title" if term.in_title else "title about text"
    yield f'{{{where}}} : "{together}"'
    if language == "az":
        begun = " ".join([*term.words[:-1], _stem(term.words[-1])])
        yield f'{{{where}}} : "{begun}" *'
    if term.is_begun:
        yield f'{{{where}}} : "{together}" *'
    yield from (f"title : {_person(key)}" for key in term.people)


def _stem(word: str) -> str:
    match = _AZERBAIJANI.fullmatch(word)
    return match["stem"] if match else word


# --- What is shown ------------------------------------------------------------------------------

BEFORE, SHOWN = 8, 36  # words of a snippet: ahead of the first that was found, and in all


class Piece(NamedTuple):
    text: str
    is_found: bool


def marked(text: str, asked: Question) -> list[Piece]:
    """The text in pieces, those that were asked for marked."""
    pieces: list[Piece] = []
    end = 0
    for match in _WORD.finditer(text):
        if _is_asked(match[0], asked):
            if match.start() > end:
                pieces.append(Piece(text[end : match.start()], False))
            pieces.append(Piece(match[0], True))
            end = match.end()
    return [*pieces, Piece(text[end:], False)] if text[end:] else pieces


def snippet(text: str, asked: Question) -> list[Piece]:
    """The part of the text in which most of what was asked for stands, marked."""
    found = text.split()
    hits = [any(_is_asked(part, asked) for part in _WORD.findall(word)) for word in found]
    if not any(hits):
        return []
    starts = [max(0, n - BEFORE) for n, hit in enumerate(hits) if hit]
    start = max(starts, key=lambda n: sum(hits[n : n + SHOWN]))
    shown = " ".join(found[start : start + SHOWN])
    return marked(
        ("… " if start else "") + shown + (" …" if start + SHOWN < len(found) else ""), asked
    )


def stands_in(text: str, asked: Question) -> bool:
    """Whether each word that is asked for, or nearly, is one of the text."""
    parts = _WORD.findall(text)
    each = [
        Question((term._replace(words=(word,)),)) for term in asked.terms for word in term.words
    ]
    return all(any(_is_asked(part, one) for part in parts) for one in each)


def _is_asked(word: str, asked: Question) -> bool:
    """Whether the word is one of those asked for, or nearly: its stem is not known here."""
    for one in words(word):
        for term in asked.terms:
            for wanted in term.words:
                stem = max(4, len(wanted) - 2)
                if one == wanted or (
                    len(wanted) > 3 and one[:stem] == wanted[:stem] and len(one) <= len(wanted) + 4
                ):
                    return True
                if term.is_begun and wanted == term.words[-1] and one.startswith(wanted):
                    return True
    return False


def nearest(text: str, names: Iterable[str]) -> str:
    """What was asked for with each word that is in no name put as in the nearest; or nothing."""
    known: dict[str, str] = {
        folded: word for name in names for word in _WORD.findall(name) for folded in words(word)
    }
    changed = False

    def put(match: re.Match[str]) -> str:
        nonlocal changed
        (folded, *more) = words(match[0]) or [""]
        if more or folded in known or len(folded) < 4:
            return str(match[0])
        close = max(known, key=lambda other: _likeness(folded, other), default="")
        if not close or _likeness(folded, close) < 0.7:
            return str(match[0])
        changed = True
        return str(known[close])

    better: str = _WORD.sub(put, text)
    return better if changed else ""


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
