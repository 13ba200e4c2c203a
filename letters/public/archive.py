"""The archive: the filters of its address, one page of letters, and the ways on."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from letters.models import Correspondent, Direction, Edition, Kind, Party
from letters.public.reading import ENDS

PAGE = 20
# Counting stops here: beyond it a page says "over 1,000".
COUNTED = 1000


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
    year = forms.IntegerField(label=_("Year"), required=False, min_value=1, max_value=9999)
    before = Cursor()
    after = Cursor()


class Archive:
    """One page of listed letters in a language, as its parameters narrow them.

    `fixed` are the filters a page has by its address, such as a country's own. Letters stand
    newest first, and a page is found by its neighbour, not by number, so that it stays right
    while letters are added.
    """

    def __init__(self, params: QueryDict, language: str, at: datetime, **fixed: str) -> None:
        self.language, self.at, self.fixed = language, at, fixed
        self.params = params.copy()
        for name, value in fixed.items():
            self.params[name] = value
        self.form = ArchiveForm(self.params)
        self.chosen: dict[str, Any] = self.form.cleaned_data if self.form.is_valid() else {}

    @property
    def listed(self) -> QuerySet[Edition]:
        return Edition.objects.listed(self.at).filter(language=self.language)

    @cached_property
    def matching(self) -> QuerySet[Edition]:
        """Every letter the filters let through; none when a filter makes no sense."""
        if not self.form.is_valid():
            return Edition.objects.none()
        found, chosen = self.listed, self.chosen
        if chosen["kind"]:
            found = found.filter(kind__code=chosen["kind"])
        if chosen["direction"]:
            found = found.filter(letter__direction=chosen["direction"])
        if chosen["year"]:
            found = found.filter(dated__year=chosen["year"])
        ends = Party.objects.filter(role__in=ENDS)
        if chosen["country"]:
            found = found.filter(pk__in=ends.filter(country=chosen["country"]).values("edition"))
        if chosen["correspondent"]:
            named = ends.filter(correspondent__slug=chosen["correspondent"])
            found = found.filter(pk__in=named.values("edition"))
        for word in chosen["q"].split():
            found = found.filter(
                Q(headline__icontains=word)
                | Q(summary__icontains=word)
                | Q(body__icontains=word)
                | Q(pk__in=Party.objects.filter(name__icontains=word).values("edition"))
            )
        return found

    @cached_property
    def _page(self) -> tuple[list[Edition], bool, bool]:
        """The letters, whether there are newer ones, and whether there are older ones."""
        rows = self.matching.in_brief().prefetch_related("parties")  # type: ignore[attr-defined]
        if cursor := self.chosen.get("after"):
            day, key = cursor
            rows = rows.filter(Q(dated__gt=day) | Q(dated=day, pk__gt=key))
            found = list(rows.order_by("dated", "pk")[: PAGE + 1])
            return found[PAGE - 1 :: -1] if found[PAGE:] else found[::-1], len(found) > PAGE, True
        if cursor := self.chosen.get("before"):
            day, key = cursor
            rows = rows.filter(Q(dated__lt=day) | Q(dated=day, pk__lt=key))
        found = list(rows.newest_first()[: PAGE + 1])
        return found[:PAGE], bool(cursor), len(found) > PAGE

    @property
    def letters(self) -> list[Edition]:
        return self._page[0]

    @property
    def newer(self) -> str:
        """The query of the page before this one, or an empty text."""
        letters, newer, _older = self._page
        return self._query(after=letters[0]) if newer and letters else ""

    @property
    def older(self) -> str:
        """The query of the page after this one, or an empty text."""
        letters, _newer, older = self._page
        return self._query(before=letters[-1]) if older and letters else ""

    @cached_property
    def count(self) -> int:
        """How many letters match, up to one more than is counted."""
        return self.matching.order_by()[: COUNTED + 1].count()

    @property
    def is_beyond_count(self) -> bool:
        return self.count > COUNTED

    @property
    def filters(self) -> list[dict[str, str]]:
        """The filters chosen, each with the query that leaves it out."""
        labels: dict[str, dict[str, Any]] = {
            "kind": dict(self.kinds),
            "country": dict(self.countries),
        }
        labels["correspondent"] = dict(self.correspondents)
        labels["direction"] = dict(Direction.choices)
        found = []
        for name in ("q", "kind", "country", "correspondent", "direction", "year"):
            value = self.chosen.get(name)
            if value and name not in self.fixed:
                label = str(labels.get(name, {}).get(value, value))
                found.append({"name": name, "label": label, "without": self._query(without=name)})
        return found

    def _query(
        self,
        *,
        before: Edition | None = None,
        after: Edition | None = None,
        without: str = "",
    ) -> str:
        query = self.params.copy()
        for name in ("before", "after", without, *self.fixed):
            query.pop(name, None)
        for name in [name for name, value in query.items() if not value]:
            del query[name]
        for name, edition in (("before", before), ("after", after)):
            if edition is not None:
                query[name] = f"{edition.dated}.{edition.pk}"
        return "?" + query.urlencode()

    @property
    def feed_query(self) -> str:
        query = self._query()
        return query if query != "?" else ""

    @cached_property
    def kinds(self) -> list[tuple[str, str]]:
        return [(kind.code, str(kind)) for kind in Kind.objects.named(self.language)]

    @cached_property
    def countries(self) -> list[tuple[str, str]]:
        """(code, name as displayed) of every country with a letter listed in this language."""
        parties = Party.objects.filter(role__in=ENDS, edition__in=self.listed).exclude(country="")
        names = dict(parties.values_list("country", "country_name").distinct())
        return sorted(names.items(), key=lambda item: item[1])

    @cached_property
    def correspondents(self) -> list[tuple[str, str]]:
        people = Correspondent.objects.named(self.language).filter(
            parties__role__in=ENDS, parties__edition__in=self.listed
        )
        return list(people.order_by(F("name")).values_list(F("slug"), F("name")).distinct())

    @cached_property
    def years(self) -> list[int]:
        days = self.listed.order_by()
        return [day.year for day in days.dates("dated", "year", order="DESC")]
