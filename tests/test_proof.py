"""What proves a text: its digest, the signed statement, and whether either was touched."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import os
import subprocess
import sys
import unicodedata
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import DatabaseError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from letters import genuine, record, signing, workflow
from letters.models import Edition, Stage, Statement
from tests.letters_at_stages import (
    make_correction,
    make_draft,
    make_edition,
    person,
    publish,
    schedule,
    withdraw,
)

# --- A second implementation: the standard library and the primitive ------------------------------


def jcs(value: Any) -> str:
    """RFC 8785 for what a letter holds: text, whole numbers, lists, objects with ASCII names."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def unpadded(text: str) -> bytes:
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != text:
        raise ValueError("Written in another way than the one.")
    return data


def genuine_by_hand(document: dict[str, Any], jwks: dict[str, Any]) -> bool:
    digest = hashlib.sha256(jcs(document["letter"]).encode()).hexdigest()
    try:
        header, signature = document["signature"].split("..")
        said = json.loads(unpadded(header))
        (key,) = [key for key in jwks["keys"] if key["kid"] == said["kid"]]
        payload = base64.urlsafe_b64encode(jcs(document["statement"]).encode()).decode().rstrip("=")
        Ed25519PublicKey.from_public_bytes(unpadded(key["x"])).verify(
            unpadded(signature), f"{header}.{payload}".encode()
        )
    except (InvalidSignature, KeyError, ValueError):  # whatever may have been left out
        return False
    return bool(digest == document["statement"]["digest"])


# --- Every change is seen -------------------------------------------------------------------------

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)
FILES = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["photograph", "facsimile"]),
        "sha256": st.binary(min_size=32, max_size=32).map(bytes.hex),
        "alt": WORDS,
        "focal_point": st.lists(st.integers(0, 100), min_size=2, max_size=2),
    }
)
PARTIES = st.fixed_dictionaries(
    {"role": st.sampled_from(["sender", "addressee"]), "name": WORDS, "country": st.just("XV")}
)
LETTERS = st.fixed_dictionaries(
    {
        **dict.fromkeys(("headline", "summary", "body", "closing", "place"), WORDS),
        "dated": st.dates().map(str),
        "not_before": st.none() | st.datetimes().map(str),
        "parties": st.lists(PARTIES, max_size=2),
        "files": st.lists(FILES, max_size=2),
    }
).map(record._composed)


def document_of(letter: dict[str, Any]) -> dict[str, Any]:
    statement = {
        "reference": "2026-1",
        "language": "en",
        "number": 1,
        "live_from": "2026-11-09T09:30:00+00:00",
        "digest": hashlib.sha256(jcs(letter).encode()).hexdigest(),
        "earlier": None,
    }
    _kid, jws = signing.sign(signing.STATEMENT, statement)
    return {"statement": statement, "signature": jws, "letter": letter}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a single value stands in a document."""
    if isinstance(value, dict):
        return [p for name, item in value.items() for p in places(item, (*path, name))]
    if isinstance(value, list):
        return [p for i, item in enumerate(value) for p in places(item, (*path, i))]
    return [path]


def touched(value: Any, at: int) -> Any:
    if isinstance(value, str):
        at %= len(value) + 1
        other = "x" if value[at : at + 1] != "x" else "y"
        return value[:at] + other + value[at + 1 :]
    return 7 if value != 7 else 8


@given(LETTERS, st.integers(0, 10_000), st.integers(0, 10_000), st.booleans())
def test_any_one_thing_changed_in_any_letter_is_seen_and_nothing_else_is(letter, which, at, drop):
    keys = signing.keys()
    document = document_of(letter)
    written = json.dumps(document, ensure_ascii=False).encode()
    assert genuine.check(written, keys).letter == letter
    assert genuine_by_hand(document, keys)

    changed = copy.deepcopy(document)
    path = places(changed)[which % len(places(changed))]
    inside = changed
    for step in path[:-1]:
        inside = inside[step]
    if drop and path != ("signature",) and path != ("statement", "digest"):
        del inside[path[-1]]  # a fact is left out
    else:
        inside[path[-1]] = touched(inside[path[-1]], at)
    with pytest.raises((signing.Forged, genuine.Unreadable)):
        genuine.check(json.dumps(changed, ensure_ascii=False).encode(), keys)
    assert not genuine_by_hand(changed, keys)


# --- Bad input ------------------------------------------------------------------------------------


def forged(header: dict[str, Any], key: Ed25519PrivateKey | None = None) -> bytes:
    """A letter whose signature has that header; signed by that key, or not at all."""
    document = document_of({"headline": "We declare war"})
    head = base64.urlsafe_b64encode(jcs(header).encode()).decode().rstrip("=")
    payload = base64.urlsafe_b64encode(jcs(document["statement"]).encode()).decode().rstrip("=")
    signature = key.sign(f"{head}.{payload}".encode()) if key else b""
    tail = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    document["signature"] = f"{head}..{tail}"
    return json.dumps(document).encode()


def test_neither_the_algorithm_nor_the_key_is_of_the_forgers_choice():
    keys, theirs = signing.keys(), Ed25519PrivateKey.generate()
    kid, their_kid = keys["keys"][0]["kid"], signing.public(theirs.public_key())["kid"]
    header = {"alg": "Ed25519", "kid": kid, "typ": signing.STATEMENT}
    for wrong, why in (
        ({**header, "alg": "none"}, "algorithm"),
        ({**header, "alg": "HS256"}, "algorithm"),
        ({**header, "alg": "EdDSA"}, "algorithm"),
        ({**header, "kid": their_kid}, "never had"),
        ({**header, "kid": 7}, "never had"),
        ({**header, "typ": signing.SEAL}, "something else"),
        ({**header, "jwk": signing.public(theirs.public_key())}, "not one of ours"),
        ({**header, "crit": ["b64"], "b64": False}, "not one of ours"),
        (header, "does not fit"),
    ):
        with pytest.raises(signing.Forged, match=why):
            genuine.check(forged(wrong, theirs), keys)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"statement": {}, "signature": "", "letter": ',
        b"[" * 100_000,
        b'{"statement": {}, "signature": 1, "letter": {}}',
        b'{"statement": {}, "statement": {}, "signature": "", "letter": {}}',
        b" " * (genuine.LARGEST + 1),
    ],
    ids=range(11),
)
def test_what_is_no_letter_is_said_to_be_none(content):
    with pytest.raises(genuine.Unreadable):
        genuine.check(content, signing.keys())


@pytest.mark.parametrize(
    "signature", ["", "..", "a..b", "a.b.c", "....", "e30..", "ew..AA", "ÿ..ÿ", "e30=..AA"]
)
def test_what_is_no_signature_is_forged(signature):
    document = document_of({"headline": "To the King"}) | {"signature": signature}
    with pytest.raises(signing.Forged):
        genuine.check(json.dumps(document).encode(), signing.keys())


def test_numbers_that_no_letter_holds_are_forged_not_an_error():
    document = json.dumps(document_of({"headline": "x", "focal": 1}))
    for number in ("NaN", "Infinity", "1e999", "123456789012345678901234567890"):
        with pytest.raises((signing.Forged, genuine.Unreadable)):
            genuine.check(document.replace('"focal": 1', f'"focal": {number}').encode(),
                          signing.keys())  # fmt: skip


# --- The key --------------------------------------------------------------------------------------


@pytest.fixture
def keys_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "PRESSOFFICE_KEYS", tmp_path / "keys")
    signing._key.cache_clear()
    yield tmp_path / "keys"
    signing._key.cache_clear()


def test_a_key_is_made_once_and_only_its_owner_may_read_it(keys_folder):
    assert signing.make_key(keys_folder)
    first = signing.keys()
    assert not signing.make_key(keys_folder)
    assert signing.keys() == first
    assert (keys_folder / signing.CURRENT).stat().st_mode & 0o077 == 0
    assert [path.name for path in keys_folder.iterdir()] == [signing.CURRENT]


def test_what_a_retired_key_signed_is_genuine_for_ever(keys_folder):
    signing.make_key(keys_folder)
    before = json.dumps(document_of({"headline": "To the King"})).encode()
    old = signing.keys()["keys"][0]
    for count in (2, 3):
        assert signing.make_key(keys_folder, anew=True)
        assert len(signing.keys()["keys"]) == count
    assert signing.keys()["keys"][0] != old
    assert genuine.check(before, signing.keys()).kid == old["kid"]


def test_without_a_key_nothing_is_published_and_the_text_stays_approved(keys_folder, db):
    approved = make_edition(Stage.APPROVED)
    with pytest.raises(workflow.NotPossible, match="key"):
        workflow.publish(approved, by=person("publisher"))
    assert Edition.objects.get(pk=approved.pk).state == "approved"


# --- Statements -----------------------------------------------------------------------------------


def test_publication_is_stated_and_a_correction_names_the_text_it_follows(clock, db):
    first = make_edition(clock=clock)
    second = publish(make_correction(first, body="<p>Mended.</p>"), clock)
    one, two = Statement.objects.order_by("pk")
    assert (one.digest, one.earlier) == (first.digest, "")
    assert (two.digest, two.earlier) == (second.digest, first.digest)
    for statement in (one, two):
        said = record.said(statement)
        kid = signing.check(signing.STATEMENT, said, statement.jws, signing.keys())
        assert kid == statement.key


def test_an_emergency_is_stated_as_any_publication(clock, db):
    assert make_edition(approved=False, clock=clock).statement.jws


def test_a_recall_takes_the_statement_away_and_it_is_stated_anew(clock, db):
    edition = schedule(make_draft())
    recalled = workflow.recall(edition, by=person("publisher"))
    assert not Statement.objects.exists()
    publish(recalled, clock)
    assert Statement.objects.get().live_from != edition.live_from


def test_no_statement_of_a_publication_is_changed_or_deleted(clock, db):
    statement = make_edition(clock=clock).statement
    for act in (statement.delete, lambda: Statement.objects.update(digest="0" * 64)):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_the_canonical_form_is_the_same_in_every_normal_form(clock, db):
    headline = "Grüße an die Königin Ə"
    texts = [make_draft(headline=unicodedata.normalize(f, headline)) for f in ("NFC", "NFD")]
    assert record.digest(texts[0]) == record.digest(texts[1])


# --- letter.json and jwks -------------------------------------------------------------------------


def json_of(client: Client, edition: Edition) -> dict[str, Any]:
    response = client.get(f"{edition.get_absolute_url()}letter.json")
    assert response.status_code == 200
    return dict(response.json())


def test_a_published_letter_is_proven_by_hand_from_what_the_site_serves(clock, citizen):
    edition = make_edition(clock=clock)
    correction = publish(make_correction(edition, headline="To the King, mended"), clock)
    jwks = citizen.get("/.well-known/jwks.json")
    assert jwks["Content-Type"] == "application/jwk-set+json"
    document = json_of(citizen, correction)
    assert genuine_by_hand(document, jwks.json())
    assert document["letter"] == record.canonical(correction)
    assert document["statement"]["number"] == 2
    (earlier,) = document["earlier"]
    assert earlier["statement"]["digest"] == document["statement"]["earlier"] == edition.digest
    assert signing.check(signing.STATEMENT, earlier["statement"], earlier["signature"], jwks.json())
    assert edition.headline not in json.dumps(document)  # only by link
    assert citizen.get(earlier["address"]).status_code == 200


def test_of_a_withdrawn_letter_the_signed_file_says_so_or_is_gone(clock, citizen):
    kept = withdraw(make_edition(clock=clock), "kept", clock, reason="Sent in error.")
    assert json_of(citizen, kept)["withdrawn"]["reason"] == "Sent in error."
    removed = withdraw(make_edition(clock=clock), "removed", clock)
    assert citizen.get(f"{removed.get_absolute_url()}letter.json").status_code == 410


# --- verify_letter --------------------------------------------------------------------------------


def verify_letter(*arguments: Any) -> tuple[int, str]:
    """The command, in a process of its own, where no database and no key can be reached."""
    nothing = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "PRESSOFFICE_DATA": "/none"}
    done = subprocess.run(
        [sys.executable, "manage.py", "verify_letter", *map(str, arguments)],
        env={**os.environ, **nothing, "DJANGO_SETTINGS_MODULE": "pressoffice.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def test_a_file_is_checked_without_database_or_network(tmp_path):
    keys, file = tmp_path / "jwks.json", tmp_path / "letter.json"
    keys.write_text(json.dumps(signing.keys()))
    document = document_of({"headline": "To the King"})
    file.write_text(json.dumps(document))
    status, said = verify_letter(file, "--keys", keys)
    assert status == 0
    assert "Genuine: letter 2026-1" in said

    document["letter"]["headline"] = "To the Queen"
    file.write_text(json.dumps(document))
    status, said = verify_letter(file, "--keys", keys, "--json")
    assert (status, json.loads(said)["status"]) == (1, 1)
    assert "not the one that was signed" in json.loads(said)["verdict"]

    for wrong in (tmp_path / "none.json", keys, tmp_path):
        assert verify_letter(wrong, "--keys", keys)[0] == 2
    assert verify_letter(file)[0] == 2  # no keys
    assert verify_letter(file, "--keys", file)[0] == 2


def test_a_pdf_and_a_text_are_checked_offline_to_the_last_byte(clock, citizen, tmp_path):
    edition = make_edition(clock=clock, headline="Grüße an die Königin Ə")
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(signing.keys()))
    for name in ("letter.pdf", "letter.txt"):
        response = citizen.get(f"{edition.get_absolute_url()}{name}")
        content = b"".join(response) if response.streaming else response.content
        file = tmp_path / name
        file.write_bytes(content)
        status, said = verify_letter(file, "--keys", keys)
        assert (status, said.split(",")[0]) == (0, "Genuine: letter 2026-1 (en)")
        unsigned, jws = genuine.unsigned(content)
        for wrong in (
            content[:500] + bytes([content[500] ^ 1]) + content[501:],
            content.replace(jws[:40].encode(), jws[1:41].encode()),
            b" " + content,
        ):
            with pytest.raises(signing.Forged):
                genuine.check_signed(wrong, signing.keys())
        for cut in (unsigned, content[: len(content) // 2], b""):
            with pytest.raises(genuine.Unreadable):
                genuine.check_signed(cut, signing.keys())
        for wrong, ends in ((content[:9] + b"x" + content[10:], 1), (unsigned, 2)):
            file.write_bytes(wrong)
            assert verify_letter(file, "--keys", keys)[0] == ends
        assert genuine.check_signed(content, signing.keys()).statement["digest"] == edition.digest


def test_the_signature_of_one_file_proves_no_other_nor_does_that_of_a_statement(clock, citizen):
    one, other = (make_edition(clock=clock, headline=f"To king {n}") for n in (1, 2))
    texts = [citizen.get(f"{e.get_absolute_url()}letter.txt").content for e in (one, other)]
    words, _jws = genuine.unsigned(texts[0])
    with pytest.raises(signing.Forged, match="byte for byte"):
        genuine.check_signed(words + texts[1][len(genuine.unsigned(texts[1])[0]) :], signing.keys())
    said = {"statement": record.said(one.statement), "sha256": hashlib.sha256(words).hexdigest()}
    for kind in (signing.STATEMENT, signing.NOTE):
        jws = signing.whole(kind, said)
        with pytest.raises(signing.Forged, match="something else"):
            genuine.check_signed(words + f"Signature: {jws}\n".encode(), signing.keys())
    for junk in ("Signature: yours", "Signature: a.b.c", "Signature: e30.e30.e30", "Signature:"):
        with pytest.raises((signing.Forged, genuine.Unreadable)):
            genuine.check_signed(words + f"{junk}\n".encode(), signing.keys())


def test_a_pdf_carries_its_letter_json(clock, citizen):
    edition = make_edition(clock=clock)
    response = citizen.get(f"{edition.get_absolute_url()}letter.pdf")
    with pikepdf.open(BytesIO(b"".join(response))) as made:
        attached = made.attachments["letter.json"].get_file().read_bytes()
        assert made.open_metadata()["pdfuaid:part"] == "1"
        assert str(made.attachments["letter.json"].description)
    assert genuine.check(attached, signing.keys()).statement["digest"] == edition.digest
    assert genuine_by_hand(json.loads(attached), signing.keys())
