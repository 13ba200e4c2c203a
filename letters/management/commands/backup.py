"""Makes a backup: the database, the files and the keys, in a folder of its own."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from tqdm import tqdm

from letters import backups

NO_FILES = "The files of letters are not in this backup: they stay in the bucket {}."
NO_KEYS = (
    "The signing key is not in this backup: set PRESSOFFICE_BACKUP_CERTIFICATE, or keep the key"
    " elsewhere."
)


class Command(BaseCommand):
    help = (
        "Make a backup in a new folder of DIR. Once it is whole, the oldest ones there are removed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path, metavar="DIR")
        parser.add_argument(
            "--keep",
            type=int,
            default=14,
            metavar="N",
            help="how many backups stay in DIR (default: %(default)d)",
        )
        parser.add_argument(
            "--verify",
            action="store_true",
            help="restore it into a scratch database and check its record there",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        to = options["dir"]
        if options["keep"] < 1:
            raise CommandError("--keep must be at least 1.")
        try:
            with backups.alone(to):
                faults = self.back_up(to, options)
        except (backups.Refused, DatabaseError) as error:
            raise CommandError(str(error).strip().splitlines()[0]) from error
        except OSError as error:
            raise CommandError(f"{error.filename or to}: {error.strerror}.") from error
        if faults:
            raise CommandError("The backup is whole, but what was backed up has faults.")

    def back_up(self, to: Path, options: dict[str, Any]) -> list[str]:
        said = self.stderr if options["json"] else self.stdout
        made = backups.make(to, partial(tqdm, file=self.stderr, disable=None))
        files, head = made.manifest.files, made.manifest.head
        size = sum(file["size"] for file in files.values())
        said.write(
            f"{made.folder}: {len(files)} files, {size / 1e6:.1f} MB, up to line {head['number']}"
            " of the record."
        )
        if bucket := made.manifest.bucket:
            self.stderr.write(NO_FILES.format(bucket))
        if backups.KEYS not in files:
            self.stderr.write(NO_KEYS)
        faults = backups.try_out(made.folder) if options["verify"] else []
        for fault in faults:
            self.stderr.write(fault)
        # Where something is wrong the earlier ones may be needed.
        removed = [] if faults else backups.rotate(to, options["keep"])
        for folder in removed:
            said.write(f"Removed: {folder}")
        if options["verify"] and not faults:
            said.write("Restored into a scratch database: its record is whole.")
        if options["json"]:
            line = {
                "backup": str(made.folder),
                "head": head,
                "files": len(files),
                "copied": made.copied,
                "size": size,
                "removed": [str(folder) for folder in removed],
                "verified": options["verify"] and not faults,
            }
            self.stdout.write(json.dumps(line))
        return faults
