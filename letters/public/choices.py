"""How many letters each choice of the archive would leave, and what the choices are called.

All counts of a page are one query: the cells of the tally, put right for this moment; and where
no tally holds what is asked for, letters counted one by one as far as a budget goes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db.models import CharField, Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.utils.dates import MONTHS
from django.utils.translation import get_language_info
from django_countries import countries

from letters import search
from letters.models import Correspondent, CountryName, Direction, Kind, Listing, Tally
from letters.models.listing import (
    ANY,
    CORRESPONDENT,
    COUNTRY,
    EVERY,
    LETTER_LANGUAGE,
    cells,
    of_correspondent,
    of_country,
)
from letters.public.timeline import Timeline

if TYPE_CHECKING:
    from letters.public.archive import Archive

# Counting one by one stops here: beyond it a page says "over 1,000".
COUNTED = 1000
# So many letters of one facet are looked at for the other facets they have.
WALKED = 3000
# A list of choices has at most so many, the most frequent; every one has a page of its own.
MOST = 100
FACETS = {
    "country": COUNTRY,
    "correspondent": CORRESPONDENT,
    "letter_language": LETTER_LANGUAGE,
}
# Stand where a facet does, for rows counted one by one.
SAMPLE, TOGETHER = "*", "&"


class Choice(NamedTuple):
    """One value of a filter, and how many letters it would leave, where that is known."""

    value: str
    name: str
    n: int | None


def letters_of_each(prefix: str, language: str, at: datetime) -> dict[str, Counter[str]]:
    """How many letters each country has, or each correspondent, by its code or key.

    Of each direction, and under the empty one of both.
    """
    tally = Tally.objects.filter(language=language, facet__startswith=prefix, kind=ANY, period=ANY)
    moving: Any = Listing.objects.filter(language=language, facet__startswith=prefix)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for facet, direction, n in tally.values_list("facet", "direction", "n"):
        found[facet.removeprefix(prefix)][direction] += n
    for facet, direction, n in moving.off_the_tally(at).values_list("facet", "direction", "n"):
        for counted in (direction, ""):
            found[facet.removeprefix(prefix)][counted] += n
    return {key: counts for key, counts in found.items() if counts[""] > 0}


def languages_of(facet: str, at: datetime) -> set[str]:
    """The languages in which letters of the facet are listed."""
    there = Listing.objects.listed(at).under(OuterRef("language"), facet).newest_first()  # type: ignore[arg-type]
    tally = Tally.objects.filter(facet=facet, kind=ANY, direction="", period=ANY)
    found = tally.alias(any=Subquery(there.values("edition")[:1])).filter(any__isnull=False)
    return set(found.values_list("language", flat=True))


class Choices:
    def __init__(self, archive: Archive) -> None:
        self.archive, self.chosen, self.language = archive, archive.chosen, archive.language
        self.facet = archive.facets[0]

    @cached_property
    def _cells(self) -> Counter[tuple[int, str, int, str]]:
        """How many letters of which kind, direction, period and facet there are, as of now."""
        found: Counter[tuple[int, str, int, str]] = Counter()
        tally, *others = self._parts()
        for kind, direction, period, facet, n in tally.union(*others, all=True):
            if kind and period > 9999:  # a letter, where the tally has counts
                for cell in cells(kind, direction, period, facet):
                    found[cell] += n
            else:
                found[kind, direction, period, facet] += n
        return found

    def _parts(self) -> list[Any]:
        """Querysets of (kind, direction, period, facet, n)."""
        archive, chosen, facet = self.archive, self.chosen, self.facet
        listed: Any = Listing.objects.listed(archive.at).filter(language=self.language)
        of_kind = Kind.objects.filter(code=chosen["kind"]).values("pk")[:1]
        kind = Q(kind=Coalesce(Subquery(of_kind), -1) if chosen["kind"] else ANY)
        direction, period = Q(direction=chosen["direction"]), Q(period=chosen["year"] or ANY)
        others = Q()
        for prefix in FACETS.values():
            others |= Q(facet__startswith=prefix)
        asked = (
            (Q(facet=facet) & (direction & period | kind & period | kind & direction))
            | (others & kind & direction & period)
            | Q(facet__in=self.archive.facets, kind=ANY, direction="", period=ANY)
        )
        tally = Tally.objects.filter(asked, language=self.language)
        moving: Any = Listing.objects.filter(language=self.language).off_the_tally(archive.at)
        parts: list[Any] = [
            tally.values_list("kind", "direction", "period", "facet", "n"),
            moving.with_month().values_list("kind", "direction", "month", "facet", "n"),
        ]
        if archive.is_sampled:
            sample = archive.matching().values("edition")[: COUNTED + 1]
            rows = listed.filter(facet=EVERY, edition__in=sample).with_month()
            parts.append(
                rows.annotate(of=Value(SAMPLE, CharField()), n=Value(1)).values_list(
                    "kind", "direction", "month", "of", "n"
                )
            )
        walks: dict[tuple[str, ...], Q] = defaultdict(Q)
        for prefix in FACETS.values():
            walks[self._beside(prefix)] |= Q(facet__startswith=prefix)
        walks.pop((), None)
        for beside, offered in walks.items():
            walked = archive.together(beside).values("edition")[:WALKED]
            rows = listed.filter(offered, edition__in=walked)
            # Named otherwise than the columns they stand for, so as not to be grouped by.
            rows = rows.values(of=Concat(Value(TOGETHER), "facet")).annotate(
                k=Value(ANY), d=Value("", CharField()), p=Value(ANY), n=Count("*")
            )
            parts.append(rows.values_list("k", "d", "p", "of", "n"))
        return parts

    def _beside(self, prefix: str) -> tuple[str, ...]:
        """The facets chosen that are not of this sort, the rarest first."""
        chosen = (facet for facet in self.archive.facets if facet != EVERY)
        return tuple(facet for facet in chosen if not facet.startswith(prefix))

    # --- How many -----------------------------------------------------------------------------

    @cached_property
    def _sampled(self) -> int:
        return self._cells[ANY, "", ANY, SAMPLE]

    @property
    def is_beyond_count(self) -> bool:
        return self.archive.is_sampled and self._sampled > COUNTED

    @property
    def total(self) -> int:
        if self.archive.is_sampled:
            return self._sampled
        return self._cells[self._kind, self.chosen["direction"], self._year, self.facet]

    @property
    def _year(self) -> int:
        return self.chosen["year"] or ANY

    @cached_property
    def _kind(self) -> int:
        code = self.chosen["kind"]
        if not code:
            return ANY
        return next((pk for pk, (slug, _name) in self._names["kind"].items() if slug == code), ANY)

    def _of(self, kind: int, direction: str, period: int) -> tuple[bool, int | None]:
        """Whether there are letters of these, and how many where that is known."""
        if self.archive.is_sampled and not self.is_beyond_count:
            n = self._cells[kind, direction, period, SAMPLE]
            return n > 0, n
        n = self._cells[kind, direction, period, self.facet]
        return n > 0, None if self.archive.is_sampled else n

    # --- What they are called -----------------------------------------------------------------

    @cached_property
    def _names(self) -> dict[str, dict[Any, tuple[str, str]]]:
        """By kind of name: (value in an address, name in the page's language) of each key."""
        people: Counter[int] = Counter()
        for (_k, _d, _p, facet), n in self._cells.items():
            if facet.lstrip(TOGETHER).startswith(CORRESPONDENT):
                person = int(facet.lstrip(TOGETHER)[1:])
                people[person] = max(people[person], n)
        correspondents = Correspondent.objects.named(self.language)
        rows = correspondents.filter(
            Q(pk__in=[pk for pk, _n in people.most_common(2 * MOST)])
            | Q(slug=self.chosen["correspondent"])
        )
        kinds = Kind.objects.named(self.language)
        own = CountryName.objects.filter(language=self.language)

        def labelled(rows: Any, what: str, *columns: Any) -> Any:
            said = rows.order_by().annotate(what=Value(what, CharField()))
            return said.values_list("what", "pk", *columns)

        found: dict[str, dict[Any, tuple[str, str]]] = {
            "kind": {},
            "correspondent": {},
            "country": {code: (code, str(name)) for code, name in countries},
            "letter_language": {
                code: (code, str(get_language_info(code)["name_translated"]))
                for code in settings.LANGUAGE_NAMES
            },
        }
        named = labelled(kinds, "kind", "code", "name").union(
            labelled(own, "country", "code", "name"),
            labelled(rows, "correspondent", "slug", "name"),
            all=True,
        )
        for what, pk, value, name in named.order_by():
            found[what][value if what == "country" else pk] = (value, name)
        return found

    def name_of(self, filter_name: str, value: Any) -> str:
        """What a value of a filter is called, or the value itself."""
        if filter_name == "direction":
            return str(Direction(value).label)
        if filter_name == "month":
            return str(MONTHS[value])
        named = self._names.get(filter_name, {})
        key, name = next(
            ((key, name) for key, (slug, name) in named.items() if slug == value), ("", str(value))
        )
        if filter_name in ("country", "correspondent"):
            facet = (of_country if filter_name == "country" else of_correspondent)(key)
            # Who has no public letter is not named.
            return name if self._cells[ANY, "", ANY, facet] > 0 else str(value)
        return name

    # --- The choices --------------------------------------------------------------------------

    @property
    def kinds(self) -> list[Choice]:
        return self._offered(
            "kind",
            (
                (code, name, self._of(pk, self.chosen["direction"], self._year))
                for pk, (code, name) in self._names["kind"].items()
            ),
        )

    @property
    def directions(self) -> list[Choice]:
        return self._offered(
            "direction",
            (
                (value, str(name), self._of(self._kind, value, self._year))
                for value, name in Direction.choices
            ),
            by_name=False,
        )

    @property
    def years(self) -> list[Choice]:
        years = sorted({p for _k, _d, p, _f in self._cells if 0 < p <= 9999}, reverse=True)
        return self._offered(
            "year",
            (
                (str(year), str(year), self._of(self._kind, self.chosen["direction"], year))
                for year in years
            ),
            by_name=False,
        )

    @property
    def countries(self) -> list[Choice]:
        return self._facets("country")

    @property
    def correspondents(self) -> list[Choice]:
        return self._facets("correspondent")

    @property
    def letter_languages(self) -> list[Choice]:
        """None, where they would leave the list as it is."""
        found = self._facets("letter_language")
        return found if len(found) > 1 or self.chosen["letter_language"] else []

    def _facets(self, name: str) -> list[Choice]:
        """The countries, say, of the letters; the most frequent of them."""
        prefix = FACETS[name]
        if beside := self._beside(prefix):
            key, mark = (ANY, "", ANY), TOGETHER + prefix
            is_known = self.total <= WALKED and not self.is_beyond_count
            if self.chosen[name]:  # all that is beside it was walked
                is_known = self.archive.sizes[beside[0]] <= WALKED
        else:
            key, mark = (self._kind, self.chosen["direction"], self._year), prefix
            is_known = not self.archive.is_sampled
        named = self._names[name]
        found = []
        for (*cell, facet), n in self._cells.items():
            if tuple(cell) == key and facet.startswith(mark) and n > 0:
                value = facet.removeprefix(mark)
                value, called = named.get(
                    int(value) if prefix == CORRESPONDENT else value, (value, value)
                )
                found.append((value, called, n))
        found.sort(key=lambda choice: -choice[2])
        return self._offered(
            name,
            ((value, called, (True, n if is_known else None)) for value, called, n in found[:MOST]),
        )

    def _offered(
        self,
        name: str,
        found: Iterable[tuple[str, str, tuple[bool, int | None]]],
        by_name: bool = True,
    ) -> list[Choice]:
        """Those that leave any letters. The one chosen is always among them."""
        chosen = str(self.chosen[name] or "")
        offered = [Choice(value, called, n) for value, called, (is_there, n) in found if is_there]
        if chosen and all(choice.value != chosen for choice in offered):
            offered.append(Choice(chosen, self.name_of(name, self.chosen[name]), None))
        return sorted(offered, key=lambda choice: search.words(choice.name)) if by_name else offered

    # --- Over time ----------------------------------------------------------------------------

    @property
    def timeline(self) -> Timeline | None:
        """Letters a month, or a year where the months are not known; none without two of them."""
        if self.archive.is_sampled and not (self.chosen["month"] and len(self.archive.facets) == 1):
            return None
        kind, direction, year = self._kind, self.chosen["direction"], self._year
        periods = {
            period: n
            for (k, d, period, facet), n in self._cells.items()
            if (k, d, facet) == (kind, direction, self.facet) and n > 0 and period != ANY
        }
        return Timeline.of(periods, year, self.archive.query)
