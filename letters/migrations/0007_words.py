"""The words of published letters, for search: a text index of the database's own kind."""

from django.db import migrations

CREATE = {
    "postgresql": "CREATE TABLE letters_words"
    " (edition_id bigint PRIMARY KEY, words tsvector NOT NULL);"
    " CREATE INDEX letters_words_gin ON letters_words USING gin (words) WITH (fastupdate = off)",
    "sqlite": "CREATE VIRTUAL TABLE letters_words USING fts5(title, about, text, language,"
    " tokenize = 'porter unicode61 remove_diacritics 0')",
}


def create(apps, schema_editor):
    schema_editor.execute(CREATE[schema_editor.connection.vendor])


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE letters_words")


class Migration(migrations.Migration):
    dependencies = [("letters", "0006_listing")]
    operations = [migrations.RunPython(create, drop)]
