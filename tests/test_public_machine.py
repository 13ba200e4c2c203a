"""A machine with the public site only: what it prepares, and how it learns what the desk did."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from letters import workflow
from letters.management.commands.drop_copies import last_changes
from letters.models import Edition
from tests.letters_at_stages import make_draft, person, publish, withdraw
from tests.servers import environment, manage
from tests.test_caching import correction

pytestmark = pytest.mark.django_db


@pytest.fixture
def mark(settings: Any, tmp_path: Path) -> Path:
    path = tmp_path / "mark"
    path.touch()
    settings.PRESSOFFICE_CACHE_MARK = str(path)
    return path


def test_copies_are_dropped_for_whatever_the_desk_takes_off_or_replaces(
    mark: Path, clock: Any
) -> None:
    edition = publish(make_draft(), clock=clock)
    publisher = person("publisher")
    seen = [last_changes()]
    publish(make_draft(), clock=clock)
    assert last_changes() == seen[-1], "a first publication puts nothing in the place of another"
    corrected = correction(edition)
    for act in (
        lambda: workflow.publish(corrected, by=publisher),
        lambda: withdraw(Edition.objects.get(pk=corrected.pk)),
        lambda: workflow.restore(Edition.objects.get(pk=corrected.pk), by=publisher),
    ):
        act()
        clock.shift(1)
        seen.append(last_changes())
    assert all(a != b for a, b in zip(seen, seen[1:], strict=False))
    size = mark.stat().st_size
    call_command("drop_copies", "--once")
    assert mark.stat().st_size == size + 1, "what happened before the first look is not known"


def test_without_the_desk_only_the_files_of_the_proxy_are_prepared(
    settings: Any, tmp_path: Path
) -> None:
    settings.PRESSOFFICE_DESK = False
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATIC_ROOT.mkdir()
    settings.PRESSOFFICE_KEYS = tmp_path / "keys"
    said = StringIO()
    call_command("prepare", static=tmp_path / "static", stdout=said)
    assert (tmp_path / "static" / "notices" / "fr" / "503.html").exists()
    assert not settings.PRESSOFFICE_KEYS.exists()
    assert said.getvalue() == ""


@pytest.mark.parametrize("command", ["prepare", "drop_copies"])
def test_what_such_a_machine_runs_is_there_without_the_desk(command: str) -> None:
    env = environment(PRESSOFFICE_DESK="0", DATABASE_URL="sqlite://:memory:")
    assert command in manage(env, command, "--help")
