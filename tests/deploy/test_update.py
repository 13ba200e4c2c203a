"""To a new version with a change of the schema, and back, while 200 requests a second are read."""

from __future__ import annotations

import time
from pathlib import Path

from tests.deploy.conftest import Readers, Stack

MIGRATION = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("letters", "%s")]
    operations = [
        migrations.AddField("letter", "tried", models.CharField(max_length=9, db_default="new")),
    ]
"""


def test_a_rolling_update_with_a_change_of_the_schema_and_back(stack: Stack) -> None:
    letter = stack.letter("Read through an update")
    pages = {letter["url"]: "Read through an update", "/en/": "Read through", "/en/letters/": "<ol"}
    pages["/en/letters/"] = "Read through"
    migrations = stack.folder / "letters" / "migrations"
    last = max(path.stem for path in Path(migrations).glob("0*.py"))
    (migrations / "0999_tried.py").write_text(MIGRATION % last)
    (stack.folder / "static" / "press.css").open("a").write("\n/* new */\n")
    old = {stack.run("docker", "inspect", "-f", "{{.Image}}", c) for c in stack.containers("web")}
    sheet = stack.get("/en/").text.split('rel="stylesheet" href="')[1].split('"')[0]

    readers = Readers(stack, pages)
    with readers.reading():
        time.sleep(2)
        stack.run("deploy/update")
        time.sleep(2)
        new = {
            stack.run("docker", "inspect", "-f", "{{.Image}}", c) for c in stack.containers("web")
        }
        assert len(stack.containers("web")) == 2
        assert new.isdisjoint(old)
        assert "'new'" in stack.sql(
            "SELECT column_default FROM information_schema.columns WHERE column_name = 'tried'"
        )
        assert stack.get("/en/").text.split('rel="stylesheet" href="')[1].split('"')[0] != sheet
        assert stack.get(sheet).status == 200  # of pages that are still open
        stack.run("deploy/update", "--back")
        time.sleep(2)
        back = {
            stack.run("docker", "inspect", "-f", "{{.Image}}", c) for c in stack.containers("web")
        }
        assert back == old
    readers.tell("rolling update with a new column, and back")
    assert readers.wrong == []
    stack.letter("Written by the earlier version on the newer tables")
