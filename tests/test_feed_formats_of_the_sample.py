"""Every feed of the sample office, of the whole site and of filters, in its format."""

from __future__ import annotations

import pytest

from letters.public import feeds
from tests import sample
from tests.feed_formats import ATOM, read, read_json, walk
from tests.sample import sample_office  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

QUERIES = (
    "",
    "?kind=condolence",
    "?direction=received&year=2026",
    "?correspondent=elena-marovel",
    "?country=XA",
    "?q=lake",
    "?kind=reply&year=1700",  # which nothing matches
    "?unknown=%26%3C%22",
)


@pytest.mark.usefixtures("sample_office")
@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "az", "ar"])
def test_every_feed_of_the_sample_office_is_as_rfc_4287_has_it(language, citizen):
    for query in QUERIES:
        for feed in walk(citizen, f"/{language}/feed.atom{query}"):
            assert len(feed.findall(f"{ATOM}entry")) <= feeds.ENTRIES
    assert read(citizen, f"/{language}/feed.atom").find(f"{ATOM}entry") is not None


@pytest.mark.usefixtures("sample_office")
def test_a_withdrawn_letter_is_one_entry_of_its_feed(citizen):
    reference = sample.letter("glacier-conference-invitation-2026").reference
    feed = read(citizen, "/en/feed.atom?kind=invitation")
    told = [found for found in feed.iter(f"{ATOM}id") if f"/{reference}/" in found.text]
    assert len(told) == 1


@pytest.mark.usefixtures("sample_office")
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_feed_of_the_sample_office_is_as_json_feed_1_1_has_it(language, citizen):
    for query in QUERIES:
        address = f"/{language}/feed.json{query}"
        while address:
            feed = read_json(citizen, address)
            assert feed["language"] == language
            address = feed.get("next_url", "").removeprefix("http://testserver")
    assert read_json(citizen, f"/{language}/feed.json")["items"]
