"""Lists and counts, made anew from the editions."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from letters import listing, record


class Command(BaseCommand):
    help = "Write what public lists and counts read anew from the editions. Safe at any time."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        record.lock()  # no verb runs meanwhile; readers see the earlier rows until all is done
        self.stdout.write(f"{listing.rebuild()} letters listed.")
