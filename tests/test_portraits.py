"""The portrait of a correspondent: kept by administrators, shown on their page."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from letters.models import Correspondent, Party, Role
from tests.letters_at_stages import make_correspondent, make_draft, publish
from tests.the_desk import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


def picture(size: tuple[int, int] = (900, 600)) -> SimpleUploadedFile:
    written = BytesIO()
    Image.new("RGB", size, "#7a1f2b").save(written, "JPEG")
    return SimpleUploadedFile("king.jpg", written.getvalue())


def keep(client: Client, person: Correspondent, **fields: Any) -> Any:
    """Send the form of that correspondent as it is shown, with these fields."""
    address = reverse("admin:letters_correspondent_change", args=[person.pk])
    shown = client.get(address).context["adminform"].form
    formsets = client.get(address).context["inline_admin_formsets"]
    typed: dict[str, Any] = {"slug": shown.initial["slug"]}
    for inline in formsets:
        prefix = inline.formset.prefix
        typed |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return client.post(address, {**typed, **fields})


@pytest.fixture
def king(clock: Any) -> Correspondent:
    king = make_correspondent("aldan-of-ostmark", {"en": "Aldan of Ostmark"})
    to_him = Party(role=Role.ADDRESSEE, correspondent=king, name="Aldan of Ostmark")
    publish(make_draft(parties=[Party(role=Role.SENDER, name="Mira Halden"), to_him]), clock)
    return king


def test_a_portrait_is_shown_upright_on_the_page_of_its_correspondent(king, administrator, citizen):
    answer = keep(
        signed_in(administrator), king, upload=picture(), portrait_credit="Court of Ostmark"
    )
    assert answer.status_code == 302
    king.refresh_from_db()
    page = citizen.get("/en/correspondents/aldan-of-ostmark/").content.decode()
    assert f'src="/portrait/{king.portrait}.webp" width="160" height="200"' in page
    assert 'alt="Portrait of Aldan of Ostmark"' in page
    assert "Court of Ostmark" in page
    served = citizen.get(f"/portrait/{king.portrait}.webp")
    with Image.open(BytesIO(b"".join(served.streaming_content))) as image:
        assert (image.format, image.size) == ("WEBP", (320, 400))


def test_a_portrait_that_was_taken_away_is_served_no_more(king, administrator, citizen):
    client = signed_in(administrator)
    keep(client, king, upload=picture())
    king.refresh_from_db()
    address = f"/portrait/{king.portrait}.webp"
    keep(client, king, without="on")
    assert citizen.get(address).status_code == 404
    assert "<figure" not in citizen.get("/en/correspondents/aldan-of-ostmark/").content.decode()


def test_what_is_no_picture_is_refused_as_a_portrait(king, administrator):
    upload = SimpleUploadedFile("king.jpg", b"<svg/>")
    answer = keep(signed_in(administrator), king, upload=upload)
    assert answer.status_code == 200
    king.refresh_from_db()
    assert king.portrait == ""


def test_a_portrait_chosen_beside_an_office_that_is_refused_is_named_to_be_chosen_again(
    king, administrator
):
    office = {"appointments-TOTAL_FORMS": 1, "appointments-0-country": "Nowhere"}
    answer = keep(signed_in(administrator), king, upload=picture(), **office)
    assert "Choose it again: king.jpg" in words(answer)
    king.refresh_from_db()
    assert king.portrait == ""


def test_a_lost_file_of_a_portrait_is_no_error(king, citizen):
    Correspondent.objects.filter(pk=king.pk).update(portrait="0" * 64)
    assert citizen.get(f"/portrait/{'0' * 64}.webp").status_code == 404


def test_the_form_offers_to_take_a_portrait_away_only_where_there_is_one(king, administrator):
    client = signed_in(administrator)
    address = reverse("admin:letters_correspondent_change", args=[king.pk])
    assert "Remove the portrait" not in words(client.get(address))
    keep(client, king, upload=picture())
    assert "Remove the portrait" in words(client.get(address))
