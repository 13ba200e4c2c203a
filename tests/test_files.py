"""Photographs and facsimiles: clean when they are taken, frozen with the text, public with it."""

from __future__ import annotations

import re
import resource
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms

from letters import clearances, files, workflow
from letters.models import Edition, File
from tests.letters_at_stages import (
    edit,
    make_correction,
    make_draft,
    make_edition,
    person,
    publish,
    schedule,
    submit,
    withdraw,
)
from tests.test_backup import full_disk
from tests.test_verify_record import path_of
from tests.the_desk import filled_in, form_of, links, parsed, save, signed_in, words

pytestmark = pytest.mark.django_db
PHOTOGRAPH, FACSIMILE = File.Role.PHOTOGRAPH, File.Role.FACSIMILE


def picture(kind: str = "JPEG", size: tuple[int, int] = (1200, 800), **more: Any) -> bytes:
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    to = BytesIO()
    image.save(to, kind, **more)
    return to.getvalue()


def document(pages: int = 1, **save: Any) -> bytes:
    with pikepdf.new() as made:
        for _number in range(pages):
            made.add_blank_page()
        page = made.pages[0]
        page.Annots = made.make_indirect(
            [pikepdf.Dictionary(Type=pikepdf.Name.Annot, A=pikepdf.Dictionary(URI="http://evil"))]
        )
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('poison')")
        made.Root.OpenAction = script
        page.AA = pikepdf.Dictionary(O=script)
        made.attachments["poison.exe"] = b"poison"
        made.docinfo["/Author"] = "poison"
        to = BytesIO()
        made.save(to, **save)
    return to.getvalue()


def take(content: bytes, role: str = PHOTOGRAPH) -> files.Taken:
    return files.take(BytesIO(content), role)


def bytes_of(taken: files.Taken) -> bytes:
    file = File(sha256=taken.sha256, type=taken.type)
    return path_of(file.name).read_bytes()


def refusal(content: bytes, role: str = PHOTOGRAPH) -> str:
    with pytest.raises(ValidationError) as caught:
        take(content, role)
    return caught.value.message


# --- What is taken ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_made_anew_with_its_copies_and_nothing_else_in_it(kind):
    place = Image.Exif()
    place[0x0110] = "Secret Camera"
    place.get_ifd(0x8825)[2] = (51.0, 30.0, 0.0)
    content = picture(kind, exif=place) + b"<script>poison</script>"
    taken = take(content)
    assert taken.type == f"image/{kind.lower()}"
    assert (taken.width, taken.height) == (1200, 800)
    kept = bytes_of(taken)
    assert b"poison" not in kept
    assert b"Secret Camera" not in kept
    with Image.open(BytesIO(kept)) as image:
        assert (image.format, image.size) == (kind, (1200, 800))
        assert not image.getexif()
        assert not {"icc_profile", "exif", "xmp", "comment"} & image.info.keys()
    file = File(sha256=taken.sha256, type=taken.type, width=1200, height=800)
    for name, width in file.copies:
        with Image.open(path_of(name)) as copy:
            assert copy.width == width
    assert [width for _name, width in file.copies] == [480, 960]


def test_the_same_picture_is_kept_once():
    assert take(picture()) == take(picture())


def test_a_picture_is_turned_upright_and_made_no_larger_than_a_page_needs():
    turned = Image.Exif()
    turned[0x0112] = 6
    taken = take(picture(size=(4000, 3000), exif=turned))
    assert (taken.width, taken.height) == (1920, 2560)


def test_other_colours_and_palettes_become_those_of_the_web():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert take(picture(icc_profile=profile)).type == "image/jpeg"  # a profile of another kind
    to = BytesIO()
    Image.new("CMYK", (40, 40), (0, 255, 255, 0)).save(to, "JPEG")
    with Image.open(BytesIO(bytes_of(take(to.getvalue())))) as image:
        assert image.mode == "RGB"
    to = BytesIO()
    Image.new("RGBA", (40, 40), (9, 9, 9, 0)).save(to, "PNG")
    with Image.open(BytesIO(bytes_of(take(to.getvalue())))) as image:
        assert image.mode == "RGBA"


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = b""
    for name, content in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b"")):
        crc = zlib.crc32(name + content)
        chunks += struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)
    return b"\x89PNG\r\n\x1a\n" + chunks


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    to = BytesIO()
    frames[0].save(to, kind, save_all=True, append_images=frames[1:], duration=100)
    return to.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (picture()[:-900], "no picture that can be read"),
        (b"", "no picture that can be read"),
        (b"<html><script>alert(1)</script>", "no picture that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture that can be read"),
        (moving("GIF"), "no picture that can be read"),
        (moving("PNG"), "moves"),
        (moving("WEBP"), "moves"),
        (document(), "This is a PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 99, "is HEIC, as an iPhone"),
        (b"\xff\xd8\xff\xe0" + b"\0" * files.LARGEST, "larger than 20 MB"),
    ],
    ids=["truncated", "empty", "html", "svg", "gif", "apng", "webp", "pdf", "heic", "too large"],
)
def test_what_is_no_photograph_is_refused_whatever_it_is_called(content, said):
    assert said in refusal(content)


def test_a_picture_that_would_fill_the_memory_is_refused_unread():
    said = refusal(bomb(64_000, 1_000_000))
    assert "pixels" in said or "no picture" in said
    assert "30 million" in refusal(picture("PNG", (6001, 5000), compress_level=1))


def packed(megabytes: int) -> bytes:
    """So many megabytes of nothing in a few bytes."""
    packing = zlib.compressobj(9)
    return b"".join(packing.compress(bytes(2**20)) for _n in range(megabytes)) + packing.flush()


def pdf_bomb(megabytes: int, **packed_as: Any) -> bytes:
    with pikepdf.new() as made:
        made.add_blank_page()
        content = pikepdf.Stream(made, packed(megabytes))
        content.Filter = packed_as.get("filter", pikepdf.Name.FlateDecode)
        made.pages[0].Contents = content
        to = BytesIO()
        made.save(to, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        return to.getvalue()


def bomb_of_objects(megabytes: int) -> bytes:
    """A PDF whose objects stand in a stream that unpacks to so much when it is opened."""
    objects = b"1 0 <</Type/Catalog/Pages 2 0 R>>"
    packing = zlib.compressobj(9)
    stream = packing.compress(objects)
    stream += b"".join(packing.compress(b" " * 2**20) for _n in range(megabytes)) + packing.flush()
    made = b"%PDF-1.5\n"
    made += b"4 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length "
    made += b"%d>>stream\n" % len(stream) + stream + b"\nendstream\nendobj\n"
    rows = b"\0\0\0\0\0\xff" + b"\2\0\0\0\4\0" + b"\1\0\0\0\x09\0"
    at = len(made)
    made += b"5 0 obj\n<</Type/XRef/Size 6/Index[0 2 4 1]/W[1 4 1]/Root 1 0 R/Length 18>>stream\n"
    return made + rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % at


@contextmanager
def within(megabytes: int) -> Iterator[None]:
    """What is done there takes no more memory than so much."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    spent = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert spent < megabytes


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: pdf_bomb(300), "unpacks to 150 MB or more"),
        (lambda: bomb_of_objects(300), "unpacks to 150 MB or more"),
        (lambda: pdf_bomb(1, filter=pikepdf.Name.LZWDecode), "LZW"),
    ],
    ids=["a page", "objects", "LZW"],
)
def test_a_pdf_that_unpacks_to_hundreds_of_megabytes_is_refused_before(made, said):
    content = made()
    assert len(content) < 2**20
    with within(60):
        assert said in refusal(content, FACSIMILE)


def test_a_pdf_with_a_large_scan_is_taken():
    assert take(pdf_bomb(20), FACSIMILE)


def test_a_picture_that_unpacks_to_hundreds_of_times_its_file_is_refused_unread():
    content = bomb(5400, 5400)  # it says so, and has no pixel to unpack
    for role in (PHOTOGRAPH, FACSIMILE):
        assert "unpacks to 83 MB or more" in refusal(content, role)
    for taking in (files.take_emblem, files.take_portrait):
        with pytest.raises(ValidationError, match="unpacks to 83 MB"):
            taking(BytesIO(content))


def test_of_a_pdf_only_the_pages_are_kept():
    kept = bytes_of(take(document(2), FACSIMILE))
    with pikepdf.open(BytesIO(kept)) as made:
        assert len(made.pages) == 2
        assert set(made.Root.keys()) <= {"/Type", "/Pages"}
        assert not {"/Annots", "/AA"} & made.pages[0].keys()
        assert len(made.docinfo) == 0
        written = b"".join(bytes(repr(found), "utf-8") for found in made.objects)
    for poison in (b"poison", b"JavaScript", b"evil", b"EmbeddedFile"):
        assert poison not in kept + written


def test_a_pdf_that_is_locked_broken_or_long_is_refused():
    secret = pikepdf.Encryption(owner="owner", user="secret")
    assert "encrypted" in refusal(document(encryption=secret), FACSIMILE)
    open_to_all = pikepdf.Encryption(owner="owner", user="")
    assert "encrypted" in refusal(document(encryption=open_to_all), FACSIMILE)
    assert "cannot be read" in refusal(b"%PDF-1.7 no more", FACSIMILE)
    assert "at most 30 pages" in refusal(document(31), FACSIMILE)


# --- In the form of a draft ---------------------------------------------------------------------


@pytest.mark.parametrize("content", [picture(), document()])
def test_on_a_full_disk_nothing_of_a_file_is_kept_and_that_is_said(content, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with full_disk(after=100):
        said = refusal(content, PHOTOGRAPH if content[:2] == b"\xff\xd8" else FACSIMILE)
    assert said.startswith("The server has no room for this file")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def with_file(client: Any, draft: Edition, content: bytes, name: str = "a.jpg", **more: Any) -> Any:
    """The draft's form as a browser sends it back, with a file added."""
    typed = filled_in(client.get(form_of(draft)))
    return typed | {
        "files-TOTAL_FORMS": "1",
        "files-0-role": "photograph",
        "files-0-upload": SimpleUploadedFile(name, content),
        "files-0-alt": "The King at the window",
        "files-0-focal_x": "20",
        "files-0-focal_y": "30",
        **more,
    }


def test_a_photograph_is_added_in_the_form_and_counts_as_editing(second_drafter):
    draft = make_draft()
    version = draft.version
    client = signed_in(second_drafter)
    response = client.post(form_of(draft), with_file(client, draft, picture()))
    assert response.status_code == 302
    file = File.objects.get()
    assert (file.edition, file.alt, file.focal_x) == (draft, "The King at the window", 20)
    draft.refresh_from_db()
    assert draft.version > version
    assert second_drafter in draft.editors.all()
    page = client.get(form_of(draft)).content.decode()
    assert f"/files/{file.small}" in page
    served = client.get(f"/admin/letters/edition/{draft.pk}/files/{file.name}")
    assert (served.status_code, served["Content-Type"]) == (200, "image/jpeg")
    assert "private" in served["Cache-Control"]


def test_the_form_sends_files_whatever_the_text_has_already(drafter):
    client, draft = signed_in(drafter), make_draft(by=drafter)
    for name in ("a.jpg", "b.jpg"):
        (form,) = parsed(client.get(form_of(draft))).iterfind(".//form[@id='edition_form']")
        assert form.get("enctype") == "multipart/form-data"
        client.post(form_of(draft), with_file(client, draft, picture(), name))


def test_a_mislabelled_file_is_refused_on_its_field_and_nothing_typed_is_lost(drafter):
    draft, client = make_draft(), signed_in(drafter)
    typed = with_file(client, draft, b"<html>poison", headline="Typed and not lost")
    page = client.post(form_of(draft), typed)
    assert page.status_code == 200
    html = page.content.decode()
    assert "no picture that can be read" in html
    assert "Typed and not lost" in html
    assert "The King at the window" in html
    assert not File.objects.exists()


def test_a_good_file_is_kept_while_another_field_is_put_right(drafter):
    draft, client = make_draft(), signed_in(drafter)
    typed = with_file(client, draft, picture(), "palace.jpg", dated="the day after")
    page = client.post(form_of(draft), typed)
    assert "palace.jpg is kept" in page.content.decode()
    again = filled_in(page) | {"dated": "2026-11-03"}
    assert client.post(form_of(draft), again).status_code == 302
    assert File.objects.get().width == 1200


def test_a_file_chosen_while_another_saved_the_draft_is_named_to_be_chosen_again(
    drafter, second_drafter
):
    draft, mine = make_draft(), signed_in(drafter)
    typed = with_file(mine, draft, picture(), "palace.jpg", headline="Mine")
    save(signed_in(second_drafter), draft, headline="Theirs")
    answer = mine.post(form_of(draft), typed)
    assert answer.status_code == 409
    assert "Choose these again in the form: palace.jpg" in words(answer)
    assert not File.objects.exists()
    merge = [link for link in links(mine.get(form_of(draft))) if "/merge/" in link]
    assert "Choose these again" not in words(mine.get(merge[0]))


def test_what_is_kept_for_one_draft_is_taken_into_no_other(drafter):
    draft, other, client = make_draft(), make_draft(), signed_in(drafter)
    page = client.post(form_of(draft), with_file(client, draft, picture(), dated="never"))
    kept = filled_in(page)["files-0-kept"]
    for forged in (kept, kept[:-3], "x"):
        typed = filled_in(client.get(form_of(other))) | {
            "files-TOTAL_FORMS": "1",
            "files-0-kept": forged,
            "files-0-alt": "x",
        }
        assert "Choose the file again." in client.post(form_of(other), typed).content.decode()
    assert not File.objects.exists()


def test_an_autosave_saves_what_is_said_of_a_file_and_takes_no_new_one(drafter):
    draft, client = make_draft(), signed_in(drafter)
    client.post(form_of(draft), with_file(client, draft, picture()))
    typed = filled_in(client.get(form_of(draft)))
    line = {"files-0-alt": "The Queen", "files-TOTAL_FORMS": "2", "files-1-alt": "New"}
    answer = client.post(
        f"/admin/letters/edition/{draft.pk}/autosave/",
        typed | line | {"person": str(drafter.pk), "tab": "0" * 16},
    )
    assert answer.status_code == 200
    assert "Choose a file" not in answer.json()["html"]
    assert [file.alt for file in File.objects.all()] == ["The Queen"]


def test_a_text_is_not_submitted_before_its_photograph_is_described(drafter):
    draft, client = make_draft(), signed_in(drafter)
    client.post(form_of(draft), with_file(client, draft, picture(), **{"files-0-alt": ""}))
    draft.refresh_from_db()
    with pytest.raises(workflow.Incomplete):
        workflow.submit(draft, by=drafter)


# --- Before and after its moment ----------------------------------------------------------------


def with_photograph(
    draft: Edition, role: str = PHOTOGRAPH, kind: str = "JPEG", **more: Any
) -> File:
    content = document() if role == FACSIMILE else picture(kind)
    taken = take(content, role)
    return File.objects.create(edition=draft, role=role, alt="The King", **taken._asdict(), **more)


def addresses(file: File) -> list[str]:
    letter = file.edition.letter
    return [f"/en/letters/{letter.reference}/files/{name}" for name in file.names]


def test_a_file_is_public_with_its_letter_and_not_a_moment_before(citizen, clock):
    draft = make_draft()
    file = with_photograph(draft, credit="The Office", focal_x=10)
    edition = schedule(draft)
    clock.move_to(edition.live_from - timedelta(microseconds=1))
    unknown = citizen.get("/en/letters/2026-1/files/" + "0" * 64 + ".jpg")
    for address in addresses(file):
        before = citizen.get(address)
        assert (before.status_code, before.content) == (404, unknown.content), address
    clock.move_to(edition.live_from)
    for address in addresses(file):
        response = citizen.get(address)
        kind = "image/webp" if address.endswith(".webp") else "image/jpeg"
        assert (response.status_code, response["Content-Type"]) == (200, kind), address
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"].startswith("public, max-age=0, s-maxage=1")
    assert len(addresses(file)) == 7
    page = citizen.get(edition.get_absolute_url()).content.decode()
    assert 'alt="The King"' in page
    assert f"{file.sha256}-480.jpg 480w" in page
    assert f"{file.sha256}-480.webp 480w" in page
    assert 'loading="lazy"' not in page  # the first is seen at once
    assert 'property="og:image" content="http://testserver/en/letters/' in page
    for wrong in (f"{file.sha256}-481.jpg", f"{file.sha256}.png", f"{file.sha256}-card-1-1.jpg"):
        assert (
            citizen.get(f"/en/letters/{edition.letter.reference}/files/{wrong}").status_code == 404
        )


@pytest.mark.parametrize(("kind", "other"), [("JPEG", "WEBP"), ("PNG", "WEBP"), ("WEBP", "JPEG")])
def test_a_photograph_is_there_as_webp_and_as_what_every_browser_reads(kind, other, citizen):
    draft = make_draft()
    file = with_photograph(draft, kind=kind)
    publish(draft)
    page = citizen.get(Edition.objects.get().get_absolute_url()).content.decode()
    at = f"/en/letters/{draft.letter.reference}/files/"
    for name, width in file.other_copies:
        served = citizen.get(at + name)
        with Image.open(BytesIO(b"".join(served.streaming_content))) as image:
            assert (image.format, image.width) == (other, width)
        assert f"{at}{name} {width}w" in page
    sources = re.findall(r'<(?:source type="image/webp"|img src=".*?")\s+srcset="(.*?)"', page)
    source, plain = sources
    assert ".webp" in source
    assert ".webp" not in plain
    assert f'width="{file.width}" height="{file.height}"' in page


def test_a_card_is_cut_around_the_focal_point(citizen):
    draft = make_draft()
    file = with_photograph(draft, focal_x=0, focal_y=100)
    publish(draft)
    response = citizen.get(addresses(file)[-1])
    with Image.open(BytesIO(response.getvalue())) as image:
        assert image.size == files.CARD


@pytest.mark.parametrize(("kind", "status"), [("kept", 200), ("removed", 410), ("moved", 302)])
def test_a_file_is_withdrawn_with_its_letter(kind, status, citizen, clock):
    other = make_edition(clock=clock)
    draft = make_draft()
    file = with_photograph(draft)
    edition = publish(draft, clock)
    withdraw(edition, kind, clock, moved_to=other.letter if kind == "moved" else None)
    for address in addresses(file):
        assert citizen.get(address).status_code == status


def test_the_file_of_a_superseded_text_is_still_shown_with_it(citizen, clock):
    draft = make_draft()
    file = with_photograph(draft)
    first = publish(draft, clock)
    correction = make_correction(first)
    correction.files.all().delete()
    publish(correction, clock)
    assert citizen.get(addresses(file)[0]).status_code == 200
    assert file.name not in citizen.get(first.get_absolute_url()).content.decode()


def test_a_facsimile_is_linked_as_the_signed_original(citizen):
    draft = make_draft()
    file = with_photograph(draft, FACSIMILE)
    edition = publish(draft)
    page = citizen.get(edition.get_absolute_url()).content.decode()
    assert "The signed original" in page
    assert addresses(file)[0] in page
    response = citizen.get(addresses(file)[0])
    assert response["Content-Type"] == "application/pdf"
    assert f"{edition.letter.reference}-facsimile.pdf" in response["Content-Disposition"]


def test_a_file_is_shown_by_a_clearance_link_as_long_as_it_is_open(citizen):
    draft = make_draft()
    file = with_photograph(draft)
    edition = submit(draft)
    _clearance, link = clearances.ask(edition, by=person("drafter"), name="The Minister")
    token = link.rstrip("/").rpartition("/")[2]
    page = citizen.get(f"/en/clearance/{token}/").content.decode()
    address = f"/en/clearance/{token}/files/{file.small}"
    assert address in page
    assert citizen.get(address).status_code == 200
    draft = workflow.send_back(edition, by=person("approver"), remark="The place.")
    edit(draft, person("drafter"), place="Elsewhere")
    assert citizen.get(address).status_code == 404


def test_a_file_of_a_restricted_letter_is_unknown_to_whoever_is_not_named(approver):
    draft = make_draft()
    file = with_photograph(draft)
    workflow.restrict(draft.letter, [person("drafter")], by=person("drafter"), reason="Secret.")
    address = f"/admin/letters/edition/{draft.pk}/files/{file.name}"
    assert signed_in(approver).get(address).status_code == 404
    assert signed_in(person("drafter")).get(address).status_code == 200


def test_a_file_lost_from_the_disk_is_not_found_and_no_error(citizen):
    draft = make_draft()
    file = with_photograph(draft)
    publish(draft)
    for name in file.names:
        path_of(name).unlink(missing_ok=True)
    assert citizen.get(addresses(file)[0]).status_code == 404
