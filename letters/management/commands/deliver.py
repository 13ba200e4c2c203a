"""The worker: sends the mails that are due, and seals the record of each day that is over."""

from __future__ import annotations

import json
import logging
import signal
from collections import Counter
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from letters import deliveries, record, signing
from letters.models import Heartbeat

logger = logging.getLogger(__name__)

# Seconds between two looks at what is due, and before the next when the database does not answer.
PAUSE, RECOVERY = 1, 5

# Seconds after which a worker at work says so again in the database.
HEARTBEAT = 10


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
        self.stop = Event()
        self.counts: Counter[str] = Counter()
        self.alive: Path | None = options["alive"]
        self.beat = float("-inf")
        if options["once"]:
            self.send(options)
            if not options["json"]:
                told = [f"{number} {status}" for status, number in sorted(self.counts.items())]
                self.stdout.write(f"Mails: {', '.join(told) or 'none is due'}.")
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: self.stop.set())
        while not self.stop.is_set():
            try:
                close_old_connections()
                self.send(options)
                pause = PAUSE
            except OperationalError as error:
                logger.warning("The database does not answer: %s", error)
                pause = RECOVERY
            self.stop.wait(pause)

    def send(self, options: dict[str, Any]) -> None:
        """Everything that is due now, unless told to stop."""
        self.at_work()
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

    def at_work(self) -> None:
        """Say so to whoever watches this process, and to whoever reads the database."""
        if self.alive is not None:
            self.alive.touch()
        if monotonic() - self.beat >= HEARTBEAT:
            Heartbeat.objects.update_or_create(pk=1, defaults={"at": timezone.now()})
            self.beat = monotonic()
