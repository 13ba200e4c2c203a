"""Feeds of a site with nothing in it, with many pages, and of the record, in their formats."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.utils import timezone

from letters import record
from letters.models import Seal
from letters.public import seals
from tests.feed_formats import ATOM, read, read_json, walk
from tests.letters_at_stages import make_edition

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


def test_pages_of_a_feed_are_as_rfc_4287_has_them_and_share_one_id(citizen):
    call_command("seed_letters", 120, verbosity=0)
    pages = list(walk(citizen, "/en/feed.atom"))
    assert len(pages) == 3
    assert len({feed.findtext(f"{ATOM}id") for feed in pages}) == 1
    ids = [one.findtext(f"{ATOM}id") for feed in pages for one in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) == 120


def test_an_empty_site_has_feeds_all_the_same(citizen):
    for address in ("/en/feed.atom", "/en/record.atom"):
        assert read(citizen, address).find(f"{ATOM}entry") is None


def test_the_record_is_a_feed_as_rfc_4287_has_it(citizen, clock, monkeypatch):
    monkeypatch.setattr(seals, "ENTRIES", 2)
    for _day in range(5):
        make_edition(clock=clock)
        clock.shift(24 * 3600)
    record.seal(timezone.now())
    pages = list(walk(citizen, "/en/record.atom"))
    assert len(pages) == 3
    assert len({feed.findtext(f"{ATOM}id") for feed in pages}) == 1
    assert sum(len(feed.findall(f"{ATOM}entry")) for feed in pages) == Seal.objects.count() == 5


def test_pages_of_a_json_feed_are_as_version_1_1_has_them(citizen):
    call_command("seed_letters", 60, verbosity=0)
    first = read_json(citizen, "/en/feed.json")
    second = read_json(citizen, first["next_url"].removeprefix("http://testserver"))
    assert len(first["items"]) + len(second["items"]) == 60
    assert "next_url" not in second
