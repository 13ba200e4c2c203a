"""The API of the sample office: whole, and as its own description has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import schemathesis
from django.conf import settings
from django.core import signals
from django.db import close_old_connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from schemathesis.specs.openapi.checks import positive_data_acceptance

from letters.models import Listing
from letters.public.api import api
from pressoffice.wsgi import application
from tests.sample import sample_office  # noqa: F401
from tests.test_api import ROOT, got, headlines

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_office"), pytest.mark.pages]


def test_every_letter_of_the_sample_office_is_told_of_in_every_language_it_has(citizen: Client):
    for language, _name in settings.LANGUAGES:
        listed = Listing.objects.listed(timezone.now()).under(language)
        met, address = [], f"{ROOT}/letters?language={language}&size=7"
        while address:
            page = citizen.get(address).json()
            met += [item["api"] for item in page["items"]]
            address = (page["next"] or "").removeprefix("http://testserver")
        assert len(met) == len(set(met)) == listed.count()
        for address in met[::5]:
            told = citizen.get(address.removeprefix("http://testserver")).json()
            assert told["language"] == language
            others = got(citizen, f"/letters/{told['reference']}")["texts"]
            assert {o["language"] for o in others} == {
                language,
                *(o["language"] for o in told["languages"]),
            }


@pytest.mark.parametrize(
    "query",
    [
        "?kind=reply&direction=sent&year=2026",
        "?country=XA&correspondent=elena-marovel",
        "?q=earthquake",
        "?year=2026&month=3",
    ],
)
def test_a_list_is_what_the_archive_shows(query: str, citizen: Client):
    archive = citizen.get(f"/en/letters/{query}").context["archive"]
    assert archive.letters
    assert headlines(citizen, query) == [letter.headline for letter in archive.letters]


def test_correspondents_countries_and_kinds_are_those_of_listed_letters(citizen: Client):
    people = {one["slug"]: one for one in got(citizen, "/correspondents?language=fr")}
    assert people["elena-marovel"]["letters"] > 5
    one = got(citizen, "/correspondents/elena-marovel?language=fr")
    assert one["offices"]
    places = {one["code"]: one for one in got(citizen, "/countries")}
    assert got(citizen, "/countries/XA")["name"] == places["XA"]["name"] == "Kelmark"
    letters = got(citizen, places["XA"]["letters_at"].split(ROOT)[1])["items"]
    assert len(letters) == places["XA"]["letters"]
    assert "reply" in {one["code"] for one in got(citizen, "/kinds")}
    now = timezone.now()
    for name, key in (("correspondents", "slug"), ("countries", "code"), ("kinds", "code")):
        here = [one[key] for one in got(citizen, f"/{name}")]
        assert sorted(one[key] for one in got(citizen, f"/{name}", now)) == sorted(here)
        assert got(citizen, f"/{name}", now - timedelta(days=9999)) == []


# --- Against its own description ---------------------------------------------------------------

schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
schema.app = application


@pytest.fixture
def connection_stays_open() -> Iterator[None]:
    """As Django's test client has it: the test's transaction is in this connection."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


def test_every_operation_is_described(citizen: Client):
    written = citizen.get(f"{ROOT}/openapi.json").json()
    assert written["openapi"].startswith("3.1")
    names = {reverse(f"api:{name}") for name in ("letters", "kinds", "countries")}
    assert names < set(written["paths"])
    for path, operations in written["paths"].items():
        operation = operations["get"]
        assert operation["description"], path
        assert set(operations) == {"get"}
        assert {"200", "400"} <= {str(status) for status in operation["responses"]}


@pytest.mark.usefixtures("connection_stays_open")
@schema.parametrize()
def test_whatever_is_asked_the_answer_is_one_that_the_description_has(case):
    # That a moment is past, or a day exists, no schema can say.
    case.call_and_validate(excluded_checks=[positive_data_acceptance])
