"""A letter as PDF: the whole text, tagged, with what is needed to check it; made once."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.template.loader import render_to_string
from pypdf import PdfReader

from letters import record, renditions
from letters.models import Edition
from tests.letters_at_stages import make_correction, make_draft, make_edition, publish, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


def pdf_of(citizen: Any, edition: Edition) -> Any:
    return citizen.get(f"{edition.get_absolute_url()}letter.pdf")


def read(response: Any) -> str:
    pages = PdfReader(BytesIO(response.getvalue())).pages
    return " ".join("\n".join(page.extract_text() for page in pages).split())


def test_the_pdf_has_every_word_and_what_is_needed_to_check_it(citizen):
    edition = make_edition(body="<p>I send you my warmest wishes.</p>")
    response = pdf_of(citizen, edition)
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert f"{edition.letter.reference}-en.pdf" in response["Content-Disposition"]
    text = read(response)
    for words in (
        edition.headline,
        edition.summary,
        "I send you my warmest wishes.",
        edition.letter.reference,
        record.check_code(edition.digest),
        f"{settings.PRESSOFFICE_SITE_URL}/r/{edition.letter.reference}",
        "1 / 1",
    ):
        assert words in text
    assert len(record.check_code(edition.digest)) == 11


def test_it_is_tagged_and_says_its_title_and_language(citizen):
    edition = make_edition(language="fr", headline="Félicitations au roi d’Ostmark")
    with pikepdf.open(BytesIO(pdf_of(citizen, edition).getvalue())) as made:
        assert made.Root.MarkInfo.Marked
        assert str(made.Root.Lang) == "fr"
        assert str(made.docinfo["/Title"]) == edition.headline
        metadata = made.open_metadata()
        assert metadata["pdfuaid:part"] == "1"
        fonts = {str(font) for page in made.pages for font in page.Resources.Font}
        assert fonts


@pytest.mark.parametrize(
    "words", ["أبعث إليكم بأصدق التهاني", "Сердечно поздравляю", "გილოცავთ", "Əziz Müstəfa"]
)
def test_every_script_has_its_letters(words):
    style = render_to_string("letters/letter.pdf.css")
    html = f"<html lang=en><title>t</title><style>{style}</style><p>{words}"
    with pikepdf.open(BytesIO(renditions._set(html))) as made:
        for font in made.pages[0].Resources.Font.values():
            within = font.DescendantFonts[0]
            assert "/Noto-" in str(within.BaseFont).replace("+", "/")
            assert "/FontFile2" in within.FontDescriptor


def test_it_is_made_once_and_not_sent_again_to_whoever_has_it(citizen):
    edition = make_edition()
    first = pdf_of(citizen, edition)
    kept = list(Path(settings.MEDIA_ROOT, "renditions").rglob("*.pdf"))
    again = pdf_of(citizen, edition)
    assert list(Path(settings.MEDIA_ROOT, "renditions").rglob("*.pdf")) == kept
    assert again.getvalue() == first.getvalue()
    address = f"{edition.get_absolute_url()}letter.pdf"
    unchanged = citizen.get(address, headers={"If-None-Match": first["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_correction_and_a_withdrawal_make_another_at_once(citizen, clock):
    edition = publish(make_draft(), clock)
    before = pdf_of(citizen, edition)
    corrected = publish(make_correction(edition, correction_note="The year was wrong."), clock)
    after = pdf_of(citizen, corrected)
    assert after["ETag"] != before["ETag"]
    assert "The year was wrong." in read(after)
    withdraw(corrected, "kept", clock, reason="Under review.")
    assert "Under review." in read(pdf_of(citizen, corrected))


def test_nothing_outside_the_page_is_fetched(tmp_path, caplog):
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'><text>secret</text></svg>")
    html = f"<html lang=en><title>t</title><p>words<img alt=x src='file://{secret}'>"
    made = renditions._set(html)
    assert b"%PDF" in made[:8]
    assert "secret" not in PdfReader(BytesIO(made)).pages[0].extract_text()
    assert "Failed to load image" in caplog.text


def test_a_pdf_that_could_not_be_made_leaves_nothing_behind(monkeypatch):
    folder = Path(settings.MEDIA_ROOT, "renditions")
    before = set(folder.rglob("*.pdf")) if folder.exists() else set()

    def full(html: str, attached: bytes) -> bytes:
        raise OSError("No space left on device")

    monkeypatch.setattr(renditions, "_set", full)
    with pytest.raises(OSError, match="No space"):
        renditions.pdf("<p>One that was never made", of="")
    assert set(folder.rglob("*.pdf")) == before
