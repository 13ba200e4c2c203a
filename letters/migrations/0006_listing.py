import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0005_party_names"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Listing",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "edition",
                        "facet",
                        "since",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listings",
                        to="letters.edition",
                    ),
                ),
                ("facet", models.CharField(max_length=21)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("language", models.CharField(max_length=12)),
                (
                    "kind",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="letters.kind",
                    ),
                ),
                ("direction", models.CharField(max_length=8)),
                ("dated", models.DateField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=[
                            *("language", "facet", "dated", "edition"),
                            *("kind", "direction", "since", "until"),
                        ],
                        name="listing_lists",
                    ),
                    models.Index(
                        fields=[
                            *("language", "facet", "kind", "dated", "edition"),
                            *("direction", "since", "until"),
                        ],
                        name="listing_kinds",
                    ),
                    models.Index(
                        fields=["language", "facet", "since", "edition"], name="listing_moments"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "language",
                        "kind",
                        "direction",
                        "period",
                        "facet",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("language", models.CharField(max_length=12)),
                ("facet", models.CharField(max_length=21)),
                ("kind", models.PositiveBigIntegerField()),
                ("direction", models.CharField(blank=True, max_length=8)),
                ("period", models.PositiveIntegerField()),
                ("n", models.IntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["language", "facet", "kind", "direction", "period", "n"],
                        name="tally_of_a_facet",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="edition",
            index=models.Index(
                condition=models.Q(("live_until__isnull", False)),
                fields=["live_until"],
                name="edition_endings",
            ),
        ),
    ]
