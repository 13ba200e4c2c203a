"""Every text of the interface is there in every language it is translated into."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

ROOT = Path(settings.BASE_DIR)
LANGUAGES = sorted(path.name for path in (ROOT / "letters" / "locale").iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every text to translate, as gathered now from a copy of the tree."""
    copy = tmp_path_factory.mktemp("tree")
    for folder in ("letters", "templates", "pressoffice"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("*.mo"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(copy)
        patch.setattr(settings, "LOCALE_PATHS", [copy / "letters" / "locale"])
        call_command("makemessages", locale=["fr"], keep_pot=True, verbosity=0)
    return copy / "letters" / "locale" / "django.pot"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_or_doubtful(language: str, template: Path) -> None:
    translation = ROOT / "letters" / "locale" / language / "LC_MESSAGES" / "django.po"
    compared = subprocess.run(
        ["msgcmp", translation, template],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert compared.returncode == 0, compared.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_same_places_to_fill_in(language: str) -> None:
    translation = ROOT / "letters" / "locale" / language / "LC_MESSAGES" / "django.po"
    checked = subprocess.run(
        ["msgfmt", "--check", "--output-file=/dev/null", translation],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_sample_offices_languages_are_translated() -> None:
    assert {"ar", "fr"} <= set(LANGUAGES)
