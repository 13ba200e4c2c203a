"""A synthetic archive, for measuring: the same rows for the same seed. It writes no events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.models import Max
from tqdm import tqdm

from letters import listing, record
from letters.models import (
    Correspondent,
    CorrespondentName,
    Edition,
    Kind,
    Letter,
    Party,
    State,
    Withdrawal,
    triggers,
)

BATCH = 1000
FIRST_DAY, DAYS = date(1996, 1, 1), 30 * 365
PEOPLE, COUNTRIES = 300, 190
# Of every thousand letters: in a second language, corrected, withdrawn.
SECOND_LANGUAGE, CORRECTED, WITHDRAWN = 150, 30, 2
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()  # noqa: SIM905
SUBJECTS = (
    "the national day",
    "the anniversary of our relations",
    "the flood in the eastern valleys",
    "the opening of the lake conference",
    "an agreement on schools",
    "the new term of office",
)


class Row(NamedTuple):
    """A letter with everything that is stored of it."""

    letter: Letter
    editions: list[tuple[Edition, list[Party]]]
    withdrawal: Withdrawal | None


class Command(BaseCommand):
    help = "Add N synthetic published letters, the same for the same seed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("count", type=int, metavar="N")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        count = options["count"]
        if count < 1:
            raise CommandError("N must be at least 1.")
        rows = synthetic(count, Random(options["seed"]), make_people())  # noqa: S311
        with (
            triggers.lifted(connection),
            tqdm(total=count, desc="Letters", disable=not self.stderr.isatty()) as progress,
        ):
            batch: list[Row] = []
            for row in rows:
                batch.append(row)
                if len(batch) == BATCH:
                    store(batch)
                    progress.update(len(batch))
                    batch = []
            store(batch)
        self.stdout.write(f"{count} letters added.")


def make_people() -> list[Correspondent]:
    """The correspondents of synthetic letters, made once."""
    random = Random("people")  # noqa: S311
    people = []
    for n in range(PEOPLE):
        name = " ".join("".join(random.choices(SYLLABLES, k=3)).capitalize() for _ in range(2))
        person, made = Correspondent.objects.get_or_create(slug=f"synthetic-{n}")
        if made:
            for language, _label in settings.LANGUAGES:
                CorrespondentName.objects.create(correspondent=person, language=language, name=name)
        people.append(person)
    return list(
        Correspondent.objects.by_name()
        .filter(pk__in=[person.pk for person in people])
        .order_by("pk")
    )


def synthetic(count: int, random: Random, people: list[Correspondent]) -> Iterator[Row]:
    """Letters spread evenly over thirty years; who and where by Zipf's law."""
    kinds = list(Kind.objects.order_by("code"))
    drafter, approver = (
        User.objects.get_or_create(username=name)[0] for name in ("seed", "seed-approver")
    )
    languages = [code for code, _name in settings.LANGUAGES]
    numbers = dict(Letter.objects.values_list("year").annotate(Max("number")))
    weights = [1 / rank for rank in range(1, PEOPLE + 1)]
    for n in range(count):
        day = FIRST_DAY + timedelta(days=n * DAYS // count)
        numbers[day.year] = numbers.get(day.year, 0) + 1
        moment = datetime.combine(day, time(10), UTC)
        letter = Letter(
            year=day.year,
            number=numbers[day.year],
            reference=f"{day.year}-{numbers[day.year]}",
            direction=random.choice(("sent", "sent", "sent", "received")),
            created_at=moment,
        )
        sender, addressee = random.choices(people, weights, k=2)
        kind, subject = random.choice(kinds), random.choice(SUBJECTS)
        country = f"Q{chr(ord('A') + int(random.paretovariate(1)) % 26)}"
        second = languages[1:2] if random.randrange(1000) < SECOND_LANGUAGE else []
        editions = []
        for language in [languages[0], *second]:
            corrected = random.randrange(1000) < CORRECTED
            for number in (1, 2) if corrected else (1,):
                parties = [
                    _party("sender", sender, "President", "XA", 0),
                    _party("addressee", addressee, "Prime Minister", country, 1),
                ]
                edition = Edition(
                    letter=letter,
                    language=language,
                    number=number,
                    state=State.PUBLISHED,
                    kind=kind,
                    headline=f"{parties[0].name} writes to {parties[1].name} on {subject} ({n})",
                    summary=f"A letter on {subject} was sent on {day.isoformat()}.",
                    letter_language=language,
                    dated=day,
                    place="Aurem",
                    salutation="Excellency,",
                    body=_body(random, subject),
                    closing="Please accept the assurance of my highest consideration.",
                    correction_note="A name was misspelt." if number == 2 else "",
                    last_edited_by=drafter,
                    approved_by=approver,
                    live_from=moment + timedelta(hours=number - 1),
                    live_until=moment + timedelta(hours=1) if corrected and number == 1 else None,
                )
                edition.digest = record.digest(edition, parties)
                editions.append((edition, parties))
        withdrawal = None
        if random.randrange(1000) < WITHDRAWN:
            withdrawal = Withdrawal(
                letter=letter,
                language=languages[0],
                kind=Withdrawal.Kind.KEPT,
                reason="Sent in error.",
                since=moment + timedelta(days=2),
            )
        yield Row(letter, editions, withdrawal)


def _party(role: str, person: Correspondent, title: str, country: str, position: int) -> Party:
    return Party(
        role=role,
        correspondent=person,
        name=str(person),
        title=title,
        country=country,
        country_name=country,
        position=position,
    )


def _body(random: Random, subject: str) -> str:
    words = ("peoples friendship lake harvest school bridge winter trust counsel peace").split()  # noqa: SIM905
    return "".join(
        f"<p>On {subject}, {' '.join(random.choices(words, k=60))}.</p>" for _ in range(4)
    )


def store(rows: list[Row]) -> None:
    Letter.objects.bulk_create([row.letter for row in rows])
    pairs = [pair for row in rows for pair in row.editions]
    for edition, _parties in pairs:
        edition.letter_id = edition.letter.pk
    Edition.objects.bulk_create([edition for edition, _parties in pairs])
    for edition, parties in pairs:
        for party in parties:
            party.edition = edition
    Party.objects.bulk_create([party for _edition, parties in pairs for party in parties])
    withdrawals = [row.withdrawal for row in rows if row.withdrawal]
    for withdrawal in withdrawals:
        withdrawal.letter_id = withdrawal.letter.pk
    Withdrawal.objects.bulk_create(withdrawals)
    listing.refresh([row.letter.pk for row in rows])
