import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import letters.models.periods


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Correspondent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        max_length=120, unique=True, verbose_name="address on the site"
                    ),
                ),
            ],
            options={
                "verbose_name": "correspondent",
                "verbose_name_plural": "correspondents",
            },
        ),
        migrations.CreateModel(
            name="Kind",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(unique=True, verbose_name="code")),
                (
                    "position",
                    models.PositiveSmallIntegerField(default=0, verbose_name="place in lists"),
                ),
            ],
            options={
                "verbose_name": "kind of letter",
                "verbose_name_plural": "kinds of letter",
                "ordering": ["position", "code"],
            },
        ),
        migrations.CreateModel(
            name="Office",
            fields=[
                (
                    "language",
                    models.CharField(
                        max_length=12, primary_key=True, serialize=False, verbose_name="language"
                    ),
                ),
                ("name", models.CharField(max_length=160, verbose_name="name of the office")),
                (
                    "tagline",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="line under the name"
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        blank=True,
                        help_text="ISO code of the country this office speaks for.",
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                ("press_contact", models.TextField(blank=True, verbose_name="press contact")),
            ],
            options={
                "verbose_name": "office",
                "verbose_name_plural": "office",
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("since", models.DateField(blank=True, null=True, verbose_name="from")),
                ("until", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "body",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointed",
                        to="letters.correspondent",
                        verbose_name="body",
                    ),
                ),
                (
                    "correspondent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appointments",
                        to="letters.correspondent",
                    ),
                ),
            ],
            options={
                "verbose_name": "appointment",
                "verbose_name_plural": "appointments",
            },
        ),
        migrations.CreateModel(
            name="CorrespondentName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=12, verbose_name="language")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "is_display",
                    models.BooleanField(
                        default=True,
                        help_text="The name used on the site. Others help to recognise and to find.",
                        verbose_name="shown",
                    ),
                ),
                (
                    "correspondent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="letters.correspondent",
                    ),
                ),
            ],
            options={
                "verbose_name": "name",
                "verbose_name_plural": "names",
            },
        ),
        migrations.CreateModel(
            name="CountryName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=2, verbose_name="ISO code")),
                ("language", models.CharField(max_length=12, verbose_name="language")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
            ],
            options={
                "verbose_name": "name of a country",
                "verbose_name_plural": "names of countries",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code", "language"), name="one_name_a_country_and_language"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Edition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=12, verbose_name="language")),
                (
                    "number",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="number",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("approved", "approved"),
                            ("published", "published"),
                            ("discarded", "discarded"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("headline", models.CharField(blank=True, max_length=300, verbose_name="headline")),
                ("summary", models.TextField(blank=True, verbose_name="context")),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("full", "full text"),
                            ("excerpt", "excerpt"),
                            ("reported", "reported speech"),
                        ],
                        default="full",
                        max_length=8,
                        verbose_name="how the letter is given",
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("official", "official text"),
                            ("courtesy", "courtesy translation"),
                        ],
                        default="official",
                        max_length=8,
                        verbose_name="standing of this text",
                    ),
                ),
                (
                    "letter_language",
                    models.CharField(
                        blank=True, max_length=12, verbose_name="language of the letter"
                    ),
                ),
                (
                    "dated",
                    models.DateField(blank=True, null=True, verbose_name="date of the letter"),
                ),
                ("place", models.CharField(blank=True, max_length=120, verbose_name="place")),
                (
                    "salutation",
                    models.CharField(blank=True, max_length=300, verbose_name="salutation"),
                ),
                ("body", models.TextField(blank=True, verbose_name="text")),
                ("closing", models.TextField(blank=True, verbose_name="complimentary close")),
                ("notes", models.TextField(blank=True, verbose_name="notes to editors")),
                ("press_contact", models.TextField(blank=True, verbose_name="press contact")),
                (
                    "first_published",
                    models.DateField(
                        blank=True,
                        help_text="For an archive: the day another site or the press first had this text.",
                        null=True,
                        verbose_name="first published elsewhere",
                    ),
                ),
                (
                    "correction_note",
                    models.TextField(blank=True, verbose_name="public correction note"),
                ),
                (
                    "not_before",
                    models.DateTimeField(blank=True, null=True, verbose_name="embargo: not before"),
                ),
                (
                    "not_placed",
                    models.TextField(blank=True, verbose_name="lines of the source not placed"),
                ),
                ("digest", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "live_from",
                    models.DateTimeField(editable=False, null=True, verbose_name="live from"),
                ),
                (
                    "live_until",
                    models.DateTimeField(editable=False, null=True, verbose_name="live until"),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "last_edited_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "edition",
                "verbose_name_plural": "editions",
                "permissions": [
                    ("approve_edition", "Can approve a text or send it back"),
                    ("publish_edition", "Can publish, recall, withdraw and restore"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Editor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="letters.edition"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="edition",
            name="editors",
            field=models.ManyToManyField(
                related_name="+", through="letters.Editor", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="edition",
            name="kind",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="letters.kind",
                verbose_name="kind",
            ),
        ),
        migrations.CreateModel(
            name="KindName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=12, verbose_name="language")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="letters.kind",
                        verbose_name="kind",
                    ),
                ),
            ],
            options={
                "verbose_name": "name",
                "verbose_name_plural": "names",
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(editable=False, verbose_name="year")),
                ("number", models.PositiveIntegerField(editable=False, verbose_name="number")),
                (
                    "reference",
                    models.CharField(
                        editable=False, max_length=20, unique=True, verbose_name="reference"
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        choices=[("sent", "sent"), ("received", "received")],
                        default="sent",
                        max_length=8,
                        verbose_name="direction",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="SHA-256 of the text it was imported from, and its place in it.",
                        max_length=80,
                        verbose_name="source",
                    ),
                ),
                ("created_at", models.DateTimeField(editable=False, verbose_name="begun")),
                (
                    "in_reply_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="letters.letter",
                        verbose_name="answers",
                    ),
                ),
            ],
            options={
                "verbose_name": "letter",
                "verbose_name_plural": "letters",
                "ordering": ["-year", "-number"],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "number",
                    models.PositiveBigIntegerField(
                        primary_key=True, serialize=False, verbose_name="number"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                ("verb", models.CharField(max_length=20, verbose_name="verb")),
                ("by_name", models.CharField(max_length=200, verbose_name="name")),
                ("remark", models.TextField(blank=True, verbose_name="remark")),
                ("moment", models.DateTimeField(null=True, verbose_name="moment of publication")),
                (
                    "digest",
                    models.CharField(blank=True, max_length=64, verbose_name="digest of the text"),
                ),
                ("hash", models.CharField(max_length=64, unique=True, verbose_name="hash")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="letters.edition",
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="letters.letter",
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "ordering": ["-number"],
            },
        ),
        migrations.AddField(
            model_name="edition",
            name="letter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="editions",
                to="letters.letter",
            ),
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("sender", "sender"),
                            ("addressee", "addressee"),
                            ("signatory", "signatory"),
                            ("copy", "copy"),
                        ],
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="place")),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                ("title", models.CharField(blank=True, max_length=300, verbose_name="title")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                (
                    "country_name",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="country as displayed"
                    ),
                ),
                (
                    "correspondent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="letters.correspondent",
                        verbose_name="correspondent",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parties",
                        to="letters.edition",
                    ),
                ),
            ],
            options={
                "verbose_name": "party",
                "verbose_name_plural": "parties",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="RecordHead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveBigIntegerField(default=0)),
                ("at", models.DateTimeField(null=True)),
                ("hash", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_record_head")
                ],
            },
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=12, verbose_name="language")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("kept", "text kept under a banner"),
                            ("removed", "text removed"),
                            ("moved", "moved to another letter"),
                        ],
                        max_length=8,
                        verbose_name="what becomes of the text",
                    ),
                ),
                ("reason", models.TextField(verbose_name="public reason")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawals",
                        to="letters.letter",
                    ),
                ),
                (
                    "moved_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moved_here",
                        to="letters.letter",
                        verbose_name="the other letter",
                    ),
                ),
            ],
            options={
                "verbose_name": "withdrawal",
                "verbose_name_plural": "withdrawals",
            },
        ),
        migrations.CreateModel(
            name="AppointmentTitle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=12, verbose_name="language")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "appointment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="titles",
                        to="letters.appointment",
                    ),
                ),
            ],
            options={
                "verbose_name": "title",
                "verbose_name_plural": "titles",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("appointment", "language"),
                        name="one_title_an_appointment_and_language",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("since", None),
                    ("until", None),
                    ("until__gte", models.F("since")),
                    _connector="OR",
                ),
                name="appointment_ends_after_it_begins",
                violation_error_message="An appointment ends after it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="correspondentname",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_display", True)),
                fields=("correspondent", "language"),
                name="one_shown_name_a_language",
                violation_error_message="Only one name a language is shown on the site.",
            ),
        ),
        migrations.AddConstraint(
            model_name="editor",
            constraint=models.UniqueConstraint(
                fields=("edition", "user"), name="one_editor_an_edition_and_user"
            ),
        ),
        migrations.AddConstraint(
            model_name="kindname",
            constraint=models.UniqueConstraint(
                fields=("kind", "language"), name="one_name_a_kind_and_language"
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(
                fields=("year", "number"), name="one_letter_a_year_and_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source", ""), _negated=True),
                fields=("source",),
                name="a_source_is_imported_once",
            ),
        ),
        migrations.AddIndex(
            model_name="edition",
            index=models.Index(fields=["language", "dated", "id"], name="edition_lists"),
        ),
        migrations.AddIndex(
            model_name="edition",
            index=models.Index(fields=["live_from"], name="edition_moments"),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("draft", "submitted", "approved"))),
                fields=("letter", "language"),
                name="one_edition_in_progress",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("live_until", None), ("state", "published")),
                fields=("letter", "language"),
                name="one_open_ended_publication",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "discarded"), _negated=True),
                fields=("letter", "language", "number"),
                name="one_edition_a_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "submitted", "approved", "published", "discarded"])
                ),
                name="edition_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("live_from__isnull", False), ("state", "published")),
                    models.Q(
                        models.Q(("state", "published"), _negated=True),
                        ("live_from", None),
                        ("live_until", None),
                    ),
                    _connector="OR",
                ),
                name="published_means_live_from",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("live_until", None), ("live_until__gt", models.F("live_from")), _connector="OR"
                ),
                name="live_until_is_after_live_from",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("live_from", None),
                    ("not_before", None),
                    ("live_from__gte", models.F("not_before")),
                    _connector="OR",
                ),
                name="nothing_is_live_before_its_embargo",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("draft", "discarded")),
                    models.Q(("digest", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_frozen_text_has_a_digest",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("approved", "published")), _negated=True),
                    ("approved_by__isnull", False),
                    _connector="OR",
                ),
                name="approved_has_an_approver",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by", None),
                    models.Q(("approved_by", models.F("last_edited_by")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_approves_their_own_text",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "published"), _negated=True),
                    models.Q(("dated__isnull", False), ("kind__isnull", False)),
                    _connector="OR",
                ),
                name="a_published_letter_has_kind_and_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=letters.models.periods.NeverOverlap(
                condition=models.Q(("state", "published")),
                end="live_until",
                name="publications_never_overlap",
                start="live_from",
            ),
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(fields=["country", "edition"], name="party_countries"),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until", None), ("until__gt", models.F("since")), _connector="OR"
                ),
                name="withdrawal_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "moved"), ("moved_to__isnull", False)),
                    models.Q(models.Q(("kind", "moved"), _negated=True), ("moved_to", None)),
                    _connector="OR",
                ),
                name="withdrawal_moved_names_the_letter",
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="withdrawal_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)),
                fields=("letter", "language"),
                name="one_open_withdrawal_a_language",
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=letters.models.periods.NeverOverlap(
                end="until", name="withdrawals_never_overlap", start="since"
            ),
        ),
    ]
