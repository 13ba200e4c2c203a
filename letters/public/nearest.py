"""Which letters of the whole archive a pasted text could be, and how alike two texts are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import pairwise
from unicodedata import normalize

from django.db import connection

from letters import search
from letters.models import Edition, Party
from letters.models.edition import EditionQuerySet
from letters.public import reading

# So many texts of each way to find them are compared with what was pasted, at most, and so many
# of its words are looked up as names.
CANDIDATES, MOST_NAMES = 100, 4000
# So many of its words are looked up in the archive, the longest, and so many times as many of them
# in a row. What so many letters have tells nothing.
LOOKED_UP, PARTS, IN_A_ROW, FREQUENT = 48, 6, 6, 200
_QUOTES = str.maketrans(
    dict.fromkeys("“”„‟«»‹›″", '"') | dict.fromkeys("‘’‚‛′ʼ`", "'") | dict.fromkeys("‐‑‒–—−―", "-")
)
_ADDRESS = re.compile(r"\S*://\S*")
_UNSEEN = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def plain(text: str) -> str:
    return _UNSEEN.sub("", normalize("NFKC", text)).translate(_QUOTES)


def tokens(text: str) -> list[str]:
    """The words of a text, whatever its spaces, quotation marks, hyphens and broken lines."""
    without = _ADDRESS.sub(" ", plain(text))  # of this site, by one of its names
    joined = re.sub(r"(?<=\w)-\s+(?=\w)|(?<=\w)-(?=\w)", "", without)
    return re.findall(r"\w+|[^\w\s]", joined)


def candidates(text: str, ever: EditionQuerySet) -> list[Edition]:
    """Texts that this could be: by a reference, headline or name in it, or by its rarest words."""
    read = plain(text)
    references = set(re.findall(r"\b\d{4}-\d{1,6}\b", read))
    words = re.findall(r"[^\s,;:()]+", read)[:MOST_NAMES]
    runs = {" ".join(words[i : i + n]) for n in range(2, 6) for i in range(len(words) - n + 1)}
    runs = {run.strip(".!?\"'") for run in runs}
    named = Party.objects.filter(name__in=sorted(runs)[: 4 * MOST_NAMES])
    found: dict[int, Edition] = {}
    for asked in (
        ever.filter(letter__reference__in=sorted(references)[:20]),
        ever.filter(headline__in=[line.strip() for line in text.splitlines()][:200]),
        ever.filter(pk__in=named.values("edition")),
        ever.filter(pk__in=_sharing(text)),
    ):
        for edition in asked.order_by("-dated", "-pk")[:CANDIDATES]:
            found.setdefault(edition.pk, edition)
    return list(found.values())


def _sharing(text: str) -> list[int]:
    """Of the whole archive, the texts that have most of what is rare in this one."""
    every = search.words(text)
    found = sorted(dict.fromkeys(every), key=len, reverse=True)[:LOOKED_UP]
    shared = [search.Shared((word,)) for word in found]
    # All together, in halves, and so on: one word that was changed leaves a half untouched.
    shared += [
        search.Shared(tuple(found[n::parts]))
        for parts in (1, 2, 3, 6)
        for n in range(parts)
        if found[parts:]
    ]
    shared += [search.Shared(tuple(row), in_a_row=True) for row in _rows(every)]
    if not shared:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*search.sharing(connection.vendor, shared, reading.LANGUAGES, FREQUENT))
        rows = cursor.fetchall()
    sizes = Counter(place for place, _key in rows)
    weights: dict[int, float] = {}
    for place, key in rows:
        if sizes[place] < FREQUENT:
            weights[key] = weights.get(key, 0) + 1 / sizes[place]
    return sorted(weights, key=lambda key: -weights[key])[:CANDIDATES]


def _rows(words: list[str]) -> list[list[str]]:
    """From each part of a text the words in a row that are the longest."""
    step = max(IN_A_ROW, len(words) // PARTS)
    parts = [words[start : start + step] for start in range(0, len(words), step)][:PARTS]
    return [
        max(
            (part[n : n + IN_A_ROW] for n in range(len(part) - IN_A_ROW + 1)),
            key=lambda row: sum(map(len, row)),
        )
        for part in parts
        if len(part) >= IN_A_ROW
    ]


def likeness(some: Sequence[str], others: Sequence[str]) -> tuple[float, float]:
    """The share of words in common; of texts with the same words, that of neighbours decides."""
    return _in_common(some, others), _in_common([*pairwise(some)], [*pairwise(others)])


def _in_common(some: Sequence[Hashable], others: Sequence[Hashable]) -> float:
    one, other = set(some), set(others)
    return len(one & other) / max(1, len(one | other))
