"""manage.py as a developer types it first: in a trial, and where nothing is set."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree in which nothing was run yet: manage.py looks beside itself for a trial."""
    shutil.copy(ROOT / "manage.py", tmp_path)
    for folder in ("pressoffice", "letters"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    return tmp_path


def manage(tree: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    bare = {
        name: value
        for name, value in os.environ.items()
        if name != "DATABASE_URL" and not name.startswith(("PRESSOFFICE_", "DJANGO_"))
    }
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=tree,
        env=bare | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_in_a_trial_a_command_needs_no_setting(tree: Path) -> None:
    (tree / "db.sqlite3").touch()
    done = manage(tree, "check")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "PRESSOFFICE_SECRET_KEY"),
        ({"PRESSOFFICE_SECRET_KEY": "x" * 50, "PRESSOFFICE_HTTPS": "yes"}, "PRESSOFFICE_HTTPS"),
        ({"PRESSOFFICE_SECRET_KEY_FILE": "/nowhere"}, "PRESSOFFICE_SECRET_KEY_FILE"),
    ],
)
def test_elsewhere_what_is_missing_or_wrong_is_one_sentence(
    given: dict[str, str], named: str, tree: Path
) -> None:
    done = manage(tree, "check", **given)
    assert done.returncode == 1
    assert done.stdout == ""
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_tree_with_a_trial_never_lends_its_key_to_a_server(tree: Path) -> None:
    (tree / "db.sqlite3").touch()
    done = manage(tree, "check", PRESSOFFICE_ALLOWED_HOSTS="press.example.org")
    assert done.returncode == 1
    assert "PRESSOFFICE_SECRET_KEY" in done.stderr
