"""Correspondents and countries: an index of each, and the page of one with its letters."""

from __future__ import annotations

from datetime import datetime
from math import log
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django_countries import countries as world

from letters import search
from letters.models import Correspondent, CountryName, Direction
from letters.models.listing import CORRESPONDENT, COUNTRY, of_correspondent, of_country
from letters.public import reading
from letters.public.archive import Archive
from letters.public.choices import languages_of, letters_of_each
from letters.public.views import page, show


@page
def correspondents(request: HttpRequest, language: str, at: datetime) -> HttpResponse:
    counts = letters_of_each(CORRESPONDENT, language, at)
    people: Any = Correspondent.objects.named(language).filter(pk__in=[int(pk) for pk in counts])
    by_initial: dict[str, list[Correspondent]] = {}
    for person in sorted(people, key=lambda person: search.words(person.name)):
        person.letters = counts[str(person.pk)][""]
        by_initial.setdefault(search.initial(person.name), []).append(person)
    return show(request, "letters/correspondents.html", {"by_initial": by_initial})


@page
def correspondent(request: HttpRequest, language: str, at: datetime, slug: str) -> HttpResponse:
    """The offices a correspondent held, and all letters from and to. Unlisted ones are unknown."""
    found = Archive(request.GET, language, at, correspondent=slug)
    person = found.person
    if person is None or not found.letters:
        raise Http404
    prefetch_related_objects([person], "appointments__titles")
    context = {
        "in_languages": _where_listed(request, of_correspondent(person.pk), at),
        "person": person,
        "archive": found,
        "appointments": reading.offices(person, language),
    }
    return show(request, "letters/correspondent.html", context)


@page
def countries(request: HttpRequest, language: str, at: datetime) -> HttpResponse:
    counts = letters_of_each(COUNTRY, language, at)
    most = max((n[""] for n in counts.values()), default=1)
    names = dict(CountryName.objects.choices(language))
    found = [
        {
            "code": code,
            "name": names.get(code, code),
            "letters": n[""],
            "sent": n[Direction.SENT],
            "received": n[Direction.RECEIVED],
            "shade": 1 + round(3 * log(n[""]) / (log(most) or 1)),
        }
        for code, n in sorted(
            counts.items(), key=lambda item: (search.words(names.get(item[0], item[0])), item[0])
        )
    ]
    # A state of this office's own invention, or beyond the list, is on no map.
    mapped = [country for country in found if country["code"] in dict(world)]
    return show(request, "letters/countries.html", {"countries": found, "mapped": mapped})


@page
def country(request: HttpRequest, language: str, at: datetime, code: str) -> HttpResponse:
    found = Archive(request.GET, language, at, country=code)
    if not found.letters:
        raise Http404
    context = {
        "in_languages": _where_listed(request, of_country(code), at),
        "code": code,
        "name": CountryName.objects.name_of(code, language),
        "archive": found,
    }
    return show(request, "letters/country.html", context)


def _where_listed(request: HttpRequest, facet: str, at: datetime) -> dict[str, str]:
    """This page in the languages in which it has any letters: elsewhere there is none."""
    there = languages_of(facet, at)
    return {code: url for code, url in reading.same_page(request).items() if code in there}
