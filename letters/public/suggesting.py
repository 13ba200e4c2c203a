"""What is suggested while somebody types into a search box: people, countries and letters.

Of everything only what is listed at this moment. Names are few and looked through; letters are
found by the index of words, in their headlines and references alone, the newest first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from letters import dates, search
from letters.models import Correspondent, CorrespondentName, CountryName, Edition, Listing, Tally
from letters.models.listing import (
    CORRESPONDENT,
    COUNTRY,
    is_frequent,
    of_correspondent,
    of_country,
)
from letters.public.views import page

MOST, NAMES = 8, 4  # suggestions, and of these at most so many names while there are letters
FEWEST = 2  # letters typed
FREQUENT = 2000  # beyond so many letters the newest are looked at one by one
WALKED = 1000  # and of those so many
READ = 100  # headlines: the index has the names of people with them


class Suggestion(NamedTuple):
    name: str
    what: str
    address: str


class TypedForm(forms.Form):
    q = forms.CharField(required=False, max_length=200)


@page
def suggestions(request: HttpRequest, language: str, at: datetime) -> HttpResponse:
    form = TypedForm(request.GET)
    typed = form.cleaned_data["q"] if form.is_valid() else ""
    found = suggested(typed, language, at)
    said = ngettext(
        "%(count)s suggestion. Use the arrow keys to choose.",
        "%(count)s suggestions. Use the arrow keys to choose.",
        len(found),
    )
    answer = {
        "said": said % {"count": len(found)} if found else _("No suggestions."),
        "found": [suggestion._asdict() for suggestion in found],
    }
    response = JsonResponse(
        answer,
        status=200 if form.is_valid() else 400,
        json_dumps_params={"ensure_ascii": False},
    )
    response["X-Robots-Tag"] = "noindex"
    return response


def suggested(typed: str, language: str, at: datetime) -> list[Suggestion]:
    asked = search.Question.of(typed)
    if sum(len(word) for word in search.words(typed)) < FEWEST:
        return []
    known = CorrespondentName.objects.values_list("correspondent", "name")
    names = _names(search.words(typed), known, language, at)
    letters = _letters(asked.in_titles(), language, at)
    names = names[: max(NAMES, MOST - len(letters))]
    return [*names, *letters[: MOST - len(names)]]


def _names(
    typed: list[str], known: Iterable[tuple[int, str]], language: str, at: datetime
) -> list[Suggestion]:
    """Correspondents and countries with a listed letter, those with the most of them first."""
    countries = dict(CountryName.objects.choices(language))
    facets = {of_correspondent(pk) for pk, name in known if _begins(name, typed)}
    facets |= {of_country(code) for code, name in countries.items() if _begins(name, typed)}
    if not facets:
        return []
    there: Any = Listing.objects.listed(at).under(language, OuterRef("facet")).newest_first()  # type: ignore[arg-type]
    tally = Tally.objects.of_all().filter(language=language, facet__in=facets)
    listed = tally.alias(any=Subquery(there.values("edition")[:1])).filter(any__isnull=False)
    found = list(listed.order_by("-n", "facet").values_list("facet", flat=True)[:MOST])
    keys = [int(facet[1:]) for facet in found if facet.startswith(CORRESPONDENT)]
    people: Any = Correspondent.objects.named(language).in_bulk(keys) if keys else {}
    suggestions = []
    for facet in found:
        key = facet[1:]
        if facet.startswith(COUNTRY):
            address = reverse("country", args=[language, key])
            suggestions.append(Suggestion(countries[key], _("Country"), address))
        else:
            person = people[int(key)]
            address = reverse("correspondent", args=[language, person.slug])
            suggestions.append(Suggestion(person.name, _("Correspondent"), address))
    return suggestions


def _begins(name: str, typed: list[str]) -> bool:
    """Whether each word typed is the beginning of one of the name."""
    words = search.words(name)
    return all(any(word.startswith(begun) for word in words) for begun in typed)


def _letters(asked: search.Question, language: str, at: datetime) -> list[Suggestion]:
    rows = Listing.objects.listed(at).under(language).newest_first()
    if is_frequent(asked, language, FREQUENT):
        newest = rows.values("edition")[:WALKED]
        listed = Listing.objects.listed(at).under(language).newest_first()
        rows = listed.filter(edition__in=newest).also_saying(asked, language)
    else:
        rows = rows.saying(asked, language)
    editions: Any = Edition.objects.filter(pk__in=rows.values("edition")[:READ]).in_brief()
    found = [
        edition
        for edition in editions.newest_first()
        if search.stands_in(f"{edition.headline} {edition.letter.reference}", asked)
    ]
    return [
        Suggestion(
            edition.headline,
            f"{capfirst(edition.kind_name)} · {dates.day(edition.dated)}",
            edition.get_absolute_url(),
        )
        for edition in found[:MOST]
    ]
