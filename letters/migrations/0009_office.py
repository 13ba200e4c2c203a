import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0008_redaction"),
    ]

    operations = [
        migrations.AddField(
            model_name="office",
            name="leads",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Up to three references, such as 2026-117, the first on top. Empty: the latest letter.",
                max_length=200,
                verbose_name="letters that lead the front page",
            ),
        ),
        migrations.CreateModel(
            name="Appearance",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("emblem", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "accent",
                    models.CharField(
                        default="#153a66",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^#[0-9a-f]{6}\\Z", "A colour such as #153a66."
                            )
                        ],
                        verbose_name="accent",
                    ),
                ),
                (
                    "accent_in_the_dark",
                    models.CharField(
                        default="#8fb4e0",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^#[0-9a-f]{6}\\Z", "A colour such as #153a66."
                            )
                        ],
                        verbose_name="accent in the dark scheme",
                    ),
                ),
            ],
            options={
                "verbose_name": "emblem and colours",
                "verbose_name_plural": "emblem and colours",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_appearance")
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeBar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=12, verbose_name="language")),
                (
                    "text",
                    models.CharField(
                        help_text="A sentence or two. Addresses become links.",
                        max_length=300,
                        verbose_name="text",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="from")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
            ],
            options={
                "verbose_name": "notice above every page",
                "verbose_name_plural": "notices above every page",
                "ordering": ["-since"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until", None), ("until__gt", models.F("since")), _connector="OR"
                        ),
                        name="a_notice_ends_after_it_begins",
                        violation_error_message="A notice ends after it begins.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OfficePage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("about", "About this office"),
                            ("contacts", "Contacts for the press"),
                            ("accessibility", "Accessibility statement"),
                            ("privacy", "Privacy"),
                            ("reuse", "Reuse of letters"),
                        ],
                        max_length=13,
                        verbose_name="page",
                    ),
                ),
                ("language", models.CharField(max_length=12, verbose_name="language")),
                ("body", models.TextField(verbose_name="text")),
                ("changed_on", models.DateField(auto_now=True, verbose_name="last changed")),
            ],
            options={
                "verbose_name": "page of the office",
                "verbose_name_plural": "pages of the office",
                "ordering": ["language", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("language", "kind"), name="one_page_of_a_kind_and_language"
                    )
                ],
            },
        ),
    ]
