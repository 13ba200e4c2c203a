"""The worker: sends what is due, makes letters' files, seals and walks the record.

It also drops copies of pages that are not true any more.
"""

from __future__ import annotations

import json
import logging
import signal
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, OperationalError, close_old_connections, connection
from django.db.models import Max, Q
from django.utils import timezone

from letters import caches, deliveries, record, signing, verifying, workflow
from letters.models import Edition, Event, Heartbeat, State
from letters.public import as_files, reading

logger = logging.getLogger(__name__)

# Seconds between two looks at what is due, and before the next when the database does not answer.
PAUSE, RECOVERY = 1, 5
# And between two looks at whether the record is to be walked.
BETWEEN_LOOKS = 60
# Files are made of so many texts, and after so many seconds of the next: a large archive that is
# published at once leaves half of a processor to others.
A_ROUND, BETWEEN_ROUNDS = 5, 5
# When told to stop, those of the text under way may still be made.
TO_FINISH = 10
# Of what is public, files are made of what came up lately; readers have asked for the rest.
LATELY = timedelta(hours=1)
# Seconds after which a worker at work says so again in the database.
HEARTBEAT = 10
# What takes a text off the site, or puts other words in its place.
ANOTHER_TEXT = Q(verb__in=("withdraw", "restore", "approve_note", "redact")) | Q(
    verb__in=("publish", "emergency"), edition__number__gt=1
)


class Command(BaseCommand):
    help = "Send the mails that are due, and go on until told to stop. Several may run at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due, and end")
        parser.add_argument("--json", action="store_true", help="print one JSON object a mail")
        parser.add_argument(
            "--lease",
            type=float,
            default=deliveries.LEASE.total_seconds(),
            metavar="SECONDS",
            help="after which a mail whose worker died is sent again (default: %(default)g)",
        )
        parser.add_argument(
            "--alive", type=Path, metavar="FILE", help="touched while the worker is at work"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stop = Signal()
        self.counts: Counter[str] = Counter()
        self.alive: Path | None = options["alive"]
        self.beat = float("-inf")
        self.dropped = 0
        if options["once"]:
            _examine()
            self.send(options)
            if not options["json"]:
                told = [f"{number} {status}" for status, number in sorted(self.counts.items())]
                self.stdout.write(f"Mails: {', '.join(told) or 'none is due'}.")
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: self.stop.set())
        # Neither of these holds up a mail.
        making = Thread(target=self.make_files, daemon=True)
        making.start()
        examining, next_look = Thread(), 0.0
        while not self.stop.is_set():
            try:
                close_old_connections()
                if not examining.is_alive() and monotonic() >= next_look:
                    next_look = monotonic() + BETWEEN_LOOKS
                    examining = Thread(target=_examine_aside, daemon=True)
                    examining.start()
                self.send(options)
                pause = PAUSE
            except OperationalError as error:
                logger.warning("The database does not answer: %s", error)
                pause = RECOVERY
            self.stop.wait(pause)
        making.join(TO_FINISH)

    def drop_copies(self) -> None:
        """For the change whose process was killed before it could, or ran on another machine."""
        found = Event.objects.filter(ANOTHER_TEXT, number__gt=self.dropped)
        last: int | None = found.aggregate(last=Max("number"))["last"]
        if last is not None and caches.drop():
            self.dropped = last

    def send(self, options: dict[str, Any]) -> None:
        """Everything that is due now, unless told to stop."""
        self.at_work()
        self.drop_copies()
        try:
            record.seal(timezone.now())
        except signing.NoKey as error:
            logger.warning("The record is not sealed: %s", error)
        lease = timedelta(seconds=options["lease"])
        # With --json nothing else is printed there, not even mails by a mailer that prints them.
        aside = self.stderr if options["json"] else None
        for outcome in deliveries.send(lease=lease, aside=aside):
            self.counts[outcome.status] += 1
            self.at_work()
            if options["json"]:
                self.stdout.write(json.dumps(outcome._asdict(), ensure_ascii=False))
                self.stdout.flush()
            elif outcome.error:
                # Why is in the list of deliveries: a mail server's answer may hold an address.
                logger.warning("%s: %s", outcome.key, outcome.status)
            if self.stop.is_set():
                return

    def make_files(self) -> None:
        """In rounds, until told to stop."""
        made: dict[int, datetime | None] = {}
        while not self.stop.is_set():
            try:
                close_old_connections()
                make_files(made, self.stop)
            except DatabaseError as error:
                logger.warning("No files of letters were made: %s", error)
            self.stop.wait(BETWEEN_ROUNDS)
        connection.close()

    def at_work(self) -> None:
        """Say so to whoever watches this process, and to whoever reads the database."""
        if self.alive is not None:
            self.alive.touch()
        if monotonic() - self.beat >= HEARTBEAT:
            Heartbeat.objects.update_or_create(pk=1, defaults={"at": timezone.now()})
            self.beat = monotonic()


def _examine() -> None:
    workflow.clear_redacted()
    verifying.examine(timezone.now())


def _examine_aside() -> None:
    try:
        _examine()
    except DatabaseError as error:
        logger.warning("The record could not be walked: %s", error)
    finally:
        connection.close()


def make_files(made: dict[int, datetime | None], stop: Signal) -> None:
    """Make the files of texts that are scheduled or came up lately, the earliest first.

    Of each once: `made` has the moments of those that were tried. What could not be made is made
    on the first request.
    """
    now = timezone.now()
    signed = Edition.objects.filter(
        Q(live_until=None) | Q(live_until__gt=now),
        state=State.PUBLISHED,
        live_from__gt=now - LATELY,
        language__in=reading.LANGUAGES,
        statement__isnull=False,
    )
    moments = dict(signed.order_by("live_from", "pk").values_list("pk", "live_from"))
    for pk in [pk for pk, moment in moments.items() if made.get(pk) != moment][:A_ROUND]:
        if stop.is_set():
            return
        edition = signed.filter(pk=pk).first_in_full()
        made[pk] = moments[pk]
        try:
            if edition is not None:
                as_files.make(edition)
        except Exception:  # of one text, whatever it is, keeps no other from its files
            logger.exception("Files of a letter could not be made: edition %s", pk)
    for pk in made.keys() - moments.keys():
        del made[pk]
