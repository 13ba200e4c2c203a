"""The archive: the filters of its address, one page of letters, and the ways on.

Lists are read by neighbour and counts from the tally, so that a page costs the same whatever the
number of letters. What no tally holds is walked, newest first, as far as a budget of rows goes.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from letters import search
from letters.models import (
    Correspondent,
    CorrespondentName,
    Direction,
    Edition,
    Kind,
    Listing,
    Tally,
)
from letters.models.listing import (
    CORRESPONDENT,
    EVERY,
    ListingQuerySet,
    is_frequent,
    of_correspondent,
    of_country,
    of_letter_language,
)
from letters.public.choices import WALKED, Choices

PAGE = 20
LANGUAGE = r"^[-a-z]{2,12}$"


class Cursor(forms.RegexField):
    """A place in the archive, `2026-11-08.117`: the date and key of the letter beside it."""

    def __init__(self) -> None:
        super().__init__(regex=r"^\d{4}-\d{2}-\d{2}\.\d{1,18}$", required=False)

    def clean(self, value: Any) -> tuple[date, int] | None:
        text = super().clean(value)
        if not text:
            return None
        day, key = text.split(".")
        try:
            return date.fromisoformat(day), int(key)
        except ValueError:
            raise forms.ValidationError(_("This page of the archive does not exist.")) from None


class ArchiveForm(forms.Form):
    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    kind = forms.SlugField(label=_("Kind"), required=False)
    country = forms.RegexField(label=_("Country"), regex=r"^[A-Z]{2}$", required=False)
    correspondent = forms.SlugField(label=_("Correspondent"), required=False)
    direction = forms.ChoiceField(
        label=_("Direction"),
        choices=[("", _("Sent and received")), *Direction.choices],
        required=False,
    )
    letter_language = forms.RegexField(
        label=_("Language of the letter"), regex=LANGUAGE, required=False
    )
    year = forms.IntegerField(label=_("Year"), required=False, min_value=1, max_value=9999)
    month = forms.IntegerField(label=_("Month"), required=False, min_value=1, max_value=12)
    before = Cursor()
    after = Cursor()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("month") and not cleaned.get("year") and "year" not in self.errors:
            self.add_error("year", _("A month needs its year."))
        return cleaned


class Archive:
    """One page of listed letters in a language, as its parameters narrow them.

    `fixed` are the filters a page has by its address, such as a country's own. Letters stand
    newest first, and a page is found by its neighbour, not by number, so that it stays right
    while letters are added.
    """

    size = PAGE

    def __init__(self, params: QueryDict, language: str, at: datetime, **fixed: str) -> None:
        self.language, self.at, self.fixed = language, at, fixed
        self.params = params.copy()
        for name, value in fixed.items():
            self.params[name] = value
        self.form = ArchiveForm(self.params)
        self.chosen: dict[str, Any] = dict.fromkeys(self.form.fields, "")
        if self.form.is_valid():
            self.chosen = self.form.cleaned_data

    # --- The letters --------------------------------------------------------------------------

    @cached_property
    def person(self) -> Correspondent | None:
        """The correspondent chosen, with how many `.letters` there are, and of what else."""
        if not self.chosen.get("correspondent"):
            return None
        tally = Tally.objects.filter(language=self.language)
        facet = Concat(Value(CORRESPONDENT), Cast(OuterRef("pk"), CharField()))
        return (
            Correspondent.objects.named(self.language)
            .annotate(
                letters=Coalesce(tally.in_all(facet), 0),
                **{
                    f"of_other_{n}": Coalesce(tally.in_all(other), 0)
                    for n, other in enumerate(self._others)
                },
            )
            .filter(slug=self.chosen["correspondent"])
            .first()
        )

    @property
    def _others(self) -> list[str]:
        """The facets chosen besides the correspondent."""
        country, language = self.chosen["country"], self.chosen["letter_language"]
        found = [of_country(country)] if country else []
        return [*found, of_letter_language(language)] if language else found

    @cached_property
    def sizes(self) -> dict[str, int]:
        """What the list is of, the rarest first; and of several, how many letters each has."""
        others, person = self._others, self.person
        if self.chosen["correspondent"]:
            if person is None:
                return {of_correspondent(0): 0}  # whom no letter names
            counted = {of_correspondent(person.pk): person.letters}  # type: ignore[attr-defined]
            counted |= {o: getattr(person, f"of_other_{n}") for n, o in enumerate(others)}
        elif len(others) > 1:
            tally = Tally.objects.filter(language=self.language)
            n = tally.of_all().filter(facet__in=others).values_list("facet", "n")
            counted = dict.fromkeys(others, 0) | dict(n)
        else:
            counted = dict.fromkeys(others or [EVERY], 0)
        return dict(sorted(counted.items(), key=lambda facet: facet[1]))

    @property
    def facets(self) -> list[str]:
        return list(self.sizes)

    def rows(self, facet: str, *, cursor: bool = False) -> ListingQuerySet:
        """The listings of one facet that the other filters let through, the newest first."""
        rows = self._narrowed(Listing.objects.listed(self.at).under(self.language, facet))
        if cursor and self.chosen["after"]:
            return rows.after(*self.chosen["after"]).order_by("dated", "edition")
        if cursor and self.chosen["before"]:
            rows = rows.before(*self.chosen["before"])
        return rows.newest_first()

    def ended(self) -> ListingQuerySet:
        """What the filters would let through and is no longer listed, for whoever tells of it."""
        rows = Listing.objects.under(self.language, self.facets[0]).filter(until__lte=self.at)
        for other in self.facets[1:]:
            rows = rows.also_under(other)
        return self._narrowed(rows)

    def _narrowed(self, rows: ListingQuerySet) -> ListingQuerySet:
        chosen = self.chosen
        if chosen["kind"]:
            kind = Kind.objects.filter(code=chosen["kind"])
            rows = rows.filter(kind=Subquery(kind.values("pk")[:1]))
        if chosen["direction"]:
            rows = rows.filter(direction=chosen["direction"])
        if year := chosen["year"]:
            first, last = chosen["month"] or 1, chosen["month"] or 12
            rows = rows.filter(
                dated__range=(date(year, first, 1), date(year, last, monthrange(year, last)[1]))
            )
        if chosen["q"] and not self._is_frequent:
            rows = rows.saying(self.asked, self.language)
        return rows

    def matching(self, *, cursor: bool = False) -> ListingQuerySet:
        """What all the filters let through; as far as the budget goes, where it is walked."""
        if not self.form.is_valid() or (self.chosen["q"] and not self.asked.terms):
            return Listing.objects.none()
        return self.together(self.facets, cursor=cursor)

    def together(self, facets: Sequence[str], *, cursor: bool = False) -> ListingQuerySet:
        """The same of these facets, the first of which is walked."""
        rows = self.rows(facets[0], cursor=cursor)
        if len(facets) == 1 and not self._is_frequent:
            return rows
        walked = Listing.objects.listed(self.at).under(self.language, facets[0])
        walked = walked.filter(edition__in=rows.values("edition")[:WALKED])
        for other in facets[1:]:
            walked = walked.also_under(other)
        if self._is_frequent:
            walked = walked.also_saying(self.asked, self.language)
        return walked.order_by(*rows.query.order_by)

    @cached_property
    def asked(self) -> search.Question:
        """The words searched for. A correspondent is found by any name, in any language."""
        asked = search.Question.of(self.chosen["q"])
        if not asked.terms:
            return asked
        return asked.with_people(CorrespondentName.objects.values_list("correspondent", "name"))

    @cached_property
    def _is_frequent(self) -> bool:
        return bool(self.chosen["q"]) and is_frequent(self.asked, self.language)

    @property
    def _is_walked(self) -> bool:
        """Whether letters are looked at one by one, the newest first."""
        return len(self.facets) > 1 or self._is_frequent

    @cached_property
    def _page(self) -> tuple[list[Edition], bool, bool]:
        """The letters, whether there are newer ones, and whether there are older ones."""
        rows = self.matching(cursor=True).values("edition")[: self.size + 1]
        editions = Edition.objects.filter(pk__in=rows).in_brief().prefetch_related("parties")
        found = list(editions.newest_first())
        more = len(found) > self.size
        if self.chosen["after"]:
            return found[1:] if more else found, more, True
        return found[: self.size], bool(self.chosen["before"]), more

    @property
    def letters(self) -> list[Edition]:
        return self._page[0]

    @property
    def newer(self) -> str:
        """The query of the page before this one, or an empty text."""
        letters, newer, _older = self._page
        return self.query(after=_place(letters[0])) if newer and letters else ""

    @property
    def older(self) -> str:
        """The query of the page after this one, or an empty text."""
        letters, _newer, older = self._page
        if older and letters:
            return self.query(before=_place(letters[-1]))
        return self.query(before=self._unread) if self._unread else ""

    @cached_property
    def _unread(self) -> str:
        """Where the budget of rows ended before the page was full, or an empty text."""
        if not self._is_walked or self.chosen["after"] or self._page[2]:
            return ""
        if len(self.facets) > 1 and min(self.sizes.values()) < WALKED:
            return ""
        last = self.rows(self.facets[0], cursor=True)[WALKED - 1 : WALKED].first()
        return f"{last.dated}.{last.edition_id}" if last else ""

    @property
    def is_cut_short(self) -> bool:
        """Whether there may be older letters than this page shows, not yet looked for."""
        return bool(self._unread)

    # --- Counts and choices -------------------------------------------------------------------

    @cached_property
    def choices(self) -> Choices:
        return Choices(self)

    @property
    def count(self) -> int:
        return self.choices.total

    @property
    def is_beyond_count(self) -> bool:
        return self.choices.is_beyond_count

    @property
    def is_sampled(self) -> bool:
        """Whether no tally holds these filters together."""
        return bool(len(self.facets) > 1 or self.chosen["q"] or self.chosen["month"])

    @property
    def filters(self) -> list[dict[str, str]]:
        """The filters chosen, each with the query that leaves it out."""
        found = []
        for name, value in self.chosen.items():
            if value and name not in ("before", "after", *self.fixed):
                label = self.choices.name_of(name, value)
                left = {name: "", "month": ""} if name == "year" else {name: ""}
                found.append({"name": name, "label": label, "without": self.query(**left)})
        return found

    def query(self, **changed: str) -> str:
        """The address's query with other filters, from the list's first page on."""
        query = self.params.copy()
        for name in ("before", "after", "older", "page", *self.fixed):
            query.pop(name, None)
        for name, value in changed.items():
            query[name] = value
        for name in [name for name, value in query.items() if not value]:
            del query[name]
        return "?" + query.urlencode()

    @property
    def feed_query(self) -> str:
        query = self.query()
        return query if query != "?" else ""


def _place(edition: Edition) -> str:
    return f"{edition.dated}.{edition.pk}"
