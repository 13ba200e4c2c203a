"""What a page reads does not grow with the archive: rows are counted, not only queries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from letters.models import Edition, Listing
from tests.letters_at_stages import person

pytestmark = pytest.mark.django_db

LETTERS = 2000
MOST = LETTERS  # rows of all queries of a page; one read of all texts is more


def rows_read(queries: CaptureQueriesContext) -> int:
    """Rows that PostgreSQL takes from tables and indexes for these queries."""

    def of(plan: dict[str, Any]) -> Iterator[float]:
        if "Relation Name" in plan or "Index Name" in plan:
            left_out = plan.get("Rows Removed by Filter", 0)
            left_out += plan.get("Rows Removed by Index Recheck", 0)
            yield (plan["Actual Rows"] + left_out) * plan["Actual Loops"]
        for part in plan.get("Plans", []):
            yield from of(part)

    total = 0.0
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            if query["sql"].startswith(("SELECT", "(SELECT", "WITH")):
                cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query["sql"])
                (plan,) = cursor.fetchone()
                plan = json.loads(plan) if isinstance(plan, str) else plan
                total += sum(of(plan[0]["Plan"]))
    return round(total)


def test_pages_read_few_rows_of_a_large_archive(client: Client, citizen: Client) -> None:
    call_command("seed_letters", LETTERS, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    newest = Listing.objects.under("en").newest_first().values("edition")[:1]
    letter = Edition.objects.select_related("letter").get(pk__in=newest)
    client.force_login(person("approver"))
    desk = "/admin/letters/letter/?q="
    read = {}
    for reader, address in (
        (citizen, letter.get_absolute_url()),
        (client, f"{desk}{letter.letter.reference}"),
        (client, f"{desk}zzyzx"),
    ):
        with CaptureQueriesContext(connection) as queries:
            assert reader.get(address).status_code == 200
        read[address] = rows_read(queries)
    assert all(rows < MOST for rows in read.values()), read
