"""The API: what the pages show, for machines; as it was; and a clear problem for anything else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from letters import workflow
from letters.models import Edition, Party, Role
from letters.public.archive import ArchiveForm
from letters.public.asking import Filters
from tests.letters_at_stages import (
    make_correction,
    make_correspondent,
    make_edition,
    person,
    publish,
    schedule,
    withdraw,
)

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

ROOT = "/api/v1"


def got(client: Client, address: str, at: Any = None, status: int = 200) -> Any:
    if at is not None:
        address += ("&" if "?" in address else "?") + f"at={quote(at.isoformat())}"
    response = client.get(ROOT + address)
    assert response.status_code == status, (address, response.content)
    return response.json()


def headlines(client: Client, query: str = "", at: Any = None) -> list[str]:
    return [item["headline"] for item in got(client, f"/letters{query}", at)["items"]]


# --- What it tells -----------------------------------------------------------------------------


def test_a_text_has_every_fact_that_its_page_shows(citizen, clock):
    edition = make_edition(clock=clock, notes="For editors.", press_contact="+1 555")
    corrected = publish(make_correction(edition, body="<p>A <em>better</em> text.</p>"), clock)
    reference = edition.letter.reference
    told = got(citizen, f"/letters/{reference}/en")
    signed = citizen.get(f"{corrected.get_absolute_url()}letter.json").json()
    for name in ("headline", "summary", "place", "salutation", "closing", "notes", "form"):
        assert told[name] == signed["letter"][name] == getattr(corrected, name)
    assert told["body_html"] == "<p>A <em>better</em> text.</p>"
    assert told["body_text"] == "A better text."
    assert told["published"] == edition.live_from.isoformat()
    assert told["live_from"] == corrected.live_from.isoformat()
    assert told["correction_note"] == corrected.correction_note
    assert told["check_code"] == signed["check_code"]
    now, then = told["editions"]
    assert (now["number"], now["live_until"]) == (2, None)
    assert (now["statement"], now["signature"]) == (signed["statement"], signed["signature"])
    assert (then["number"], then["digest"]) == (1, now["statement"]["earlier"])
    assert then["live_until"] == now["live_from"]
    for address in (told["address"], told["pdf"], told["plain"], told["signed"], then["address"]):
        assert citizen.get(address.removeprefix("http://testserver")).status_code == 200


def test_the_api_takes_the_parameters_of_the_archive():
    ways = {"after"}  # back to newer letters, which a program has met
    assert set(Filters.model_fields) == set(ArchiveForm().fields) - ways | {
        "language",
        "at",
        "size",
    }


def test_the_number_of_queries_does_not_grow_with_the_letters(citizen: Client):
    def asked() -> dict[str, int]:
        newest = Edition.objects.filter(language="en", live_until=None).order_by("-pk")
        text = f"/letters/{newest[0].letter.reference}"
        now = quote(timezone.now().isoformat())
        counts = {}
        for address in (
            *("/letters?size=100", "/letters?direction=sent", f"/letters?at={now}"),
            *("/correspondents", "/countries", "/kinds", f"/correspondents?at={now}"),
            *(text, f"{text}/en", f"{text}/en?at={now}"),
        ):
            with CaptureQueriesContext(connection) as queries:
                got(citizen, address)
            counts[re.sub(r"\d{4}-\d+|at=.*", "", address)] = len(queries)
        return counts

    call_command("seed_letters", 20, verbosity=0)
    few = asked()
    call_command("seed_letters", 200, "--seed", "2", verbosity=0)
    assert asked() == few
    assert few["/letters//en"] <= 7
    assert max(few.values()) <= 7, few


# --- As it was ---------------------------------------------------------------------------------


def test_a_past_moment_is_told_as_it_was(citizen, clock):
    before = timezone.now()
    clock.shift(60)
    first = make_edition(clock=clock, headline="First words")
    clock.shift(60)
    second = publish(make_correction(first, headline="Second words"), clock)
    reference = first.letter.reference
    clock.shift(60)
    assert headlines(citizen, at=before) == []
    assert headlines(citizen, at=first.live_from) == ["First words"]
    assert headlines(citizen, at=second.live_from) == headlines(citizen) == ["Second words"]
    got(citizen, f"/letters/{reference}/en", before, status=404)
    then = got(citizen, f"/letters/{reference}/en", first.live_from)
    assert then["headline"] == "First words"
    assert [(e["number"], e["live_until"]) for e in then["editions"]] == [(1, None)]


def test_what_is_removed_now_is_told_of_no_moment(citizen, clock):
    asked = make_edition(clock=clock, headline="Removed", direction="received")
    answer = workflow.start(
        by=person("drafter"),
        direction="sent",
        language="en",
        in_reply_to=asked.letter,
        facts={
            name: getattr(asked, name)
            for name in ("kind", "summary", "letter_language", "dated", "body")
        }
        | {"headline": "An answer"},
        parties=[Party(role=Role.SENDER, name="M."), Party(role=Role.ADDRESSEE, name="T.")],
    )
    answer = publish(answer, clock)
    there, both = timezone.now(), ["An answer", "Removed"]
    here = f"/letters/{asked.letter.reference}"
    replied = f"/letters/{answer.letter.reference}/en"
    clock.shift(60)
    assert headlines(citizen, at=there) == both
    assert got(citizen, replied, there)["answers"]["headline"] == "Removed"
    asked = withdraw(asked, "removed", clock, reason="Sent in error.")
    clock.shift(60)
    assert headlines(citizen, at=there) == ["An answer"]
    assert got(citizen, replied, there)["answers"] is None
    for address in (here, f"{here}/en"):
        problem = got(citizen, address, there, status=410)
        assert problem["withdrawn"][0]["reason"] == "Sent in error."
        assert "Removed" not in json.dumps(problem)
    gone = timezone.now()
    clock.shift(60)
    workflow.restore(Edition.objects.get(pk=asked.pk), by=person("publisher"))
    clock.shift(60)
    assert headlines(citizen, at=there) == headlines(citizen) == both
    assert headlines(citizen, at=gone) == ["An answer"]
    got(citizen, f"{here}/en", gone, status=410)


def test_the_text_of_a_kept_letter_is_under_its_notice_and_a_moved_one_leads_on(citizen, clock):
    kept = withdraw(make_edition(clock=clock), "kept", clock, reason="Under review.")
    told = got(citizen, f"/letters/{kept.letter.reference}/en")
    assert told["withdrawal"]["reason"] == "Under review."
    assert headlines(citizen) == []
    other = make_edition(clock=clock, headline="Another")
    moved = withdraw(make_edition(clock=clock), "moved", clock, moved_to=other.letter)
    response = citizen.get(f"{ROOT}/letters/{moved.letter.reference}/en")
    assert response.status_code == 302
    assert response["Location"] == f"{ROOT}/letters/{other.letter.reference}/en"
    assert response["Cache-Control"] == "no-store"


def test_a_correction_to_come_is_not_told_of(citizen, clock):
    edition = make_edition(clock=clock)
    before = got(citizen, f"/letters/{edition.letter.reference}/en")
    schedule(make_correction(edition))
    assert got(citizen, f"/letters/{edition.letter.reference}/en") == before


@pytest.mark.parametrize("at", ["", "now", "2026-11-09", "2026-11-09T09:00:00", "2999-01-01T0:0Z"])
def test_what_is_no_past_moment_is_refused(at, citizen):
    (wrong,) = got(citizen, f"/letters?at={at}", status=400)["errors"]
    assert wrong["name"] == "at"


# --- How it answers ----------------------------------------------------------------------------

ADDRESSES = ["/letters", "/letters/2026-1", "/letters/2026-1/en", "/kinds", "/openapi.json"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_anybody_asks_from_every_site_and_once_again_for_nothing(address, citizen, clock):
    make_edition(clock=clock)
    response = citizen.get(ROOT + address)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "no-cache"
    assert not response.cookies
    again = citizen.get(ROOT + address, headers={"if-none-match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = citizen.head(ROOT + address)
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == response["Content-Length"]
    refused = citizen.post(ROOT + address)
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 404),
        ("/nowhere", 404),
        ("/letters/2026-1/e%0An", 404),
        ("/letters/2026-1", 404),
        ("/letters/%00", 404),
        ("/letters/2026-1/xx", 404),
        ("/countries/xa", 404),
        ("/correspondents/nobody", 404),
        ("/letters?colour=red", 400),
        ("/letters?language=xx", 400),
        ("/letters?q=%00", 400),
        ("/letters?month=3", 400),
        ("/letters?before=2026-02-31.5", 400),
        ("/letters?size=101", 400),
        ("/letters?year=99999999999999999999", 400),
    ],
)
def test_a_problem_says_what_is_wrong_and_is_not_kept(address, status, citizen):
    response = citizen.get(ROOT + address, headers={"accept-language": "fr"})
    problem = response.json()
    assert (response.status_code, problem["status"]) == (status, status)
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert bool(problem["errors"]) == (status == 400)


def test_the_page_about_the_api_tells_what_it_answers(citizen, clock):
    tomas = make_correspondent("tomas-reyk", {"en": "Tomas Reyk"})
    make_edition(
        clock=clock,
        parties=[
            Party(role=Role.SENDER, name="Mira Halden", country="XV"),
            Party(role=Role.ADDRESSEE, correspondent=tomas, name="Tomas Reyk", country="XO"),
        ],
    )
    page = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text(encoding="utf-8")
    for address in re.findall(r"`(/api/v1/[^`]+)`", page):
        assert citizen.get(address).status_code == 200, address
    examples = re.findall(
        r"curl 'https://press\.example\.org(.+?)'\n\n```json\n(.+?)```", page, re.S
    )
    assert len(examples) >= 4
    for address, printed in examples:
        told = citizen.get(address).content.decode()
        told = told.replace("http://testserver", "https://press.example.org")
        assert_within(json.loads(printed), json.loads(told), address)


def assert_within(part: Any, whole: Any, where: str) -> None:
    if isinstance(part, dict):
        for name, value in part.items():
            assert_within(value, whole[name], f"{where} {name}")
    elif isinstance(part, list):
        assert len(part) == len(whole), where
        for one, other in zip(part, whole, strict=True):
            assert_within(one, other, where)
    else:
        assert part == whole, where
