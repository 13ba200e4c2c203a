"""Feeds and what else is there for machines: whole, walked once, and true to the moment."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from letters import renditions, workflow
from letters.models import Edition, Kind, Office, Party, Role
from tests.letters_at_stages import (
    make_correction,
    make_correspondent,
    make_draft,
    make_edition,
    person,
    publish,
    schedule,
    withdraw,
)

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def atom(citizen: Client, address: str) -> ElementTree.Element:
    response = citizen.get(address)
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)  # noqa: S314


def entries(feed: ElementTree.Element) -> list[str]:
    return [entry.findtext(f"{ATOM}id", "") for entry in feed.iter(f"{ATOM}entry")]


def link(feed: ElementTree.Element, rel: str) -> str:
    found = [one.get("href", "") for one in feed.findall(f"{ATOM}link") if one.get("rel") == rel]
    return found[0].removeprefix("http://testserver") if found else ""


@pytest.mark.parametrize("query", ["", "?direction=received"])
def test_walking_a_feed_meets_every_letter_once(query, citizen):
    call_command("seed_letters", 130, verbosity=0)
    listed = Edition.objects.listed(timezone.now()).filter(language="en")
    if query:
        listed = listed.filter(letter__direction="received")
    met: list[str] = []
    address = f"/en/feed.atom{query}"
    while address:
        page = atom(citizen, address)
        met += entries(page)
        assert link(page, "first") == f"/en/feed.atom{query}"
        address = link(page, "next")
    assert len(met) == len(set(met)) == listed.count()
    met = []
    address = f"/en/feed.json{query}"
    while address:
        page = citizen.get(address).json()
        met += [item["id"] for item in page["items"]]
        address = page.get("next_url", "").removeprefix("http://testserver")
    assert len(met) == len(set(met)) == listed.count()


def test_an_entry_has_the_whole_text_and_both_moments(citizen, clock):
    edition = make_edition(clock=clock)
    clock.shift(3600)
    corrected = publish(make_correction(edition, body="<p>A better text.</p>"), clock)
    make_edition(clock=clock)
    feed = atom(citizen, "/en/feed.atom")
    _newer, entry = feed.iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}content") == "<p>A better text.</p>"
    assert entry.findtext(f"{ATOM}published") == edition.live_from.isoformat()
    assert entry.findtext(f"{ATOM}updated") == corrected.live_from.isoformat()
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    item = citizen.get("/en/feed.json").json()["items"][1]
    assert item["content_html"] == "<p>A better text.</p>"
    assert item["date_published"] == edition.live_from.isoformat()
    assert item["date_modified"] == corrected.live_from.isoformat()


def test_a_correction_and_a_return_bring_an_old_letter_to_the_front(citizen, clock):
    first = make_edition(clock=clock, headline="First")
    make_edition(clock=clock, headline="Second")
    make_edition(clock=clock, headline="Third")
    assert titles(citizen) == ["Third", "Second", "First"]
    publish(make_correction(first, headline="First again"), clock)
    assert titles(citizen) == ["First again", "Third", "Second"]
    second = Edition.objects.get(headline="Second")
    workflow.restore(withdraw(second, "kept", clock), by=person("publisher"))
    clock.shift(1)
    assert titles(citizen) == ["Second", "First again", "Third"]


def titles(citizen: Client, query: str = "") -> list[str]:
    return [item["title"] for item in citizen.get(f"/en/feed.json{query}").json()["items"]]


def test_a_withdrawal_is_told_by_reference_and_reason_to_those_it_concerns(citizen, clock):
    condolence = Kind.objects.get(code="condolence")
    edition = make_edition(clock=clock, kind=condolence)
    withdraw(edition, "removed", clock, reason="Sent in error.")
    reference = edition.letter.reference
    assert (
        titles(citizen) == titles(citizen, "?kind=condolence") == [f"Withdrawn: letter {reference}"]
    )
    assert titles(citizen, "?kind=reply") == []
    (item,) = citizen.get("/en/feed.json").json()["items"]
    assert item["content_text"] == "Sent in error."
    assert item["id"] == f"http://testserver/en/letters/{reference}/"
    clock.shift(31 * 24 * 3600)
    assert titles(citizen) == []


@pytest.mark.parametrize("name", ["feed.atom", "feed.json"])
@pytest.mark.parametrize(
    "query", ["?older=x", "?older=99999999999999999.1", "?year=never", "?older=9999999999999999.1"]
)
def test_a_feed_asked_nonsense_says_so(name, query, citizen):
    assert citizen.get(f"/en/{name}{query}").status_code in (200, 400)
    assert citizen.get(f"/en/{name}?older=x").status_code == 400


def test_a_feed_takes_five_queries_at_most(citizen):
    call_command("seed_letters", 60, verbosity=0)
    for address in ("/en/feed.atom", "/en/feed.json?direction=sent"):
        with CaptureQueriesContext(connection) as queries:
            citizen.get(address)
        assert len(queries) <= 5


# --- Sitemaps ----------------------------------------------------------------------------------


def locations(citizen: Client, address: str) -> list[str]:
    found = ElementTree.fromstring(citizen.get(address).content)  # noqa: S314
    return [
        (one.text or "").removeprefix("http://testserver") for one in found.iter(f"{SITEMAP}loc")
    ]


def test_from_the_index_of_sitemaps_every_letter_and_page_is_reached(citizen, clock):
    today = timezone.localdate()
    mira = make_correspondent("mira-halden", {"en": "Mira Halden"})
    parties = [
        Party(role=Role.SENDER, correspondent=mira, name="Mira Halden", country="XV"),
        Party(role=Role.ADDRESSEE, name="Tomas Reyk", country="XO"),
    ]
    old = make_edition(clock=clock, dated=today - timedelta(days=400), parties=parties)
    new = make_edition(clock=clock)
    coming = schedule(make_draft())
    index = locations(citizen, "/sitemap.xml")
    assert "/sitemap-en-2026.xml" in index
    reached = {address for sitemap in index for address in locations(citizen, sitemap)}
    assert {old.get_absolute_url(), new.get_absolute_url()} < reached
    assert {
        "/en/",
        "/fr/letters/",
        "/en/countries/XO/",
        "/en/correspondents/mira-halden/",
    } < reached
    assert coming.get_absolute_url() not in reached
    for address in reached:
        assert citizen.get(address).status_code == 200, address
    clock.move_to(coming.live_from)
    assert coming.get_absolute_url() in locations(citizen, "/sitemap-news.xml")
    clock.shift(3 * 24 * 3600)
    assert locations(citizen, "/sitemap-news.xml") == []


def test_security_txt_says_whom_to_tell_and_until_when(citizen, settings):
    settings.PRESSOFFICE_SECURITY_CONTACT = "https://press.example.org/security"
    text = citizen.get("/.well-known/security.txt").content.decode()
    assert "Contact: https://press.example.org/security\n" in text
    assert re.search(r"^Expires: \d{4}-\d\d-\d\dT", text, re.MULTILINE)


# --- Of one letter -----------------------------------------------------------------------------


def test_a_letter_describes_itself_to_machines(citizen, clock):
    Office.objects.create(language="en", name="Office of the President")
    asked = make_edition(clock=clock, direction="received")
    answer = workflow.start(
        by=person("drafter"),
        direction="sent",
        language="en",
        in_reply_to=asked.letter,
        facts={
            name: getattr(asked, name)
            for name in ("kind", "summary", "letter_language", "dated", "body")
        }
        | {"headline": "Reply </script><b>"},
        parties=[
            Party(role=Role.SENDER, name="Mira Halden", title="President", country_name="Valdora"),
            Party(role=Role.ADDRESSEE, name="Tomas Reyk", title="King", country_name="Ostmark"),
        ],
    )
    answer = publish(answer, clock)
    corrected = publish(make_correction(answer), clock)
    page = citizen.get(corrected.get_absolute_url()).content.decode()
    (written,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    article, message = json.loads(written)["@graph"]
    assert article["@type"] == "NewsArticle"
    assert article["headline"] == "Reply </script><b>"
    assert article["datePublished"] == answer.live_from.isoformat()
    assert article["dateModified"] == corrected.live_from.isoformat()
    assert article["correction"]["@type"] == "CorrectionComment"
    assert article["mainEntity"]["@id"] == message["@id"]
    assert message["@id"] == f"http://testserver/r/{answer.letter.reference}"
    assert [sender["name"] for sender in message["sender"]] == ["Mira Halden"]
    assert [party["jobTitle"] for party in message["recipient"]] == ["King"]
    assert message["about"] == [{"@type": "Country", "name": "Ostmark"}]
    assert message["isBasedOn"]["@id"] == f"http://testserver/r/{asked.letter.reference}"


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_letter_has_a_card_for_where_its_address_is_shared(language, citizen, clock):
    edition = make_edition(clock=clock, language=language, headline="تهنئة إلى ملك أوستمارك 2026")
    page = citizen.get(edition.get_absolute_url()).content.decode()
    (address,) = re.findall(r'property="og:image" content="http://testserver([^"]+)"', page)
    response = citizen.get(address)
    assert response["Content-Type"] == "image/png"
    assert response.getvalue().startswith(b"\x89PNG")
    again = citizen.get(address, headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304
    coming = schedule(make_draft())
    assert citizen.get(f"{coming.get_absolute_url()}card.png").status_code == 404


def test_a_card_is_drawn_in_every_script_and_none_of_it_falls_off():
    for headline in ("Word " * 80, "Qarabağ Ёлка Élysée", "رسالة إلى President Marovel", "x" * 200):
        drawn = renditions.Card("Kind", headline, "1 May", "Office", False)
        _name, path = renditions.card(drawn, of="0" * 64)
        with default_storage.open(path) as opened, Image.open(opened) as image:
            assert image.size == (1200, 630)


def test_the_languages_of_a_letter_point_at_each_other(citizen, clock):
    english = make_edition(clock=clock)
    french = workflow.translate(english, "fr", by=person("drafter"))
    with workflow.drafting(french, by=person("drafter")) as draft:
        draft.headline, draft.summary, draft.body = "Titre", "Résumé", english.body
        draft.save()
        draft.parties.update(name="Nom", title="Titre")
    french = publish(Edition.objects.get(pk=french.pk), clock)

    def alternates(edition: Edition) -> dict[str, str]:
        page = citizen.get(edition.get_absolute_url()).content.decode()
        return dict(re.findall(r'rel="alternate" hreflang="([\w-]+)" href="([^"]+)"', page))

    assert alternates(english) == alternates(french)
    assert set(alternates(english)) == {"en", "fr", "x-default"}
    for address in alternates(english).values():
        assert citizen.get(address, follow=True).status_code == 200
