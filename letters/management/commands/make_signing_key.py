"""Makes the key with which publications are signed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from letters import signing


class Command(BaseCommand):
    help = "Make the key that signs publications, where there is none. Safe to repeat."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anew",
            action="store_true",
            help="replace the key; the public half of the earlier one is kept for checking",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRESSOFFICE_SIGNING_KEY:
            if options["anew"]:
                raise CommandError("The key comes from PRESSOFFICE_SIGNING_KEY: change it there.")
            self.stdout.write("The key comes from PRESSOFFICE_SIGNING_KEY.")
            return
        try:
            made = signing.make_key(settings.PRESSOFFICE_KEYS, anew=options["anew"])
        except OSError as error:
            raise CommandError(f"The key cannot be written: {error}") from error
        kid = signing.keys()["keys"][0]["kid"]
        where = settings.PRESSOFFICE_KEYS / signing.CURRENT
        self.stdout.write(f"{'Made' if made else 'There already'}: {where} ({kid})")
