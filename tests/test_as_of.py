"""What was public when: `?at=` with a moment, for staff."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from letters import workflow
from letters.models import Edition
from tests.letters_at_stages import make_correction, make_edition, person, publish, withdraw
from tests.the_desk import signed_in, words

pytestmark = pytest.mark.django_db


def then(address: str, at: object) -> str:
    return f"{address}?{urlencode({'at': at})}"


def test_staff_see_letter_archive_and_front_page_as_they_stood(clock):
    before = timezone.now()
    clock.shift(60)
    first = make_edition(clock=clock, headline="First words")
    at_first = timezone.now()
    clock.shift(60)
    second = publish(make_correction(first, headline="Second words"), clock)
    at_second = timezone.now()
    clock.shift(60)
    withdraw(second, "removed", clock)
    clock.shift(60)
    client = signed_in(person("approver"))
    reference = first.letter.reference
    for page in (f"/en/letters/{reference}/", "/en/", "/en/letters/", "/en/feed.atom"):
        shown = {
            at: client.get(then(page, at.isoformat()), follow=True).content.decode()
            for at in (before, at_first, at_second, timezone.now())
        }
        for at, headline in ((at_first, "First words"), (at_second, "Second words")):
            assert headline in shown[at], (page, headline)
        assert "Second words" not in shown[at_first]
        for at in (before, timezone.now()):
            assert "First words" not in shown[at]
            assert "Second words" not in shown[at]
    page = client.get(then("/en/", at_first.isoformat()))
    assert "The site as it stood at" in words(page)
    assert (page["Cache-Control"], page["X-Robots-Tag"]) == ("private, no-store", "noindex")
    assert "The site as it stood at" not in words(client.get("/en/"))


def test_a_restored_letter_was_not_there_while_it_was_withdrawn(clock):
    edition = withdraw(make_edition(clock=clock), "removed", clock)
    during = timezone.now()
    clock.shift(60)
    workflow.restore(Edition.objects.get(pk=edition.pk), by=person("publisher"))
    clock.shift(60)
    client = signed_in(person("drafter"))
    address = edition.get_absolute_url()
    assert client.get(address).status_code == 200
    assert client.get(then(address, during.isoformat())).status_code == 410


@pytest.mark.parametrize(
    "at",
    [
        "",
        "now",
        "2026-11-09",
        "2026-11-09T09:00:00",
        "0001-01-01T00:00:00+23:59",
        "0001-01-01T00:00:00Z",
        "9" * 500,
        "\0",
    ],
)
def test_what_is_no_past_moment_is_refused(at, clock):
    answer = signed_in(person("drafter")).get(then("/en/", at))
    assert answer.status_code == 400
    assert answer["Cache-Control"] == "private, no-store"


def test_nobody_sees_the_future_and_the_public_no_other_moment(clock, citizen):
    edition = make_edition(clock=clock)
    clock.shift(60)
    ahead = (timezone.now() + timedelta(seconds=1)).isoformat()
    assert signed_in(person("superuser")).get(then("/en/", ahead)).status_code == 400
    for page in ("/en/", edition.get_absolute_url(), "/en/feed.atom"):
        for at in (timezone.now().isoformat(), ahead, "nonsense"):
            answer = citizen.get(then(page, at))
            assert answer.status_code == 403
            assert edition.headline not in words(answer)
            assert answer["Cache-Control"] == "private, no-store"


def test_a_plus_sign_of_a_time_zone_may_be_typed_as_it_is(clock):
    client = signed_in(person("drafter"))
    assert client.get("/en/?at=2026-11-09T00:00:00+00:00").status_code == 200
