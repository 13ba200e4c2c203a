"""Readers and machines are told the same day of publication: when the letter was first public."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from lxml import etree

from letters.models import Edition
from tests.letters_at_stages import make_correction, make_draft, publish

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

ATOM = "{http://www.w3.org/2005/Atom}"
DAY = date(2024, 3, 9)


def told(citizen: Client, edition: Edition) -> dict[str, str]:
    """The day of publication as each of the site's voices names it."""
    here = edition.get_absolute_url()
    page = citizen.get(here).content.decode()
    (seen,) = re.findall(r">(?:First p|P)ublished</dt>\s*<dd>\s*<time datetime=\"(.*?)\"", page)
    (og,) = re.findall(r'"article:published_time" content="(.*?)"', page)
    (graph,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    feed = etree.fromstring(citizen.get("/en/feed.atom").content)
    history = citizen.get(f"{here}editions/").content.decode()
    first = history.rpartition("<h2>")[2]
    text = citizen.get(f"{here}letter.txt").content.decode()
    return {
        "page": seen,
        "og": og,
        "schema.org": json.loads(graph)["@graph"][0]["datePublished"],
        "atom": feed.findtext(f"{ATOM}entry/{ATOM}published"),
        "json": citizen.get("/en/feed.json").json()["items"][0]["date_published"],
        "history": re.findall(r'<time datetime="(.*?)"', first)[0],
        "text": re.findall(r"^(?:First p|P)ublished (.*?)(?:,|$)", text, re.MULTILINE)[0],
    }


def in_the_news(citizen: Client) -> list[str]:
    found = citizen.get("/sitemap-news.xml").content.decode()
    return re.findall("<news:publication_date>(.*?)</news:publication_date>", found)


def assert_all_say(found: dict[str, str], day: date) -> None:
    assert found.pop("text") == f"{day.day} {day:%B %Y}"
    assert {where: moment[:10] for where, moment in found.items()} == dict.fromkeys(
        found, day.isoformat()
    )


def test_a_letter_that_others_had_first_keeps_its_day_and_is_no_news(citizen: Any, clock: Any):
    edition = publish(make_draft(dated=DAY, first_published=DAY), clock)
    assert_all_say(told(citizen, edition), DAY)
    page = citizen.get(edition.get_absolute_url()).content.decode()
    assert f'"dateModified":"{DAY}"' in page
    assert in_the_news(citizen) == []
    clock.shift(timedelta(days=1))
    corrected = publish(make_correction(edition), clock)
    assert_all_say(told(citizen, corrected), DAY)
    assert in_the_news(citizen) == []


def test_a_letter_of_this_site_was_published_when_it_came_up_whatever_followed(
    citizen: Any, clock: Any
):
    edition = publish(make_draft(), clock)
    began = edition.live_from
    assert_all_say(told(citizen, edition), began.date())
    assert len(in_the_news(citizen)) == 1
    clock.shift(timedelta(days=3))
    corrected = publish(make_correction(edition), clock)
    assert_all_say(told(citizen, corrected), began.date())
    assert in_the_news(citizen) == []  # a correction is no news of today


def test_a_day_after_this_site_began_to_show_it_was_not_the_first(citizen: Any, clock: Any):
    edition = make_draft()
    later = edition.dated + timedelta(days=9)
    edition = publish(make_draft(first_published=later), clock)
    assert_all_say(told(citizen, edition), edition.live_from.date())
