from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0007_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="Examination",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("begun_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("faults", models.PositiveIntegerField(default=0)),
                ("first", models.TextField(blank=True)),
            ],
            options={"ordering": ["-day"]},
        ),
        migrations.AlterModelOptions(
            name="edition",
            options={
                "permissions": [
                    ("approve_edition", "Can approve a text or send it back"),
                    ("publish_edition", "Can publish, recall, withdraw and restore"),
                    ("emergency_edition", "Can publish without approval in an emergency"),
                    ("restrict_edition", "Can change who sees a restricted letter"),
                    ("redact_edition", "Can ask for and confirm the removal of personal data"),
                ],
                "verbose_name": "edition",
                "verbose_name_plural": "editions",
            },
        ),
        migrations.AddField(
            model_name="redaction",
            name="to_remove",
            field=models.JSONField(default=list, editable=False),
        ),
    ]
