"""Every text of the interface is there in every language it is translated into."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import ngettext
from django_countries import countries

from letters import dates, workflow
from letters.models import Kind, Withdrawal
from letters.templatetags.letters import language_called

ROOT = Path(settings.BASE_DIR)
LANGUAGES = sorted(path.name for path in (ROOT / "letters" / "locale").iterdir() if path.is_dir())
MOMENT = datetime(2026, 11, 8, 9, tzinfo=UTC)


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


def test_every_language_that_a_site_can_choose_is_translated() -> None:
    assert {"en", *LANGUAGES} == set(settings.LANGUAGE_NAMES)


@pytest.mark.django_db
def test_the_kinds_an_office_begins_with_have_a_name_in_every_language() -> None:
    for kind in Kind.objects.all():
        assert {name.language for name in kind.names.all()} == set(settings.LANGUAGE_NAMES)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", Withdrawal.Kind)
def test_the_standard_reason_of_a_withdrawal_is_in_the_language_of_the_text(kind: str) -> None:
    reasons = {workflow.standard_reasons(language, kind)[0] for language in settings.LANGUAGE_NAMES}
    assert len(reasons) == len(settings.LANGUAGE_NAMES)


def test_a_date_has_the_month_in_the_form_its_language_wants() -> None:
    day = date(2026, 11, 8)
    for language, written in {
        "es": "8 de noviembre de 2026",
        "ru": "8 ноября 2026 г.",
        "az": "8 noyabr 2026",
        "ar": "8 نوفمبر 2026",
    }.items():
        with translation.override(language):
            assert date_format(day) == written


@pytest.mark.parametrize(("language", "alike"), [("ar", 0), ("ru", 0), ("az", 28)])
def test_countries_are_named_in_the_language_of_the_page(language: str, alike: int) -> None:
    """But for the few whose names are written alike: Nepal is Nepal."""
    with translation.override("en"):
        english = {country.code: country.name for country in countries}
    with translation.override(language):
        same = [name for code, name in english.items() if countries.name(code) == name]
    assert len(same) <= alike, same


@pytest.mark.parametrize(
    ("language", "called"),
    [
        ("en", "English"),
        ("fr", "anglais"),
        ("es", "inglés"),
        ("ru", "английский"),
        ("az", "ingilis"),
        ("ar", "الإنجليزيّة"),
    ],
)
def test_a_language_is_called_what_it_is_called_inside_a_sentence(
    language: str, called: str
) -> None:
    with translation.override(language):
        assert language_called("en") == called


def test_a_moment_has_the_comma_of_its_script() -> None:
    for language, comma in (("en", ","), ("az", ","), ("ar", "،")):
        with translation.override(language):
            for written in (dates.moment(MOMENT), dates.day_and_time(MOMENT)):
                assert f"{comma} " in written
                assert written.endswith("UTC")


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "8 November, 09:00:00 UTC"),
        ("fr", "8 novembre, 09:00:00 UTC"),
        ("es", "8 de noviembre, 09:00:00 UTC"),
        ("ru", "8 ноября, 09:00:00 UTC"),
        ("az", "8 noyabr, 09:00:00 UTC"),
    ],
)
def test_a_date_without_its_year_has_it_too(language: str, written: str) -> None:
    with translation.override(language):
        assert dates.day_and_time(MOMENT) == written


@pytest.mark.parametrize(
    ("language", "counted"),
    [
        ("es", {1: "1 carta", 2: "2 cartas", 5: "5 cartas", 21: "21 cartas"}),
        ("ru", {1: "1 письмо", 2: "2 письма", 5: "5 писем", 21: "21 письмо"}),
    ],
)
def test_what_is_counted_takes_the_form_its_number_wants(
    language: str, counted: dict[int, str]
) -> None:
    with translation.override(language):
        for count, words in counted.items():
            form = ngettext("%(count)s letter", "%(count)s letters", count)
            assert form % {"count": count} == words
