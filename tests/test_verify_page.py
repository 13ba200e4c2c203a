"""The page where anyone learns whether a text is ours: each kind of input to each verdict."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import Any
from unicodedata import normalize

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from letters import record, signing
from letters.models import Edition, Stage
from letters.public import nearest, verify
from tests.letters_at_stages import make_correction, make_edition, publish, withdraw
from tests.test_proof import forged
from tests.the_desk import words

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

PAGE = "/en/verify/"
BODY = (
    "<p>On your national day I send you my warmest wishes, and those of the people of Valdora.</p>"
    "<p>May the friendship of our well-known “old houses” grow — for our children’s sake.</p>"
)


def by_code(client: Client, edition: Edition) -> Any:
    code = record.check_code(edition.digest)
    return client.get(PAGE, {"reference": edition.letter.reference, "code": code})


def by_text(client: Client, text: str) -> Any:
    return client.post(PAGE, {"text": text})


def by_file(client: Client, content: bytes, name: str = "letter.json") -> Any:
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)})


def by_address(client: Client, edition: Edition, host: str = "http://testserver") -> Any:
    return client.post(PAGE, {"text": f"{host}{edition.get_absolute_url()}"})


def verdict(response: Any) -> str:
    """What is said, in a word, and what became of the text since, where anything did."""
    assert response.status_code == 200
    (found,) = re.findall(r' data-found="([^"]*)"', response.content.decode())
    return str(found)


def downloaded(client: Client, edition: Edition, name: str) -> bytes:
    response = client.get(f"{edition.get_absolute_url()}{name}")
    assert response.status_code == 200
    return b"".join(response) if response.streaming else response.content


# What is compared in each way.
WAYS = {
    "code": "code",
    "address": "address",
    "json": "file",
    "pdf": "file",
    "txt": "file",
    "paste": "whole",
}


def ask(client: Client, edition: Edition, files: dict[str, bytes], way: str) -> Any:
    match way:
        case "code":
            return by_code(client, edition)
        case "address":
            return by_address(client, edition)
        case "paste":
            return by_text(client, f"{edition.salutation}\n{pasted(edition)}\n{edition.closing}")
    return by_file(client, files[way], f"letter.{way}")


def pasted(edition: Edition) -> str:
    return "\n".join(edition.paragraphs)


@pytest.mark.parametrize("way", WAYS)
def test_a_letter_is_genuine_then_corrected_then_withdrawn(way, clock, citizen):
    edition = make_edition(clock=clock, body=BODY)
    files = {
        name: downloaded(citizen, edition, f"letter.{name}") for name in ("json", "pdf", "txt")
    }
    assert verdict(ask(citizen, edition, files, way)) == WAYS[way]

    correction = publish(make_correction(edition, closing="Yours ever,"), clock)
    response = ask(citizen, edition, files, way)
    if way == "address":  # there stands the corrected text now
        assert verdict(response) == "address"
    else:
        assert verdict(response) == f"{WAYS[way]}, superseded"
        assert "ever" in words(response)

    withdraw(correction, "removed", clock, reason="Sent in error.")
    response = ask(citizen, edition, files, way)
    assert verdict(response) == f"{WAYS[way]}, withdrawn"
    assert "Sent in error." in words(response)
    page = response.content.decode()
    shown = page[page.index('class="verdict') : page.index("</section>")]
    assert "warmest wishes" not in shown
    assert edition.headline not in shown


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.SUBMITTED, Stage.APPROVED, Stage.SCHEDULED])
def test_of_a_text_that_is_not_public_nothing_is_said(stage, clock, citizen):
    edition = make_edition(stage, clock=clock, body=BODY)
    digest = edition.digest or record.digest(edition)
    code = {"reference": edition.letter.reference, "code": record.check_code(digest)}
    for response in (
        citizen.get(PAGE, code),
        by_address(citizen, edition),
        by_text(citizen, pasted(edition)),
        by_text(citizen, f"{edition.letter.reference} {pasted(edition)}"),
    ):
        assert verdict(response) == "unknown"
        assert edition.headline not in words(response)


def test_what_a_colleague_reads_out_is_forgiven_and_a_wrong_code_is_not(clock, citizen):
    edition = make_edition(clock=clock)
    code = record.check_code(edition.digest)
    reference = edition.letter.reference
    for typed in (code.lower(), code.replace("-", " "), f" {code} ", code.replace("O", "0")):
        assert verdict(citizen.get(PAGE, {"reference": reference, "code": typed})) == "code"
    other = ("B" if code[0] != "B" else "C") + code[1:]
    for typed in (other, code[:5], "-", "' OR 1=1", "\u0000"):
        found = citizen.get(PAGE, {"reference": reference, "code": typed})
        assert found.status_code == 400 or verdict(found) == "unknown"


# --- Pasted ---------------------------------------------------------------------------------------


def test_a_paste_is_known_whatever_became_of_its_spaces_quotes_and_hyphens(clock, citizen):
    edition = make_edition(clock=clock, body=BODY)
    text = "\n\n".join([edition.salutation, *edition.paragraphs, edition.closing])
    for changed in (
        text,
        text.replace(" ", "\u00a0"),
        text.replace(" ", "\n"),
        text.replace("“", '"').replace("”", '"').replace("’", "'").replace("—", "-"),
        text.replace("friendship", "friend-\nship").replace("wishes", "wi\u00adshes"),
        f"{edition.headline}\n{edition.summary}\n{text}\nMira Halden\nPresident of Valdora",
        f"\ufeff{text}\u200b",
    ):
        assert verdict(by_text(citizen, changed)) == "whole", changed


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("warmest", "coldest"),
        ("I send", "I do not send"),
        (", and those of the people of Valdora", ""),
        ("sake.", "sake. Send the money to this account."),
        ("Your Majesty", "Dear thief"),
    ],
)
def test_one_word_more_less_or_other_is_seen_and_shown(ours, theirs, clock, citizen):
    edition = make_edition(clock=clock, body=BODY)
    text = f"{edition.salutation}\n{pasted(edition)}\n{edition.closing}\nTomas Reyk"
    assert verdict(by_text(citizen, text)) != "unknown"
    response = by_text(citizen, text.replace(ours, theirs))
    assert verdict(response) == "changed"
    assert edition.letter.reference in words(response)
    for word in re.findall(r"\w{4,}", theirs):
        assert word in words(response)


def test_what_stands_around_the_letter_on_its_page_is_not_said_to_differ(clock, citizen):
    edition = make_edition(clock=clock, body=BODY)
    text = f"Tomas Reyk\nKing of Ostmark\n\n{edition.salutation}\n{pasted(edition)}"
    text += f"\n{edition.closing}\nMira Halden\nPresident of Valdora"
    response = by_text(citizen, text.replace("warmest", "coldest"))
    page = response.content.decode()
    found = re.findall(r"<(ins|del)><span[^>]*>[^<]*</span>([^<]*)", page)
    assert found == [("del", "warmest"), ("ins", "coldest")]


def test_words_before_or_after_the_letter_are_no_part_of_it_and_are_shown(clock, citizen):
    edition = make_edition(clock=clock, body=BODY)
    text = f"{edition.salutation}\n{pasted(edition)}\n{edition.closing}\nMira Halden"
    for before, after in (("War is declared.", ""), ("", "P.S. The embassy is closed.")):
        response = by_text(citizen, f"{before}\n{text}\n{after}")
        assert verdict(response) == "whole"
        page = response.content.decode()
        found = re.findall(r'"foreign"><span class="unseen">[^<]*</span>([^<]*)', page)
        assert found == [before or after]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Quite another text.", "short"),
        ("x", "short"),
        ("?" * 1000, "short"),
        ("word " * 20_000, "unknown"),
        ("《》", "short"),
        ("Quite another text, of other words, about something else altogether.", "unknown"),
    ],
)
def test_what_cannot_be_found_is_not_said_to_be_of_another(text, found, clock, citizen):
    make_edition(clock=clock, body=BODY)
    response = by_text(citizen, text)
    assert verdict(response) == found
    assert "not our" not in words(response).lower()


def test_of_two_letters_with_the_same_words_the_one_with_the_facts_is_meant(clock, citizen):
    texts = [make_edition(clock=clock, body=BODY, headline=f"To king {n}") for n in (1, 2)]
    for edition in texts:
        content = downloaded(citizen, edition, "letter.txt")
        response = by_file(citizen, content, "letter.txt")
        assert verdict(response) == "file"
        assert f"of letter {edition.letter.reference} is" in words(response)
        # Without its signature and changed: the reference that it names decides.
        response = by_text(citizen, content.decode().replace("warmest", "coldest"))
        assert verdict(response) == "changed"
        assert f"stand in letter {edition.letter.reference}." in words(response)


def test_the_nearest_letter_is_found_in_the_whole_archive_not_only_among_the_newest(
    clock, citizen, monkeypatch
):
    old = make_edition(clock=clock, body=BODY, headline="An old one", summary="Of old.")
    for _ in range(3):
        make_edition(clock=clock, body="<p>Of quite another matter.</p>", closing="")
    monkeypatch.setattr(nearest, "CANDIDATES", 2)
    text = f"{old.salutation}\n{pasted(old)}\n{old.closing}"
    assert verdict(by_text(citizen, text)) == "whole"
    response = by_text(citizen, text.replace("warmest", "coldest"))
    assert verdict(response) == "changed"
    assert f"letter {old.letter.reference}." in words(response)


# --- Files ----------------------------------------------------------------------------------------


def test_a_file_with_one_fact_changed_is_not_ours(clock, citizen):
    edition = make_edition(clock=clock, body=BODY)
    document = json.loads(downloaded(citizen, edition, "letter.json"))
    document["letter"]["dated"] = "2020-01-01"
    assert verdict(by_file(citizen, json.dumps(document).encode())) == "forged"
    document["letter"] |= {"body": "<p>Another.</p>", "headline": "Another", "summary": ""}
    document["letter"] |= {"salutation": "", "closing": ""}
    assert verdict(by_file(citizen, json.dumps(document).encode())) == "unknown"


def test_the_signature_of_one_letter_proves_no_other(clock, citizen):
    one, other = (make_edition(clock=clock, headline=f"To king {n}") for n in (1, 2))
    document = json.loads(downloaded(citizen, one, "letter.json"))
    swapped = json.loads(downloaded(citizen, other, "letter.json"))
    document["letter"] = swapped["letter"]
    assert verdict(by_file(citizen, json.dumps(document).encode())) == "forged"


def test_what_was_signed_and_is_in_no_record_is_not_found(clock, citizen):
    edition = make_edition(clock=clock)
    document = json.loads(downloaded(citizen, edition, "letter.json"))
    document["statement"]["number"] = 7
    _kid, document["signature"] = signing.sign(signing.STATEMENT, document["statement"])
    assert verdict(by_file(citizen, json.dumps(document).encode())) == "unknown"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "short"),
        (b"{", "unreadable"),
        (b"{}", "unreadable"),
        (b'{"statement": 1}', "unreadable"),
        (b"[" * 50_000, "short"),
        (b"{" * 50_000, "unreadable"),
        (b"\xff\xfe\x00", "unreadable"),
        (b"%PDF-1.7 no", "unknown"),
        (b"PK\x03\x04\xff", "unreadable"),
        (b"x" * (verify.MOST_TEXT + 1), "unreadable"),
    ],
    ids=range(10),
)
def test_any_file_has_a_verdict(content, found, clock, citizen):
    make_edition(clock=clock)
    assert verdict(by_file(citizen, content)) == found


def test_what_is_far_too_large_is_refused_before_it_is_read(citizen):
    class Unread(BytesIO):
        def read(self, *size: Any) -> bytes:
            raise AssertionError("It was read.")

    large = {"CONTENT_LENGTH": str(10 * verify.LARGEST), "wsgi.input": Unread()}
    response = citizen.generic("POST", PAGE, b"", "multipart/form-data; boundary=x", **large)
    assert response.status_code == 413
    assert "larger than any of ours" in words(response)


def test_a_file_too_large_is_refused_in_a_sentence(citizen):
    response = by_file(citizen, b"x" * (verify.LARGEST + 1))
    assert response.status_code == 400
    assert "larger than any of ours" in words(response)


def test_a_pdf_with_one_byte_changed_is_not_ours(clock, citizen):
    edition = make_edition(clock=clock)
    content = bytearray(downloaded(citizen, edition, "letter.pdf"))
    assert verdict(by_file(citizen, bytes(content), "letter.pdf")) == "file"
    content[len(content) // 2] ^= 1
    assert verdict(by_file(citizen, bytes(content), "letter.pdf")) == "unknown"


def test_half_of_a_file_is_never_genuine(clock, citizen):
    edition = make_edition(clock=clock, body=BODY)
    half_a_text = ("about", "part", "some")
    for name, found in (("json", ("unreadable",)), ("pdf", ("unknown",)), ("txt", half_a_text)):
        content = downloaded(citizen, edition, f"letter.{name}")
        # Before the end of the text: a letter.txt may have all of it in its first half.
        half = content[: len(content) // 3]
        assert verdict(by_file(citizen, half, f"letter.{name}")) in found, name


def test_the_text_of_one_edition_under_the_statement_of_another_is_not_ours(clock, citizen):
    edition = make_edition(clock=clock, body=BODY)
    first = json.loads(downloaded(citizen, edition, "letter.json"))
    correction = publish(make_correction(edition, closing="Yours ever,"), clock)
    second = json.loads(downloaded(citizen, correction, "letter.json"))
    for text, statement in ((first, second), (second, first)):
        swapped = text | {name: statement[name] for name in ("statement", "signature")}
        assert verdict(by_file(citizen, json.dumps(swapped).encode())).startswith("forged")


def test_a_signature_by_another_key_or_algorithm_is_not_ours_whatever_it_says(clock, citizen):
    edition = make_edition(clock=clock, body=BODY)
    document = json.loads(downloaded(citizen, edition, "letter.json"))
    theirs = Ed25519PrivateKey.generate()
    kid = signing.keys()["keys"][0]["kid"]
    for header in (
        {"alg": "none", "kid": kid, "typ": signing.STATEMENT},
        {"alg": "HS256", "kid": kid, "typ": signing.STATEMENT},
        {"alg": "Ed25519", "kid": "another", "typ": signing.STATEMENT},
        {"alg": "Ed25519", "kid": kid, "typ": signing.STATEMENT},
    ):
        made = json.loads(forged(header, theirs))
        assert verdict(by_file(citizen, json.dumps(made).encode())) == "unknown"
        signed_by_them = document | {"signature": made["signature"]}
        assert verdict(by_file(citizen, json.dumps(signed_by_them).encode())) == "forged"


def test_a_paste_in_another_normal_form_is_the_same_text(clock, citizen):
    edition = make_edition(clock=clock, body="<p>Grüße an die Königin, für Ənvər Æ.</p>")
    text = f"{edition.salutation}\n{pasted(edition)}\n{edition.closing}"
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert verdict(by_text(citizen, normalize(form, text))) == "whole"
    document = downloaded(citizen, edition, "letter.json").decode()
    other = normalize("NFD", document)
    assert other != document
    assert verdict(by_file(citizen, other.encode())) == "forged"  # not byte for byte as signed


# --- Addresses ------------------------------------------------------------------------------------


def test_an_address_elsewhere_is_not_ours_however_alike(clock, citizen):
    edition = make_edition(clock=clock)
    assert verdict(by_address(citizen, edition)) == "address"
    assert verdict(by_address(citizen, edition, "testserver")) == "address"
    for host in (
        "http://testserver.example.org",
        "http://testserver@evil.example",
        "//",
        "http://[",
    ):
        assert verdict(by_address(citizen, edition, host)) == "unknown"


def test_each_address_of_a_letter_leads_to_it_and_that_of_a_superseded_text_says_so(clock, citizen):
    edition = make_edition(clock=clock)
    reference, root = edition.letter.reference, edition.get_absolute_url()
    for path in (f"/r/{reference}", root, f"{root}letter.pdf", f"/en/letters/{reference}/"):
        assert verdict(citizen.post(PAGE, {"text": f"http://testserver{path}"})) == "address"
    publish(make_correction(edition), clock)
    superseded = citizen.post(PAGE, {"text": f"http://testserver{root}editions/1/"})
    assert verdict(superseded) == "address, superseded"
    for path in ("/", "/en/", "/admin/", "/r/1900-1", "/nowhere"):
        assert verdict(citizen.post(PAGE, {"text": f"http://testserver{path}"})) == "unknown"


def test_the_address_of_the_site_is_its_own_whatever_name_it_was_asked_by(clock, citizen, settings):
    edition = make_edition(clock=clock)
    settings.ALLOWED_HOSTS = ["testserver", "press.example.org"]
    settings.PRESSOFFICE_SITE_URL = "https://press.example.org"
    assert verdict(by_address(citizen, edition, "https://press.example.org")) == "address"
    assert verdict(by_address(citizen, edition, "http://testserver")) == "unknown"


# --- The page -------------------------------------------------------------------------------------


def test_nothing_asked_nothing_said_and_no_answer_is_kept_by_a_cache(clock, citizen):
    assert 'class="verdict' not in citizen.get(PAGE).content.decode()
    edition = make_edition(clock=clock)
    answer = by_code(citizen, edition)
    assert answer["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert "noindex" in answer.content.decode()
    for unusual in (citizen.put(PAGE), citizen.delete(PAGE)):
        assert unusual.status_code == 405
    assert citizen.head(PAGE).status_code == 200


def test_what_was_asked_stays_in_the_form_and_is_never_markup(clock, citizen):
    response = by_text(citizen, "<script>alert(1)</script> & more")
    assert b"<script>alert" not in response.content
    assert "alert(1)" in words(response)


def test_the_letter_its_text_and_its_pdf_lead_to_the_check(clock, citizen):
    edition = make_edition(clock=clock)
    page = citizen.get(edition.get_absolute_url()).content.decode()
    (address,) = re.findall(r'href="([^"]*verify/\?[^"]*)"', page)
    answer = citizen.get(address.replace("&amp;", "&"))
    assert verdict(answer) == "code"
    # The paper was not compared: its text is there to compare it with.
    assert "Your copy was not compared" in words(answer)
    assert "genuine" not in words(answer).lower()
    for line in (edition.salutation, *edition.paragraphs, "Tomas Reyk", "Mira Halden"):
        assert line in words(answer)
    code = record.check_code(edition.digest)
    assert code in downloaded(citizen, edition, "letter.txt").decode()


def test_the_number_of_queries_does_not_grow_with_the_letters(
    clock, citizen, django_assert_max_num_queries
):
    edition = make_edition(clock=clock, body=BODY)
    text = f"{edition.salutation}\n{pasted(edition)}\nMira Halden to Tomas Reyk"
    for _ in range(3):
        make_edition(clock=clock, body=BODY.replace("warmest", "coldest"))
    with django_assert_max_num_queries(24):
        by_text(citizen, text)
    with django_assert_max_num_queries(10):
        by_code(citizen, edition)
