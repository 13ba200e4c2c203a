"""Listings and the tally say what the editions say, at every moment."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from letters import workflow
from letters.models import Edition, Kind, Listing, Party, Role, Tally, triggers
from letters.models.listing import EVERY, cells, of_correspondent
from letters.public.choices import letters_of_each
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

pytestmark = pytest.mark.django_db


def listed(at: datetime) -> list[int]:
    rows = Listing.objects.listed(at).filter(facet=EVERY)
    return sorted(rows.values_list("edition", flat=True))


def as_editions_say(at: datetime) -> list[int]:
    return sorted(Edition.objects.listed(at).values_list("pk", flat=True))


def tally(at: datetime) -> Counter[tuple[str, int, str, int, str]]:
    """Every cell that is not nought, put right for that moment."""
    found: Counter[tuple[str, int, str, int, str]] = Counter()
    for row in Tally.objects.all():
        found[row.language, row.kind, row.direction, row.period, row.facet] += row.n
    for row in Listing.objects.off_the_tally(at).with_month():
        for cell in cells(row.kind_id, row.direction, row.month, row.facet):
            found[row.language, *cell] += row.n
    return Counter({cell: n for cell, n in found.items() if n})


def counted(at: datetime) -> Counter[tuple[str, int, str, int, str]]:
    """The same, from the editions and their parties."""
    found: Counter[tuple[str, int, str, int, str]] = Counter()
    for edition in Edition.objects.listed(at).select_related("letter"):
        ends = edition.parties.filter(role__in=("sender", "addressee"))
        facets = {""} | {f"c{party.country}" for party in ends if party.country}
        facets |= {f"l{edition.letter_language}"}
        facets |= {f"p{party.correspondent_id}" for party in ends if party.correspondent_id}
        month = edition.dated.year * 100 + edition.dated.month
        for facet in facets:
            for cell in cells(edition.kind_id, edition.letter.direction, month, facet):
                found[edition.language, *cell] += 1
    return found


def assert_right(*moments: datetime) -> None:
    for at in moments:
        assert listed(at) == as_editions_say(at), at
    assert tally(moments[-1]) == counted(moments[-1])


def test_every_verb_leaves_lists_and_counts_right_at_every_moment(clock):
    start = timezone.now()
    publisher = person("publisher")
    first = make_edition(clock=clock)
    make_edition(clock=clock, direction="received", dated=first.dated - timedelta(days=40))
    corrected = publish(make_correction(first), clock)
    withdrawn = withdraw(corrected, "kept", clock)
    workflow.restore(withdrawn, by=publisher)
    clock.shift(60)
    gone = timezone.now()
    scheduled = schedule(make_correction(Edition.objects.get(pk=corrected.pk)))
    schedule(make_draft())
    changes = [e.at + by for e in first.letter.events.all() for by in (timedelta(0), -STEP)]
    for at in (start, *sorted(changes), gone, timezone.now()):
        assert listed(at) == as_editions_say(at), at
    for now in (timezone.now(), scheduled.live_from - STEP, scheduled.live_from):
        assert_right(now)
    workflow.recall(scheduled, by=publisher)
    assert_right(timezone.now(), scheduled.live_from)


STEP = timedelta(microseconds=1)


def test_the_tally_is_right_of_thousands_of_letters_and_the_same_when_rebuilt():
    call_command("seed_letters", 300, verbosity=0)
    now = timezone.now()
    assert_right(now)
    rows = sorted(Listing.objects.values_list("edition", "facet", "since", "until"))
    was = tally(now)
    Tally.objects.filter(facet="").update(n=7)
    Listing.objects.filter(facet="").delete()
    call_command("rebuild_lists", verbosity=0)
    assert sorted(Listing.objects.values_list("edition", "facet", "since", "until")) == rows
    assert tally(now) == was


def test_no_text_is_listed_before_it_is_live_whoever_writes_the_row(clock):
    edition = schedule(make_draft())
    row = Listing.objects.get(edition=edition, facet=EVERY)
    assert row.since == edition.live_from
    for since in (timezone.now(), edition.live_from - STEP):
        with pytest.raises(DatabaseError), transaction.atomic():
            Listing.objects.filter(edition=edition, facet=EVERY).update(since=since)
        with pytest.raises(DatabaseError), transaction.atomic():
            row.pk = (edition.pk, "cXX", since)
            row.save(force_insert=True)
    assert not triggers.missing(connection)


def people(n: int) -> list[Party]:
    there = make_correspondent("mira-halden", {"en": "Mira Halden"})
    here = make_correspondent(f"person-{n}", {"en": f"Person {n}"})
    return [
        Party(role=Role.SENDER, correspondent=there, name="Mira Halden", country="XV"),
        Party(
            role=Role.ADDRESSEE,
            correspondent=here,
            name=f"Person {n}",
            country="XA" if n == 0 else "XB",
        ),
    ]


@pytest.fixture
def archive_of_six(clock):
    kinds = [Kind.objects.get(code=code) for code in ("reply", "condolence")]
    for n in range(6):
        make_edition(
            clock=clock,
            parties=people(n % 2),
            kind=kinds[n % 3 == 0],
            direction="received" if n == 5 else "sent",
            headline=f"Letter {n}",
        )


def shown(citizen: Client, query: str) -> dict[str, dict[str, int | None]]:
    choices = citizen.get(f"/en/letters/{query}").context["archive"].choices
    return {
        name: {choice.value: choice.n for choice in getattr(choices, name)}
        for name in ("kinds", "directions", "years", "countries", "correspondents")
    }


@pytest.mark.usefixtures("archive_of_six")
def test_beside_each_choice_stands_how_many_letters_it_leaves(citizen):
    every = shown(citizen, "")
    assert every["kinds"] == {"condolence": 2, "reply": 4}
    assert every["directions"] == {"sent": 5, "received": 1}
    assert every["countries"] == {"XA": 3, "XB": 3, "XV": 6}
    assert every["correspondents"] == {"mira-halden": 6, "person-0": 3, "person-1": 3}
    replies = shown(citizen, "?kind=reply")
    assert replies["kinds"] == every["kinds"]  # in place of the one chosen
    assert replies["countries"] == {"XA": 2, "XB": 2, "XV": 4}
    of_one = shown(citizen, "?correspondent=person-1&direction=sent")
    assert of_one["kinds"] == {"condolence": 1, "reply": 1}
    assert of_one["countries"] == {"XB": 2, "XV": 2}
    for name, parameter in (("kinds", "kind"), ("countries", "country"), ("years", "year")):
        for query in (
            "?",
            "?direction=sent&",
            "?correspondent=person-0&",
            "?country=XB&kind=reply&",
        ):
            for value, n in shown(citizen, query)[name].items():
                if n is not None and f"{parameter}=" not in query:
                    archive = citizen.get(f"/en/letters/{query}{parameter}={value}").context
                    assert archive["archive"].count == n, (query, parameter, value)


@pytest.mark.usefixtures("archive_of_six")
def test_a_country_and_a_correspondent_together_are_counted_too(citizen):
    archive = citizen.get("/en/letters/?country=XB&correspondent=mira-halden").context["archive"]
    assert archive.count == len(archive.letters) == 3
    assert not archive.is_beyond_count
    nothing = citizen.get("/en/letters/?country=XB&correspondent=person-0").context["archive"]
    assert nothing.count == len(nothing.letters) == 0


@pytest.mark.usefixtures("archive_of_six")
def test_counts_are_right_at_the_very_moment_of_a_publication(citizen, clock):
    reply = Kind.objects.get(code="reply")
    coming = schedule(make_draft(parties=people(1), kind=reply))
    clock.move_to(coming.live_from - STEP)
    assert shown(citizen, "?correspondent=person-1")["kinds"] == {"condolence": 1, "reply": 2}
    assert citizen.get("/en/countries/XB/").context["archive"].count == 3
    clock.move_to(coming.live_from)
    assert shown(citizen, "?correspondent=person-1")["kinds"] == {"condolence": 1, "reply": 3}
    assert citizen.get("/en/countries/XB/").context["archive"].count == 4
    counts = letters_of_each("c", "en", timezone.now())
    assert {code: n[""] for code, n in counts.items()} == {"XV": 7, "XA": 3, "XB": 4}
    assert {code: n["received"] for code, n in counts.items()} == {"XV": 1, "XA": 0, "XB": 1}


def test_a_walk_that_ends_before_the_page_is_full_offers_older_letters(citizen, clock, monkeypatch):
    monkeypatch.setattr("letters.public.archive.WALKED", 2)
    for n in (1, 0, 0, 0, 0):
        make_edition(clock=clock, parties=people(n))
    page = citizen.get("/en/letters/?country=XB&correspondent=mira-halden")
    met: list[int] = []
    for _walk in range(5):
        archive = page.context["archive"]
        met += [edition.pk for edition in archive.letters]
        if not archive.older:
            break
        page = citizen.get(f"/en/letters/{archive.older}")
    assert len(met) == 1


def test_the_timeline_has_a_link_and_a_row_for_each_year_and_then_each_month(citizen, clock):
    today = timezone.localdate()
    for days in (0, 1, 400):
        make_edition(clock=clock, dated=today - timedelta(days=days))
    years = citizen.get("/en/letters/").context["archive"].choices.timeline
    assert [(span.name, span.n) for span in years.spans] == [("2025", 1), ("2026", 2)]
    page = citizen.get(f"/en/letters/{years.spans[1].query}")
    months = page.context["archive"].choices.timeline
    assert [(span.name, span.n) for span in months.spans if span.n] == [("November", 2)]
    page = citizen.get(f"/en/letters/{months.spans[10].query}")
    archive = page.context["archive"]
    assert (archive.count, len(archive.letters)) == (2, 2)
    assert [chosen["label"] for chosen in archive.filters] == ["2026", "November"]
    assert "month" not in archive.filters[0]["without"]


@pytest.mark.usefixtures("archive_of_six")
@pytest.mark.parametrize(
    "query",
    ["", "?kind=reply", "?country=XB&correspondent=person-1", "?q=letter", "?year=2026&month=11"],
)
def test_a_page_of_the_archive_takes_seven_queries_at_most(query, citizen):
    """One more with words, on PostgreSQL: how many letters have them, by its estimate."""
    with CaptureQueriesContext(connection) as queries:
        citizen.get(f"/en/letters/{query}")
    assert len(queries) <= (8 if "q=" in query and connection.vendor == "postgresql" else 7)


def test_a_person_nobody_wrote_to_has_no_page(citizen):
    someone = make_correspondent("nobody-yet")
    assert citizen.get("/en/correspondents/nobody-yet/").status_code == 404
    assert citizen.get("/en/letters/?correspondent=nobody-yet").status_code == 200
    assert not Listing.objects.filter(facet=of_correspondent(someone.pk)).exists()


def test_a_letter_is_found_by_its_reference_and_not_before_its_moment(citizen, clock):
    public = make_edition(clock=clock)
    coming = schedule(make_draft(headline="Quorheadline"))
    for q in (coming.letter.reference, "quorheadline"):
        assert not citizen.get("/en/search/", {"q": q}).context["archive"].letters
    page = citizen.get("/en/search/", {"q": public.letter.reference})
    assert [edition.pk for edition in page.context["archive"].letters] == [public.pk]
    clock.move_to(coming.live_from)
    for q in (coming.letter.reference, "quorheadline"):
        page = citizen.get("/en/search/", {"q": q})
        assert [edition.pk for edition in page.context["archive"].letters] == [coming.pk]


def letters_to(citizen, clock, *countries: str) -> None:
    for n, code in enumerate(countries):
        someone = make_correspondent(f"person-{n}", {"en": ["Émile Zed", "Ana Bel", "Eve"][n]})
        parties = [
            Party(role=Role.SENDER, name="Mira Halden", country="XV"),
            Party(role=Role.ADDRESSEE, correspondent=someone, name=f"P{n}", country=code),
        ]
        make_edition(clock=clock, parties=parties)


def test_countries_stand_in_a_table_and_those_that_are_on_the_map_on_it(citizen, clock):
    letters_to(citizen, clock, "FR", "FR", "JP")
    page = citizen.get("/en/countries/")
    rows = {row["code"]: (row["sent"], row["letters"]) for row in page.context["countries"]}
    assert rows == {"FR": (2, 2), "JP": (1, 1), "XV": (3, 3)}
    assert [row["code"] for row in page.context["mapped"]] == ["FR", "JP"]
    world = (settings.BASE_DIR / "static" / "world.svg").read_text(encoding="utf-8")
    for row in page.context["mapped"]:
        assert f'id="{row["code"]}"' in world
    assert "world.svg" not in citizen.get("/fr/countries/").content.decode()


def test_correspondents_stand_under_their_first_letter_accents_aside(citizen, clock):
    letters_to(citizen, clock, "FR", "FR", "JP")
    by_initial = citizen.get("/en/correspondents/").context["by_initial"]
    assert {initial: [str(p) for p in people] for initial, people in by_initial.items()} == {
        "A": ["Ana Bel"],
        "E": ["Émile Zed", "Eve"],
    }
