"""Lists and counts of the letters written in each language, as later publications write them.

A letter that the version before still changes after this is without, until its next verb or
`manage.py rebuild_lists`.
"""

from collections import Counter

from django.db import migrations, transaction
from django.db.models import Max

BATCH = 2000
FACET = "l"


def add(apps, schema_editor):
    def write(rows):
        there = set(rows.filter(facet__startswith=FACET).values_list("edition", flat=True))
        every = rows.filter(facet="").exclude(edition__letter_language="")
        made = [
            row.__class__(
                edition_id=row.edition_id,
                facet=FACET + row.edition.letter_language,
                since=row.since,
                until=row.until,
                language=row.language,
                kind_id=row.kind_id,
                direction=row.direction,
                dated=row.dated,
            )
            for row in every.select_related("edition")
            if row.edition_id not in there
        ]
        rows.bulk_create(made, batch_size=BATCH)
        counts = Counter(cell for row in made if row.until is None for cell in _cells(row))
        _count(schema_editor.connection, counts)

    _in_batches(apps, schema_editor, write)


def take_away(apps, schema_editor):
    using = schema_editor.connection.alias
    _in_batches(apps, schema_editor, lambda rows: rows.filter(facet__startswith=FACET).delete())
    tally = apps.get_model("letters", "Tally").objects.using(using)
    tally.filter(facet__startswith=FACET).delete()


def _in_batches(apps, schema_editor, write):
    """Each in a transaction of its own, in which no verb runs, of the version before either.

    What a verb has written by then is in a batch, and what it takes away later it discounts.
    """
    using = schema_editor.connection.alias
    listing = apps.get_model("letters", "Listing").objects.using(using)
    head = apps.get_model("letters", "RecordHead").objects.using(using)
    last = listing.aggregate(last=Max("edition"))["last"] or 0
    for start in range(0, last, BATCH):
        with transaction.atomic(using=using):
            list(head.select_for_update(no_key=True).filter(pk=1))
            write(listing.filter(edition__gt=start, edition__lte=start + BATCH))


def _cells(row):
    for kind in (0, row.kind_id):
        for direction in ("", row.direction):
            for period in (0, row.dated.year):
                yield row.language, kind, direction, period, row.facet
    yield row.language, 0, "", row.dated.year * 100 + row.dated.month, row.facet


def _count(connection, counts):
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO letters_tally (language, kind, direction, period, facet, n)"
            " VALUES (%s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (language, kind, direction, period, facet)"
            " DO UPDATE SET n = letters_tally.n + excluded.n",
            [(*cell, n) for cell, n in counts.items()],
        )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("letters", "0011_portrait")]
    operations = [migrations.RunPython(add, take_away)]
