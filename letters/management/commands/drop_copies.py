"""Drops the proxy's copies of pages when the desk, on another machine, took a text off the site."""

from __future__ import annotations

import logging
import signal
from pathlib import Path
from threading import Event as Signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.db.models import Max
from django.utils import timezone

from letters import caches
from letters.models import Edition, Note, Redaction, Withdrawal

logger = logging.getLogger(__name__)

PAUSE = 1  # seconds between two looks


class Command(BaseCommand):
    help = (
        "Drop the proxy's copies of pages whenever a text was taken off the site or replaced on"
        " another machine, and go on until told to stop. Reads only what is public."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="look once, and end")
        parser.add_argument("--alive", type=Path, metavar="FILE", help="touched at each look")

    def handle(self, *args: Any, **options: Any) -> None:
        self.seen: list[Any] | None = None
        if options["once"]:
            self.look()
            return
        stop = Signal()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: stop.set())
        while not stop.is_set():
            if options["alive"]:
                options["alive"].touch()
            try:
                close_old_connections()
                self.look()
            except DatabaseError as error:
                logger.warning("The database does not answer: %s", error)
            stop.wait(PAUSE)

    def look(self) -> None:
        found = last_changes()
        # The first look drops as well: what happened before it is not known.
        if found != self.seen and caches.drop():
            self.seen = found


def last_changes() -> list[Any]:
    """When a text was last taken off, put back, or replaced, in whole or by a word of it."""
    now = timezone.now()
    return [
        Withdrawal.objects.filter(since__lte=now).aggregate(Max("since"), Max("until")),
        Edition.objects.filter(number__gt=1, live_from__lte=now).aggregate(Max("live_from")),
        Note.objects.aggregate(Max("approved_at")),
        Redaction.objects.aggregate(Max("confirmed_at")),
    ]
