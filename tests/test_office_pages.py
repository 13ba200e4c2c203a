"""The pages of the office, its notices, its look and the letters it puts first."""

from __future__ import annotations

import gzip
import json
import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from letters import files
from letters.models import Appearance, NoticeBar, Office, OfficePage, Stage
from letters.models.office import DARK_GROUNDS, LIGHT_GROUNDS, contrast
from tests.letters_at_stages import make_edition
from tests.the_desk import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
PRESS = Path(settings.BASE_DIR, "static/press.css").read_text(encoding="utf-8")


def a_page(language: str = "en", kind: str = "about", body: str = "<p>Who we are.</p>") -> Any:
    Office.objects.get_or_create(language=language, defaults={"name": f"The office ({language})"})
    return OfficePage.objects.create(language=language, kind=kind, body=body)


def typed(**fields: Any) -> dict[str, Any]:
    return {"kind": "about", "language": "en", "body": "<p>Who we are.</p>", **fields}


# --- Pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OfficePage.Kind.values)
def test_a_page_of_the_office_is_at_its_own_address_and_linked_from_every_page(kind, citizen):
    a_page(kind=kind)
    page = citizen.get(f"/en/{kind}/")
    assert page.status_code == 200
    assert "<p>Who we are.</p>" in page.content.decode()
    assert f'href="/en/{kind}/"' in citizen.get("/en/").content.decode()


def test_a_page_that_is_in_no_language_is_no_page(citizen):
    assert citizen.get("/en/about/").status_code == 404
    assert "/en/about/" not in citizen.get("/en/").content.decode()


def test_a_page_in_another_language_only_says_so_and_offers_it(citizen):
    a_page("fr", body="<p>Qui nous sommes.</p>")
    Office.objects.create(language="en", name="The office")
    answer = citizen.get("/en/about/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert 'href="/fr/about/"' in page
    assert "Qui nous sommes" not in page
    assert "/en/about/" not in citizen.get("/en/").content.decode()
    assert 'href="/fr/about/"' in citizen.get("/fr/").content.decode()


def test_the_languages_of_a_page_name_each_other(citizen):
    a_page("en")
    a_page("fr")
    for language in ("en", "fr"):
        page = citizen.get(f"/{language}/about/").content.decode()
        found = dict(re.findall(r'hreflang="([-\w]+)" href="([^"]+)"', page))
        assert found == {
            "en": "http://testserver/en/about/",
            "fr": "http://testserver/fr/about/",
            "x-default": "http://testserver/en/about/",
        }


def test_the_office_with_all_that_every_page_shows_is_one_query():
    a_page()
    a_page(kind="reuse")
    NoticeBar.objects.create(language="en", text="Closed.", since=timezone.now())
    Appearance.objects.create(accent="#7a1f2b")
    with CaptureQueriesContext(connection) as queries:
        office: Any = Office.objects.current()
        assert [page.kind for page in office.pages] == ["about", "reuse"]
        assert (office.notice, office.accent) == ("Closed.", "#7a1f2b")
    assert len(queries) == 1


def test_an_administrator_writes_a_page_in_safe_markup(administrator, citizen):
    client = signed_in(administrator)
    Office.objects.create(language="en", name="The office")
    poison = '<h2>Us</h2><p onclick="x()">Here<script>alert(1)</script></p>'
    answer = client.post("/admin/letters/officepage/add/", typed(body=poison))
    assert answer.status_code == 302, answer.context["errors"]
    assert OfficePage.objects.get().body == "<h2>Us</h2><p>Here</p>"
    assert citizen.get("/en/about/").status_code == 200


@pytest.mark.parametrize("body", ["", " ", "<p> </p>", "<script>x</script>"])
def test_a_page_without_words_is_refused(body, administrator):
    answer = signed_in(administrator).post("/admin/letters/officepage/add/", typed(body=body))
    assert answer.status_code == 200
    assert not OfficePage.objects.exists()


def test_there_is_one_page_of_a_kind_in_a_language(administrator):
    a_page()
    answer = signed_in(administrator).post("/admin/letters/officepage/add/", typed())
    assert answer.status_code == 200
    with pytest.raises(IntegrityError):
        OfficePage.objects.create(language="en", kind="about", body="<p>Again.</p>")


@pytest.mark.parametrize("model", ["office", "officepage", "noticebar", "appearance"])
@pytest.mark.parametrize("who", ["drafter", "approver", "publisher"])
def test_only_administrators_change_what_the_office_says_of_itself(model, who, request):
    client = signed_in(request.getfixturevalue(who))
    for page in ("", "add/"):
        assert client.get(f"/admin/letters/{model}/{page}").status_code == 403


def test_a_letter_says_by_which_principles_it_is_published(citizen):
    edition = make_edition(Stage.LIVE)

    def publisher() -> dict[str, Any]:
        page = citizen.get(edition.get_absolute_url()).content.decode()
        graph = json.loads(re.findall(r"ld\+json\">(.*?)</script>", page)[0])
        return graph["@graph"][0]["publisher"]

    assert "publishingPrinciples" not in publisher()
    a_page()
    assert publisher()["publishingPrinciples"] == "http://testserver/en/about/"


def test_the_sitemap_has_the_pages_of_the_office(citizen):
    a_page("fr", "privacy")
    assert (
        "http://testserver/fr/privacy/</loc>" in citizen.get("/sitemap-pages.xml").content.decode()
    )


# --- Notices -------------------------------------------------------------------------------------


def test_a_notice_is_on_every_page_from_its_moment_until_its_end(clock, citizen):
    Office.objects.create(language="en", name="The office")
    now = timezone.now()
    NoticeBar.objects.create(
        language="en",
        text="Closed until 2 January. Write to press@valdora.example",
        since=now + timedelta(minutes=1),
        until=now + timedelta(minutes=2),
    )

    def says() -> bool:
        pages = [citizen.get(f"/en/{page}").content.decode() for page in ("", "letters/", "x/")]
        shown = ["Closed until 2 January." in page for page in pages]
        assert len(set(shown)) == 1
        return shown[0]

    assert not says()
    clock.shift(60)
    assert says()
    assert "mailto:press@valdora.example" in citizen.get("/en/").content.decode()
    assert "Closed" not in citizen.get("/fr/").content.decode()
    clock.shift(60)
    assert not says()


def test_a_notice_that_ends_before_it_begins_is_refused(administrator):
    fields = {"language": "en", "text": "Closed.", "since_0": "2026-12-24", "since_1": "12:00"}
    fields |= {"until_0": "2026-12-23", "until_1": "12:00"}
    answer = signed_in(administrator).post("/admin/letters/noticebar/add/", fields)
    assert answer.status_code == 200
    with pytest.raises(IntegrityError):
        now = timezone.now()
        NoticeBar.objects.create(language="en", text="Closed.", since=now, until=now)


# --- The letters that lead -----------------------------------------------------------------------


def with_leads(client: Client, *references: str) -> Any:
    Office.objects.get_or_create(language="en", defaults={"name": "The office"})
    fields = {"name": "The office", "leads": ", ".join(references)}
    return client.post("/admin/letters/office/en/change/", fields)


def test_the_letters_an_administrator_chose_lead_the_front_page(administrator, citizen):
    editions = [make_edition(Stage.LIVE) for _ in range(4)]
    first, second = editions[0].letter.reference, editions[2].letter.reference
    assert with_leads(signed_in(administrator), second, first).status_code == 302
    shown = citizen.get("/en/").context
    assert [edition.pk for edition in shown["leads"]] == [editions[2].pk, editions[0].pk]
    assert {edition.pk for edition in shown["letters"]} == {editions[1].pk, editions[3].pk}


def test_without_a_choice_the_latest_letter_leads(citizen):
    editions = [make_edition(Stage.LIVE) for _ in range(2)]
    shown = citizen.get("/en/").context
    assert [edition.pk for edition in shown["leads"]] == [editions[1].pk]
    assert [edition.pk for edition in shown["letters"]] == [editions[0].pk]


def test_a_chosen_letter_that_is_withdrawn_leads_no_more(citizen):
    gone, there = make_edition(Stage.WITHDRAWN), make_edition(Stage.LIVE)
    Office.objects.create(language="en", name="The office", leads=gone.letter.reference)
    shown = citizen.get("/en/").context
    assert [edition.pk for edition in shown["leads"]] == [there.pk]
    assert not shown["chosen"]


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.SCHEDULED, Stage.WITHDRAWN])
def test_a_letter_that_the_public_cannot_read_is_refused_as_one_that_does_not_exist(
    stage, administrator
):
    client = signed_in(administrator)
    there = make_edition(stage).letter.reference
    told = [with_leads(client, name).content.decode() for name in (there, "1900-1")]
    assert all("The public cannot read these in this language" in page for page in told)
    assert Office.objects.get().leads == ""


@pytest.mark.parametrize(
    "crafted", [{"language": "\0"}, {"leads": "\0, 2026-1"}, {"language": "xx"}]
)
def test_a_crafted_form_of_the_office_is_refused(crafted, administrator):
    fields = {"language": "en", "name": "The office", "leads": "2026-1", **crafted}
    answer = signed_in(administrator).post("/admin/letters/office/add/", fields)
    assert answer.status_code == 200
    assert not Office.objects.exists()


def test_no_more_than_three_letters_lead(administrator):
    references = [make_edition(Stage.LIVE).letter.reference for _ in range(4)]
    assert with_leads(signed_in(administrator), *references).status_code == 200
    assert Office.objects.get().leads == ""


# --- Emblem and colours --------------------------------------------------------------------------


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 600)) -> SimpleUploadedFile:
    written = BytesIO()
    Image.new("RGB", size, "#7a1f2b").save(written, kind)
    return SimpleUploadedFile(f"emblem.{kind.lower()}", written.getvalue())


def look(client: Client, **fields: Any) -> Any:
    chosen = {"accent": "#7a1f2b", "accent_in_the_dark": "#f0a0a8", **fields}
    return client.post("/admin/letters/appearance/add/", chosen)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_emblem_that_was_chosen_is_on_every_page_and_on_the_pdf(kind, administrator, citizen):
    Office.objects.create(language="en", name="The office")
    assert look(signed_in(administrator), upload=picture(kind)).status_code == 302
    emblem = Appearance.objects.get().emblem
    page = citizen.get("/en/").content.decode()
    assert f'src="/emblem/{emblem}.webp"' in page
    served = citizen.get(f"/emblem/{emblem}.webp")
    assert served["Content-Type"] == "image/webp"
    with Image.open(BytesIO(b"".join(served.streaming_content))) as image:
        assert (image.format, image.size) == ("WEBP", (288, 192))
    letter = make_edition(Stage.LIVE)
    assert citizen.get(f"{letter.get_absolute_url()}letter.pdf").status_code == 200


def test_an_emblem_that_was_chosen_beside_a_colour_that_is_refused_is_named_to_be_chosen_again(
    administrator,
):
    answer = look(signed_in(administrator), upload=picture(), accent="red")
    assert "Choose it again: emblem.png" in words(answer)
    answer = look(signed_in(administrator), accent="red")
    assert "Choose it again" not in words(answer)


@pytest.mark.parametrize(
    "content", [b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', b"%PDF-1.7", b"", b"\0"]
)
def test_what_is_no_picture_is_refused_as_an_emblem(content, administrator):
    upload = SimpleUploadedFile("emblem.png", content)
    answer = look(signed_in(administrator), upload=upload)
    assert answer.status_code == 200
    assert not Appearance.objects.exists()


def test_the_emblem_that_comes_with_the_site_can_be_had_back(administrator, citizen):
    client = signed_in(administrator)
    Office.objects.create(language="en", name="The office")
    look(client, upload=picture())
    emblem = Appearance.objects.get().emblem
    again = {"accent": "#153a66", "accent_in_the_dark": "#8fb4e0", "without": "on"}
    assert client.post("/admin/letters/appearance/1/change/", again).status_code == 302
    assert "/static/emblem.svg" in citizen.get("/en/").content.decode()
    assert citizen.get(f"/emblem/{emblem}.webp").status_code == 404


def test_only_the_emblem_in_use_is_served_and_a_lost_file_is_no_error(citizen):
    assert citizen.get("/emblem/abc.webp").status_code == 404
    Appearance.objects.create(emblem="0" * 64)
    assert citizen.get(f"/emblem/{'0' * 64}.webp").status_code == 404
    letter = make_edition(Stage.LIVE)
    assert citizen.get(f"{letter.get_absolute_url()}letter.pdf").status_code == 200
    assert not default_storage.exists(files.small_place("0" * 64))


def test_colours_are_a_style_sheet_that_pages_name_only_when_some_are_chosen(citizen):
    Office.objects.create(language="en", name="The office")
    assert citizen.get("/office.css").status_code == 404
    assert "office.css" not in citizen.get("/en/").content.decode()
    Appearance.objects.create(accent="#7a1f2b", accent_in_the_dark="#f0a0a8")
    assert "/office.css?7a1f2b-f0a0a8" in citizen.get("/en/").content.decode()
    sheet = citizen.get("/office.css?anything")
    assert sheet["Content-Type"].startswith("text/css")
    assert "--seal: #7a1f2b" in sheet.content.decode()


@pytest.mark.parametrize(
    ("field", "colour"),
    [
        ("accent", "#8fb4e0"),
        ("accent_in_the_dark", "#153a66"),
        ("accent", "red"),
        ("accent", "#fff"),
        ("accent", "#7a1f2b;}"),
        ("accent", "#7a1f2b\n"),
        ("accent", "#zzzzzz"),
    ],
)
def test_a_colour_that_is_none_or_cannot_be_read_is_refused(field, colour, administrator):
    chosen = {"accent": "#7a1f2b", "accent_in_the_dark": "#f0a0a8", field: colour}
    with pytest.raises(ValidationError) as refused:
        Appearance(**chosen).full_clean()
    assert set(refused.value.message_dict) == {field}
    if "\n" not in colour:  # which a form takes off
        answer = look(signed_in(administrator), **{field: colour})
        assert answer.status_code == 200
        assert not Appearance.objects.exists()


def test_contrast_is_reckoned_as_the_guidelines_do():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#ffffff") == 1


def test_the_grounds_an_accent_is_judged_on_are_those_of_the_style_sheet():
    light, dark = PRESS.split("prefers-contrast")[0].split("@media (prefers-color-scheme: dark)")
    reading = re.findall(r"^html:has\(.reading\) .*", PRESS, re.MULTILINE)[0]
    for written, grounds in ((light + reading, LIGHT_GROUNDS), (dark, DARK_GROUNDS)):
        found = re.findall(r"--(?:ground|sheet|tint): (#\w+)", written)
        assert {"#ffffff" if ground == "#fff" else ground for ground in found} == set(grounds)


def test_the_text_of_a_letter_has_the_contrast_of_level_aaa_in_both_schemes():
    """--ink on every ground; the softer ink of what surrounds a letter has that of level AA."""
    for ink, soft, grounds in (
        ("#14181e", "#4a525d", LIGHT_GROUNDS),
        ("#eceff3", "#aab4c0", DARK_GROUNDS),
    ):
        assert f"--ink: {ink}" in PRESS
        assert f"--soft: {soft}" in PRESS
        assert min(contrast(ink, ground) for ground in grounds) >= 7
        assert min(contrast(soft, ground) for ground in grounds) >= 4.5


def test_the_style_sheet_stays_small():
    assert len(gzip.compress(PRESS.encode(), 9)) <= 20 * 1024


def test_a_change_of_the_offices_texts_changes_no_digest(administrator):
    edition = make_edition(Stage.LIVE)
    before = edition.digest
    by: User = administrator
    signed_in(by).post("/admin/letters/officepage/add/", typed())
    edition.refresh_from_db()
    assert edition.digest == before
