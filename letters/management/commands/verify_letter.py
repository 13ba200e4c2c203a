"""Whether a file is a genuine letter of this office, without its database or a network."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from letters import genuine, signing

GENUINE, NOT_GENUINE, CANNOT_SAY = 0, 1, 2
LARGEST = 20 * 2**20


class Command(BaseCommand):
    help = (
        "Check a letter.json, letter.pdf or letter.txt: ends with 0 if it is genuine, 1 if it is"
        " not, 2 if that cannot be said. Whether it was corrected or withdrawn since, only the site"
        " knows."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--keys",
            type=Path,
            metavar="FILE",
            help="a copy of the site's /.well-known/jwks.json (default: this deployment's keys)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        status, told = self.verdict(options["file"], options["keys"])
        if options["json"]:
            self.stdout.write(json.dumps({"status": status, **told}, ensure_ascii=False))
        else:
            self.stdout.write(told["verdict"])
        sys.exit(status)

    def verdict(self, file: Path, keys: Path | None) -> tuple[int, dict[str, Any]]:
        try:
            known = json.loads(keys.read_bytes()) if keys else signing.keys()
            if not isinstance(known["keys"], list):
                raise ValueError
        except (OSError, ValueError, KeyError, TypeError, signing.NoKey):
            return CANNOT_SAY, {"verdict": "Cannot say: the keys cannot be read."}
        try:
            with file.open("rb") as opened:
                content = opened.read(LARGEST + 1)
            if len(content) > LARGEST:
                return CANNOT_SAY, {"verdict": "Cannot say: It is larger than any letter."}
            of_what = genuine.check if content.lstrip()[:1] == b"{" else genuine.check_signed
            found = of_what(content, known)
        except OSError as error:
            return CANNOT_SAY, {"verdict": f"Cannot say: {error.strerror}."}
        except genuine.Unreadable as error:
            return CANNOT_SAY, {"verdict": f"Cannot say: {error}"}
        except signing.Forged as error:
            return NOT_GENUINE, {"verdict": f"Not genuine: {error}."}
        said = found.statement
        verdict = (
            f"Genuine: letter {said['reference']} ({said['language']}), edition {said['number']},"
            f" public from {said['live_from']}."
        )
        return GENUINE, {"verdict": verdict, "statement": said, "kid": found.kid}
