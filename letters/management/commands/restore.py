"""Restores a backup into an empty deployment, and checks the record."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from tqdm import tqdm

from letters import backups, files


class Command(BaseCommand):
    help = (
        "Restore the backup in DIR, or the newest of several there, into this deployment, which is"
        " to be empty; then check its record. Ends with 1 if anything does not fit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path, metavar="DIR")
        keys = parser.add_mutually_exclusive_group()
        keys.add_argument(
            "--key",
            type=Path,
            metavar="FILE",
            help="the operator's private key, which opens the signing key in the backup",
        )
        keys.add_argument(
            "--without-key",
            action="store_true",
            help="the signing key of the backup is lost: another one signs from now on",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = backups.restore(
                options["dir"],
                partial(tqdm, file=self.stderr, disable=None),
                key=options["key"],
                without_key=options["without_key"],
            )
        except (backups.Refused, DatabaseError, files.Away) as error:
            raise CommandError(str(error).strip().splitlines()[0]) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        head = done.manifest.head
        if options["json"]:
            line = {"restored": str(done.folder), "head": head, "notes": done.notes}
            self.stdout.write(json.dumps(line))
        else:
            self.stdout.write(
                f"Restored: {done.folder}, up to line {head['number']} of the record."
            )
        for note in done.notes:
            self.stderr.write(note)
        call_command("verify_record", json=options["json"], stdout=self.stdout, stderr=self.stderr)
