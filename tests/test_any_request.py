"""Whatever is asked of whatever public address: a right answer, and no cached mistake.

The addresses are those of `letters.public.urls`; a new one is tried without being named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLResolver
from hypothesis import given
from hypothesis import strategies as st

from letters.models import Edition
from letters.public import urls
from tests.sample import address, pages, sample_office  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_office"), pytest.mark.pages]

RIGHT = {200, 206, 301, 302, 304, 400, 403, 404, 405, 410, 416}


def routes(patterns: list[Any], start: str = "/") -> Iterator[str]:
    """Every address as it is written in the urlconf, with its parameters."""
    for pattern in patterns:
        route = start + pattern.pattern._route
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


ROUTES = sorted(routes(urls.urlpatterns))
LANGUAGES = [code for code, _name in settings.LANGUAGES]
# Bytes, as percent-escapes, that a database, a disk or a decoder may stumble over.
HOSTILE = st.one_of(
    st.sampled_from(
        ["%00", "%ff%fe", "%c0%af", "%ED%A0%80", "..", "%2e%2e%2f", "%0d%0aX:y", "%F0%9F%92%A9"]
        + ["'", '"><script>', "9" * 25, "9" * 5000, "-1", "٣", "e%CC%81", "a" * 3000, "%", "%zz"]
    ),
    st.binary(min_size=1, max_size=12).map(quote),
)
FITTING = {
    "language": st.sampled_from(LANGUAGES),
    "reference": st.sampled_from(["2026-1", "2026-9", "0000-0", "2026-999999999"]),
    "number": st.sampled_from(["0", "1", "2", "99999"]),
    "code": st.sampled_from(["XA", "XV", "ZZ"]),
    "slug": st.sampled_from(["elena-marovel", "any-words", "letter"]),
    "year": st.sampled_from(["0", "2026", "9999", "10000"]),
    "name": st.sampled_from([f"{'0' * 64}.jpg", "x.png"]),
}
NAMES = ["q", "kind", "country", "correspondent", "direction", "year", "month", "before", "after"]
NAMES += ["page", "older", "at", "reference", "code", "text", "address", "size", "language", "x"]
VALUES = st.sampled_from(
    ["", "1", "0", "-1", "2026", "reply", "XA", "elena-marovel", "sent", "2026-1", "AAAAA-AAAAA"]
    + ["2026-11-08.117", "1763978400000000.117", "0001-01-01.0", "9999-12-31.999999999999999999"]
    + ["2026-11-09T09:30:00Z", "0001-01-01T00:00:00%2B23:59", "%22a b%22", "a*", '"', "NEAR(a b)"]
)
HEADERS = {
    "accept-language": ["fr", "*", "x" * 600, "ar;q=9", "en-\xff", ";;;,,,"],
    "if-none-match": ["*", '"x"', 'W/"x", "y"', "x" * 3000, '"', "\xff"],
    "if-modified-since": ["Mon, 09 Nov 2026 09:30:00 GMT", "Mon, 99 Nov 9999", "yesterday", "\xff"],
    "range": ["bytes=0-99", "bytes=99-0", "bytes=-1", "lines=1", "bytes=" + "0-1," * 500],
    "accept": ["application/json", "*/*;q=x", "\xff"],
    "accept-encoding": ["br, gzip;q=0", "identity;q=0"],
    "cookie": ["django_language=../../x", "sessionid=\xff", "=;=;", "csrftoken="],
    "host": ["elsewhere.example", "testserver:99999", "testserver:x", "[::1", "a b", ""],
    "content-length": ["0", "x", "-1"],
    "x-forwarded-host": ["elsewhere.example"],
}
METHODS = ["GET"] * 6 + ["HEAD"] * 3 + ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "ODD"]


@st.composite
def asked(draw: Any) -> tuple[str, str, str, dict[str, str]]:
    route = draw(st.sampled_from(ROUTES))
    for parameter in re.findall(r"<[^>]+>", route):
        fitting = FITTING.get(parameter.strip("<>").split(":")[-1], HOSTILE)
        route = route.replace(parameter, draw(st.one_of(fitting, fitting, HOSTILE)), 1)
    pair = st.tuples(st.one_of(st.sampled_from(NAMES), HOSTILE), st.one_of(VALUES, HOSTILE))
    query = "&".join(f"{name}={value}" for name, value in draw(st.lists(pair, max_size=4)))
    chosen = draw(st.lists(st.sampled_from(sorted(HEADERS)), max_size=3, unique=True))
    headers = {name: draw(st.sampled_from(HEADERS[name])) for name in chosen}
    return draw(st.sampled_from(METHODS)), route, query, headers


@given(asked())
def test_whatever_is_asked_the_answer_is_right_and_a_mistake_is_not_kept(request: Any) -> None:
    method, path, query, headers = request
    client = Client()
    response = client.generic(method, f"{path}?{query}", headers=headers)
    assert response.status_code in RIGHT
    if response.status_code >= 400:
        assert re.search("no-store|no-cache", response["Cache-Control"])
    if method not in ("GET", "HEAD"):
        assert response.status_code >= 400 or "verify" in path
    if method == "HEAD":
        assert response.getvalue() == b""
        whole = client.get(f"{path}?{query}", headers=headers)
        assert whole.status_code == response.status_code
        for name in ("Content-Type", "Content-Length", "Location", "Cache-Control"):
            assert whole.get(name) == response.get(name), name


# --- What is asked as it should be -------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_has_not_changed_is_not_sent_again(language: str, citizen: Client) -> None:
    letter = address("auremont-summit-invitation-2026", language)
    kinds = {**pages(language), "text": f"{letter}letter.txt", "json": f"{letter}letter.json"}
    kinds |= {name: f"/{language}/{name}" for name in ("feed.atom", "feed.json", "record.atom")}
    if language == "en":
        kinds |= {"pdf": f"{letter}letter.pdf", "card": f"{letter}card.png"}
        kinds |= {name: f"/{name}" for name in ("sitemap.xml", "robots.txt", "api/v1/letters")}
    for kind, place in kinds.items():
        response = citizen.get(place)
        if response.status_code != 200 or response.get("Cache-Control") == "no-store":
            continue
        etag = response["ETag"]
        assert etag.startswith('"'), kind
        again = citizen.get(place, headers={"if-none-match": etag})
        assert (again.status_code, again.getvalue()) == (304, b""), kind
        other = citizen.get(place, headers={"if-none-match": '"another"'})
        assert other.status_code == 200, kind


def test_a_page_says_which_language_it_is_in_whatever_the_reader_prefers(citizen: Client) -> None:
    response = citizen.get("/fr/letters/", headers={"accept-language": "ar"})
    assert response["Content-Language"] == "fr"


@pytest.mark.parametrize("query", ["?q=zzzz", "?kind=thanks&year=1950"])
@pytest.mark.parametrize("page", ["letters", "search"])
def test_an_empty_result_says_what_to_try(page: str, query: str, citizen: Client) -> None:
    assert not Edition.objects.filter(headline__contains="zzzz").exists()
    response = citizen.get(f"/en/{page}/{query}")
    assert response.status_code == 200
    text = " ".join(response.content.decode().split())
    assert re.search(r"(?i)\b(try|remove|fewer|check|without|all letters)\b", text)
