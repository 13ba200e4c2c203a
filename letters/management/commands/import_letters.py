"""Releases in files, as drafts."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from letters import workflow
from letters.importing import drafts
from letters.importing.release import Known, Release, Unreadable, read

# What is printed of each letter, besides its file, status, reference and error.
FIELDS = (
    "language",
    "headline",
    "summary",
    "form",
    "direction",
    "kind",
    "dated",
    "place",
    "salutation",
    "paragraphs",
    "closing",
    "not_placed",
)
PEOPLE = {
    "senders": ("name", "title", "country"),
    "addressees": ("name", "title", "country"),
    "signatures": ("name", "title"),
}


class Command(BaseCommand):
    help = "Read press releases and save each letter in them as a draft. A letter is imported once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            default="",
            help="the language of the texts; otherwise it is recognised",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object a letter")

    def handle(self, *args: Any, **options: Any) -> None:
        known, failed = drafts.known(), 0
        quiet = options["json"] or not self.stderr.isatty()
        for file in tqdm(options["files"], desc="Files", disable=quiet):
            for line in import_file(Path(file), known, options["language"]):
                failed += line["status"] == "failed"
                if options["json"]:
                    self.stdout.write(json.dumps(line, ensure_ascii=False))
                elif line["status"] == "failed":
                    self.stderr.write(f"{line['file']}: {line['error']}")
                else:
                    self.stdout.write(
                        f"{line['reference']} {line['status']}: {line['headline']} ({line['file']})"
                    )
        if failed:
            raise CommandError(f"{failed} not imported.")


def import_file(path: Path, known: Known, language: str) -> Iterator[dict[str, Any]]:
    """A line for each letter of the file, or one that says why it cannot be read."""
    try:
        text = path.read_bytes()
        releases = read(text, known=known, language=language)
    except OSError as error:
        yield _line(path, error=error.strerror or str(error))
        return
    except Unreadable as error:
        yield _line(path, error=str(error))
        return
    for place, release in enumerate(releases, start=1):
        source = drafts.source_of(text, place)
        if letter := drafts.imported(source):
            yield _line(path, release, status="unchanged", reference=letter.reference)
            continue
        try:
            edition = drafts.save(release, source=source, by=drafts.importer())
        except (drafts.NotOurLanguage, workflow.Refused) as error:
            yield _line(path, release, error=str(error))
        else:
            yield _line(path, release, status="created", reference=edition.letter.reference)


def _line(
    path: Path,
    release: Release | None = None,
    *,
    status: str = "failed",
    reference: str = "",
    error: str = "",
) -> dict[str, Any]:
    line: dict[str, Any] = {"file": str(path), "status": status, "reference": reference}
    for field in FIELDS:
        value = getattr(release, field, None)
        line[field] = value.isoformat() if isinstance(value, date) else value
    for field, names in PEOPLE.items():
        people = getattr(release, field, ())
        line[field] = [{name: getattr(person, name) for name in names} for person in people]
    return {**line, "error": error}
