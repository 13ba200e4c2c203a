"""Walks the record from its first line, and says what does not fit."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from letters import files, verifying

MOST_NAMED = 100


class Command(BaseCommand):
    help = (
        "Check every line of the record, every digest, signature and file against what is stored."
        " Ends with 1 if anything does not fit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object a fault")

    def handle(self, *args: Any, **options: Any) -> None:
        faults: list[verifying.Fault] = []
        counts: Counter[str] = Counter()
        for part in verifying.parts():
            counts[part.what] = part.total
            walk = tqdm(part.walk(), part.what, part.total, file=self.stderr, disable=None)
            try:
                for found in walk:
                    faults += found
            except files.Away as error:
                raise CommandError(str(error)) from error
        for fault in faults[:MOST_NAMED]:
            self.stdout.write(
                json.dumps(fault._asdict(), ensure_ascii=False) if options["json"] else str(fault)
            )
        said = verifying.summary(faults, counts)
        (self.stderr if options["json"] else self.stdout).write(said)
        if faults:
            sys.exit(1)
