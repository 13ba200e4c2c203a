"""Which letters of the whole archive a pasted text could be of."""

from __future__ import annotations

import re

from django.db import connection
from django.utils import translation
from django.utils.translation import pgettext

from letters import dates, markup, search
from letters.collation import Sheet, Text
from letters.models import Edition
from letters.models.edition import EditionQuerySet
from letters.public import reading

# So many texts are read, those that share the rarest of what was pasted, and so many of them, those
# that share the most, are compared with it.
CANDIDATES, COMPARED = 16, 5
# So much of it is looked up: the longest words, and words in a row from every part of it.
LONGEST, PARTS, IN_A_ROW, FREQUENT = 24, 24, 5, 200
MOST_REFERENCES = 5
REFERENCE = re.compile(r"\d{4}-\d{1,6}")


def references(text: Text) -> list[str]:
    """What could be references in it, each once."""
    return list(dict.fromkeys(key for key in text.keys if REFERENCE.fullmatch(key)))


def candidates(text: Text, ever: EditionQuerySet) -> list[tuple[Edition, Sheet]]:
    """Texts that this could be of: by a reference in it, or by its rarest words."""
    named = ever.filter(letter__reference__in=references(text)[:MOST_REFERENCES])
    sharing = _sharing(text.text)
    found = {edition.pk: edition for edition in named.order_by("-live_from")[:CANDIDATES]}
    found |= {edition.pk: edition for edition in ever.filter(pk__in=sharing)}
    sheets = [(edition, sheet(edition)) for edition in found.values()]
    return sorted(sheets, key=lambda pair: -len(text.seeds & pair[1].seeds))[:COMPARED]


def _sharing(text: str) -> list[int]:
    """Of the whole archive, the texts that have most of what is rare in this one."""
    words = search.words(text)
    longest = sorted(dict.fromkeys(words), key=len, reverse=True)[:LONGEST]
    shared = [search.Shared((word,)) for word in longest]
    shared += [search.Shared(row, in_a_row=True) for row in _rows(words)]
    if not shared:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*search.sharing(connection.vendor, shared, reading.LANGUAGES, FREQUENT))
        found = cursor.fetchall()
    sizes: dict[int, int] = {}
    for place, _key in found:
        sizes[place] = sizes.get(place, 0) + 1
    weights: dict[int, float] = {}
    for place, key in found:
        weights[key] = weights.get(key, 0) + 1 / sizes[place]
    return sorted(weights, key=lambda key: -weights[key])[:CANDIDATES]


def _rows(words: list[str]) -> list[tuple[str, ...]]:
    """From each part of a text the words in a row that are the longest."""
    step = max(IN_A_ROW, -(-len(words) // PARTS))
    rows = []
    for start in range(0, max(1, len(words) - IN_A_ROW + 1), step):
        part = words[start : start + step + IN_A_ROW - 1]
        every = [tuple(part[n : n + IN_A_ROW]) for n in range(len(part) - IN_A_ROW + 1)]
        rows += [max(every, key=lambda row: sum(map(len, row)))] if every else []
    return rows


def sheet(edition: Edition) -> Sheet:
    """The letter with what stands around it on its page, in its order."""
    around = reading.parties_by_role(edition)

    def lines(role: str) -> str:
        parties = around[role]
        return "\n".join(
            line for p in parties for line in (p.name, p.title, p.country_line) if line
        )

    day = ""
    if edition.place and edition.dated:
        with translation.override(edition.language):
            written = pgettext("place and date of a letter", "%(place)s, %(day)s")
            day = written % {
                "place": edition.place,
                "day": dates.day(edition.dated),
            }
    return Sheet(
        [
            ("headline", edition.headline),
            ("summary", edition.summary),
            ("addressees", lines("addressees")),
            ("salutation", edition.salutation),
            ("body", markup.to_text(edition.body)),
            ("closing", edition.closing),
            ("signatories", lines("signatories")),
            ("dateline", day),
            ("notes", edition.notes),
        ]
    )
