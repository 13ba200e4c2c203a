"""What the sample office shows: photographs, a facsimile and pages of its own in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from letters.management.commands.load_sample_office import SAMPLE
from letters.models import Edition, File, OfficePage
from tests import sample
from tests.sample import sample_office  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_office"), pytest.mark.pages]

PICTURES = sorted(path.name for path in SAMPLE.iterdir() if path.suffix == ".jpg")


def test_each_picture_is_shown_by_letters_in_several_languages_and_described_in_each():
    assert len(PICTURES) == len(set(File.objects.values_list("sha256", flat=True)))
    with_files = Edition.objects.filter(files__isnull=False).distinct()
    assert len(set(with_files.values_list("language", flat=True))) >= 5
    for edition in with_files:
        others = Edition.objects.filter(letter=edition.letter)
        assert {other.files.count() for other in others} == {edition.files.count()}
    described = File.objects.values_list("alt", flat=True)
    assert all(described)
    assert len(set(described)) == len(described)
    for photograph in File.objects.filter(role=File.Role.PHOTOGRAPH):
        assert photograph.caption
        assert photograph.credit


def test_the_pictures_stay_small():
    assert sum((SAMPLE / name).stat().st_size for name in PICTURES) <= 512 * 1024


def test_a_page_with_photographs_serves_each_of_them_in_every_width(citizen: Client):
    page = citizen.get(sample.address("ruvenia-congratulation-2025", "ru")).content.decode()
    addresses = set(re.findall(r"/ru/letters/[\w-]+/files/[\w.-]+", page))
    assert {Path(address).suffix for address in addresses} == {".jpg", ".webp"}
    for address in addresses:
        assert citizen.get(address).status_code == 200, address
    assert "Подписанный подлинник" in page


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_the_office_has_every_page_in_every_language(language: str, citizen: Client):
    for kind in OfficePage.Kind.values:
        page = citizen.get(f"/{language}/{kind}/")
        assert page.status_code == 200, kind
        own = OfficePage.objects.get(language=language, kind=kind).body
        assert set(re.findall(r'href="/(\w\w)/', own)) <= {language}, "a link leaves the language"
