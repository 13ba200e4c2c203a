"""The sample office in a test: the pages of every kind, at every address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from letters import workflow
from letters.models import Edition, Letter, OfficePage
from tests.databases import EMPTY, SAMPLE, Databases
from tests.letters_at_stages import make_correction, person, publish


def letter(key: str) -> Letter:
    """A letter of the sample by the key it has in its file."""
    return Letter.objects.get(source=f"sample:{key}")


def address(key: str, language: str) -> str:
    edition = (
        Edition.objects.filter(letter=letter(key), language=language).order_by("number").last()
    )
    assert edition is not None
    return edition.get_absolute_url()


def pages(language: str) -> dict[str, str]:
    """One address of every kind of public page, by what it is."""
    treaty = address("auremont-summit-invitation-2026", language)
    found = {
        "front page": f"/{language}/",
        "archive": f"/{language}/letters/",
        "archive of a kind and year": f"/{language}/letters/?kind=reply&year=2026&direction=sent",
        "archive with nothing in it": f"/{language}/letters/?q=zzzz",
        "archive asked nonsense": f"/{language}/letters/?year=never",
        "search": f"/{language}/search/",
        "search that finds": f"/{language}/search/?q=2026",
        "search that finds nothing": f"/{language}/search/?q=zzzz",
        "letter": treaty,
        "its editions": f"{treaty}editions/",
        "correspondents": f"/{language}/correspondents/",
        "correspondent": f"/{language}/correspondents/elena-marovel/",
        "countries": f"/{language}/countries/",
        "country": f"/{language}/countries/XA/",
        **{kind: f"/{language}/{kind}/" for kind in OfficePage.Kind.values},
        "check": f"/{language}/verify/",
        "check of nothing": f"/{language}/verify/?reference=1900-1&code=AAAAA-AAAAA",
        "no such page": f"/{language}/letters/1900-1/",
    }
    if language in ("en", "fr", "ar"):
        found["letter with a photograph"] = address("king-sigvard-condolence-2025", language)
    if language == "en":
        corrected = address("karpovia-earthquake-2026", "en")
        found |= {
            "corrected letter": corrected,
            "its history": f"{corrected}editions/",
            "superseded text": f"{corrected}editions/1/",
            "withdrawn, text kept": address("glacier-conference-invitation-2026", "en"),
            "withdrawn, text removed": address("altymar-anniversary-2026", "en"),
            "letter with a photograph and a facsimile": address(
                "ruvenia-congratulation-2025", "en"
            ),
            "letter in another language only": f"/en/letters/{letter('zahwan-national-day-2025')}/",
        }
    return found


def redacted(language: str) -> str:
    """The address of a text whose words were removed, since a law required it: made here."""
    first = Edition.objects.filter(letter=letter("auremont-summit-invitation-2026")).get(
        language=language
    )
    publish(make_correction(first))
    asked = workflow.ask_redaction(
        Edition.objects.get(pk=first.pk), by=person("administrator"), reason="A court ordered it."
    )
    workflow.redact(asked, by=person("approver"))
    return f"{first.get_absolute_url()}editions/{first.number}/"


@pytest.fixture(scope="module")
def sample_office(
    django_db_setup: None, databases: Databases, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Is in the database that the tests of a module ask, each of which rolls back to it."""
    with django_db_blocker.unblock():
        databases.use(SAMPLE)
    yield
    with django_db_blocker.unblock():
        databases.use(EMPTY)
