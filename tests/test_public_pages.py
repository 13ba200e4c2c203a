"""The public pages: right answers, valid HTML, few queries."""

from __future__ import annotations

import re

import html5lib
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from letters.models import Edition
from letters.public.views import server_error
from tests import sample
from tests.sample import sample_office  # noqa: F401

pytestmark = pytest.mark.pages

STATUS = {
    "archive asked nonsense": 400,
    "withdrawn, text removed": 410,
    "no such page": 404,
    "letter in another language only": 404,
}
# Buttons that do nothing a link could do, and suggestions of what a search would find.
SCRIPTS = [f'<script src="/static/{name}.js" defer>' for name in ("letter", "suggest")]
# One more where there are photographs or a facsimile, and one where it was ever withdrawn.
MOST_QUERIES = {
    "letter": 5,
    "corrected letter": 5,
    "superseded text": 5,
    "withdrawn, text kept": 6,
    "front page": 3,
    "archive": 6,
    "archive of a kind and year": 6,
    "archive with nothing in it": 6,
    "correspondent": 8,
    "search that finds": 9,
    "search that finds nothing": 12,
}


@pytest.mark.usefixtures("sample_office")
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_every_kind_of_page_answers_rightly_in_valid_html_and_few_queries(
    language: str, citizen: Client
) -> None:
    for kind, address in sample.pages(language).items():
        with CaptureQueriesContext(connection) as queries:
            response = citizen.get(address)
        assert response.status_code == STATUS.get(kind, 200), kind
        assert len(queries) <= MOST_QUERIES.get(kind, 6), (kind, [q["sql"] for q in queries])
        page = response.content.decode()
        html5lib.HTMLParser(strict=True).parse(page)
        assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
        assert " style=" not in page, kind
        # What is for machines is no script: a browser does not run it.
        for allowed in ('<script type="application/ld+json">', *SCRIPTS):
            page = page.replace(allowed, "")
        assert "<script" not in page, kind


@pytest.mark.usefixtures("sample_office")
@pytest.mark.parametrize("language", ["en", "es", "ru", "az", "ar"])
def test_of_all_languages_only_arabic_runs_from_right_to_left(
    language: str, citizen: Client
) -> None:
    page = citizen.get(sample.address("auremont-summit-invitation-2026", language))
    assert set(re.findall(r'lang="(\w+)" dir="rtl"', page.content.decode())) == {"ar"}


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_letters(citizen: Client) -> None:
    def asked() -> dict[str, int]:
        letter = Edition.objects.filter(language="en", live_until=None).order_by("-pk")[0]
        address_of_a_letter = letter.get_absolute_url()
        counts = {}
        for address in ("/en/letters/", "/en/letters/?direction=sent", "/en/", "/en/countries/"):
            with CaptureQueriesContext(connection) as queries:
                citizen.get(address)
            counts[address] = len(queries)
        with CaptureQueriesContext(connection) as queries:
            assert citizen.get(address_of_a_letter).status_code == 200
        return {**counts, "letter": len(queries)}

    call_command("seed_letters", 60, verbosity=0)
    few = asked()
    call_command("seed_letters", 1500, "--seed", "2", verbosity=0)
    assert asked() == few
    assert few["letter"] <= MOST_QUERIES["letter"]
    assert max(few.values()) <= 6


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_letters() -> None:
    def seeded(seed: int) -> list[str]:
        before = set(Edition.objects.values_list("pk", flat=True))
        call_command("seed_letters", 40, "--seed", seed, verbosity=0)
        made = Edition.objects.exclude(pk__in=before).order_by("pk")
        return list(made.values_list("digest", flat=True))

    assert seeded(1) == seeded(1) != seeded(2)


@pytest.mark.usefixtures("sample_office")
def test_the_archive_is_walked_from_end_to_end_and_back_meeting_each_letter_once(
    citizen: Client,
) -> None:
    def walk(query: str, way: str) -> list[int]:
        seen: list[int] = []
        for _page in range(20):
            archive = citizen.get(f"/en/letters/{query}").context["archive"]
            page = [edition.pk for edition in archive.letters]
            seen = seen + page if way == "older" else page + seen
            last, query = query, getattr(archive, way)
            if not query:
                ends.append(last)
                return seen
        raise AssertionError("the archive has no end")

    ends: list[str] = []
    forwards = walk("", "older")
    assert len(forwards) == len(set(forwards)) > 20
    assert walk(ends[0], "newer") == forwards


@pytest.mark.usefixtures("sample_office")
def test_filters_combine_and_each_can_be_removed(citizen: Client) -> None:
    archive = citizen.get("/en/letters/?kind=reply&direction=sent&year=2026").context["archive"]
    assert archive.letters
    for edition in archive.letters:
        assert (edition.kind.code, edition.letter.direction) == ("reply", "sent")
        assert edition.dated.year == 2026
    assert [f["name"] for f in archive.filters] == ["kind", "direction", "year"]
    assert "kind=" not in archive.filters[0]["without"]
    assert "year=2026" in archive.filters[0]["without"]


@pytest.mark.usefixtures("sample_office")
@pytest.mark.parametrize(
    "query",
    [
        "?year=99999999999999999999",
        "?before=2026-02-31.5",
        "?after=x",
        "?before=0000-00-00.0",
        "?country=%00",
        "?q=%00",
        "?q=%F0%9F%92%A9&kind=%22%3E%3Cscript%3E",
        "?kind=no-such-kind",
        "?correspondent=nobody&country=ZZ",
        "?direction=sideways",
        "?q=" + "x" * 3000,
        "?before=2026-01-01.999999999999999999999999",
    ],
)
def test_nothing_asked_of_the_archive_or_its_feed_is_a_server_error(
    query: str, citizen: Client
) -> None:
    for page in ("letters/", "feed.atom", "correspondents/elena-marovel/", "countries/XA/"):
        assert citizen.get(f"/en/{page}{query}").status_code in (200, 400, 404)


@pytest.mark.usefixtures("sample_office")
def test_a_wrong_or_missing_slug_redirects_to_the_letter(citizen: Client) -> None:
    address = sample.address("auremont-summit-invitation-2026", "en")
    reference = sample.letter("auremont-summit-invitation-2026").reference
    for wrong in (f"/en/letters/{reference}/", f"/en/letters/{reference}/something-else/"):
        response = citizen.get(wrong)
        assert (response.status_code, response["Location"]) == (302, address)
    assert citizen.get(f"/r/{reference}")["Location"] == f"/en/letters/{reference}/"
    arabic = citizen.get(f"/r/{reference}", headers={"accept-language": "ar"})
    assert arabic["Location"] == f"/ar/letters/{reference}/"


@pytest.mark.usefixtures("sample_office")
def test_the_root_leads_to_the_visitors_language(citizen: Client) -> None:
    assert citizen.get("/")["Location"] == "/en/"
    response = citizen.get("/", headers={"accept-language": "fr-CH, de;q=0.8"})
    assert response["Location"] == "/fr/"
    assert "Accept-Language" in response["Vary"]


@pytest.mark.usefixtures("sample_office")
def test_a_removed_letter_is_gone_with_its_reason_and_none_of_its_words(citizen: Client) -> None:
    edition = Edition.objects.get(letter=sample.letter("altymar-anniversary-2026"))
    address = edition.get_absolute_url()
    page = citizen.get(address)
    assert page.status_code == 410
    assert page["Cache-Control"].startswith("public, max-age=0, s-maxage=1")
    withdrawal = edition.letter.withdrawals.get()
    assert withdrawal.public_reason in page.content.decode()
    for kind in ("", "letter.txt", "editions/"):
        response = citizen.get(address + kind)
        assert response.status_code == 410
        for paragraph in edition.paragraphs:
            assert paragraph not in response.content.decode()


@pytest.mark.usefixtures("sample_office")
def test_a_withdrawn_text_that_is_kept_stays_at_its_address_and_leaves_every_list(
    citizen: Client,
) -> None:
    edition = Edition.objects.get(
        letter=sample.letter("glacier-conference-invitation-2026"), language="en"
    )
    page = citizen.get(edition.get_absolute_url()).content.decode()
    assert edition.letter.withdrawals.get(language="en").public_reason in page
    assert edition.headline in page
    for listing in ("/en/", "/en/letters/?q=glacier", "/en/feed.atom", "/sitemap-en-2026.xml"):
        assert edition.headline not in citizen.get(listing).content.decode()


@pytest.mark.usefixtures("sample_office")
def test_related_letters_are_at_most_four_other_listed_ones_the_exchange_first(
    citizen: Client,
) -> None:
    reply = Edition.objects.get(letter=sample.letter("diambura-rivers-reply-2025"), language="en")
    listed = set(Edition.objects.listed(timezone.now()).values_list("pk", flat=True))
    related = citizen.get(reply.get_absolute_url()).context["related"]
    assert 0 < len(related) <= 4
    assert reply.letter_id not in {other.letter_id for other in related}
    assert {other.pk for other in related} <= listed
    assert {other.language for other in related} == {"en"}
    kinship = [
        reply.letter_id == other.letter.in_reply_to_id
        or reply.letter.in_reply_to_id in (other.letter_id, other.letter.in_reply_to_id)
        for other in related
    ]
    assert kinship == sorted(kinship, reverse=True)


@pytest.mark.usefixtures("sample_office")
def test_a_letter_is_there_as_plain_text_too(citizen: Client) -> None:
    address = sample.address("auremont-summit-invitation-2026", "en")
    response = citizen.get(f"{address}letter.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.content.decode().splitlines()
    assert any(line.startswith("> ") for line in lines)
    text = " ".join(" ".join(line.removeprefix(">") for line in lines).split())
    edition = Edition.objects.get(
        letter=sample.letter("auremont-summit-invitation-2026"), language="en"
    )
    for paragraph in edition.paragraphs:
        assert " ".join(paragraph.split()) in text
    assert "<p>" not in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/robots.txt",
        "/humans.txt",
        "/.well-known/security.txt",
        "/sitemap.xml",
        "/sitemap-pages.xml",
        "/sitemap-news.xml",
        "/sitemap-en-2026.xml",
        "/healthz",
        "/readyz",
    ],
)
def test_machines_are_answered(address: str, citizen: Client) -> None:
    assert citizen.get(address).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/en/", "/en/letters/", "/robots.txt", "/"])
def test_the_public_site_only_reads(address: str, citizen: Client) -> None:
    assert citizen.post(address).status_code == 405


def test_a_server_error_page_needs_no_database() -> None:
    response = server_error(RequestFactory().get("/fr/letters/"))
    assert response.status_code == 500
    assert b'lang="fr"' in response.content


def test_while_the_database_is_away_whoever_sent_a_form_is_told_to_send_it_again() -> None:
    try:
        raise OperationalError
    except OperationalError:
        response = server_error(RequestFactory().post("/admin/letters/edition/1/change/"))
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "was not saved" in response.content.decode()
