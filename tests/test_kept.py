"""What is sent when the session has ended is kept for the person, and sent when they say so."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from letters.models import Correspondent, Edition, OfficePage, State, Withdrawal
from tests.letters_at_stages import make_correspondent, make_draft, person, publish, submit
from tests.test_signing_in import PASSWORD, code, set_up_an_app
from tests.the_desk import filled_in, page_of, parsed, signed_in, words

pytestmark = pytest.mark.django_db

LOGIN = "/admin/account/login/"
PASTE = "/admin/letters/letter/paste/"
RELEASE = Path(__file__).parent / "importing/releases/en-quoted-once.txt"


def member(name: str) -> User:
    """Somebody who has a password."""
    found = person(name)
    found.set_password(PASSWORD)
    found.save()
    return found


def end_the_session() -> None:
    Session.objects.all().delete()


def sign_in(client: Client, name: str, to: HttpResponse | None = None) -> HttpResponse:
    """By the form, as it was reached."""
    address = to["Location"] if to else LOGIN
    form = [f for f in parsed(client.get(address)).iter("form") if f.get("action") == LOGIN][0]
    offered = {i.get("name"): i.get("value", "") for i in form.iter("input") if i.get("name")}
    return client.post(LOGIN, offered | {"login": name, "password": PASSWORD})


def the_form(page: HttpResponse) -> tuple[str, dict[str, Any], list[str]]:
    """Where “Send it” sends, what, and which files are asked for again."""
    form = next(f for f in parsed(page).iter("form") if "multipart" in (f.get("enctype") or ""))
    sent: dict[str, Any] = {}
    for field in form.iter("input"):
        if field.get("type") == "hidden":
            sent.setdefault(field.get("name"), []).append(field.get("value", ""))
    files = [i.get("name", "") for i in form.iter("input") if i.get("type") == "file"]
    return form.get("action", ""), sent, files


def send_it(client: Client, page: HttpResponse, **more: Any) -> HttpResponse:
    address, sent, _files = the_form(page)
    return client.post(address, sent | more)


# --- Whatever was typed -------------------------------------------------------------------------

Typed = tuple[str, Client, str, dict[str, Any], str, Callable[[], bool]]


def a_reason_for_sending_back() -> Typed:
    client, edition = signed_in(member("approver")), submit(make_draft())
    address, words_typed = page_of("send_back", edition), "Name the Queen’s country."
    sent = filled_in(client.get(page_of("approve", edition))) | {"remark": words_typed}
    there = edition.letter.events.filter(remark=words_typed)
    return "approver", client, address, sent, words_typed, there.exists


def the_words_of_a_withdrawal() -> Typed:
    client, edition = signed_in(member("publisher")), publish(make_draft())
    address, words_typed = page_of("withdraw", edition), "It was sent in error, and we regret it."
    sent = filled_in(client.get(address)) | {"kind": "kept", "words": words_typed}
    return "publisher", client, address, sent, words_typed, Withdrawal.objects.exists


def an_office_page() -> Typed:
    client = signed_in(member("administrator"))
    address, words_typed = "/admin/letters/officepage/add/", "We write to heads of state."
    sent = filled_in(client.get(address))
    sent |= {"kind": "about", "language": "en", "body": f"<p>{words_typed}</p>"}
    there = OfficePage.objects.filter(body__contains=words_typed)
    return "administrator", client, address, sent, words_typed, there.exists


def a_reviewed_paste() -> Typed:
    client = signed_in(member("drafter"))
    typed = filled_in(client.get(PASTE)) | {"source": RELEASE.read_text(encoding="utf-8")}
    sent = filled_in(client.post(PASTE, typed)) | {"save": "1", "letter-1-headline": "As reviewed"}
    there = Edition.objects.filter(headline="As reviewed")
    return "drafter", client, PASTE, sent, "Jonas Brandt", there.exists


@pytest.mark.parametrize(
    "typed",
    [a_reason_for_sending_back, the_words_of_a_withdrawal, an_office_page, a_reviewed_paste],
)
def test_what_is_sent_after_the_session_has_ended_is_kept_and_sent_once_signed_in(
    typed: Callable[[], Typed],
):
    name, client, address, sent, words_typed, done = typed()
    end_the_session()
    answer = client.post(address, sent)
    assert answer["Location"].startswith(f"{LOGIN}?next=")
    assert "What you typed is kept" in words(client.get(answer["Location"]))
    asked = client.get(sign_in(client, name, answer)["Location"])
    assert words_typed in words(asked)
    assert "Nothing of it is sent yet." in words(asked) and not done()
    assert the_form(asked)[0] == address
    assert send_it(client, asked).status_code == 302
    assert done()
    assert "before you signed in again" not in words(client.get("/admin/"))


@pytest.mark.django_db(transaction=True)  # a second factor counts once it is committed
def test_it_is_kept_through_the_second_step(settings: Any):
    settings.PRESSOFFICE_REQUIRE_MFA = True
    user, edition = member("approver"), submit(make_draft())
    client = Client()
    sign_in(client, user.username)
    secret = set_up_an_app(client)
    sent = filled_in(client.get(page_of("approve", edition))) | {"remark": "Say more."}
    end_the_session()
    answer = client.post(page_of("send_back", edition), sent)
    with time_machine.travel(time.time() + 60):
        step = sign_in(client, user.username, answer)["Location"]
        assert step == reverse("mfa_authenticate")
        assert "What you typed is kept" in words(client.get(step))
        asked = client.get(client.post(step, {"code": code(secret)})["Location"])
        send_it(client, asked)
    edition.refresh_from_db()
    assert edition.state == State.DRAFT


# --- Whose it is --------------------------------------------------------------------------------


def a_reason_sent_too_late(client: Client) -> tuple[Edition, HttpResponse]:
    edition = submit(make_draft())
    sent = filled_in(client.get(page_of("approve", edition))) | {"remark": "Name the King."}
    end_the_session()
    return edition, client.post(page_of("send_back", edition), sent)


def test_what_another_person_typed_is_neither_shown_nor_sent():
    client = signed_in(member("approver"))
    edition, answer = a_reason_sent_too_late(client)
    member("second_approver")
    page = client.get(sign_in(client, "second_approver", answer)["Location"], follow=True)
    assert "Another person had typed something in this browser." in words(page)
    assert "Name the King." not in words(page)
    assert not any("Name the King." in str(s.get_decoded()) for s in Session.objects.all())
    edition.refresh_from_db()
    assert edition.state == State.SUBMITTED


def test_of_a_stranger_nothing_is_kept(citizen: Client):
    answer = citizen.post("/admin/letters/officepage/add/", {"body": "x" * 1000})
    assert answer["Location"].startswith("/admin/login/")
    citizen.cookies["shown_to"] = "[[1,'made up']]"
    citizen.cookies["csrftoken"] = "a" * 32
    sent = {"body": "x", "csrfmiddlewaretoken": "a" * 32}
    assert citizen.post("/admin/letters/officepage/add/", sent)["Location"].startswith(
        "/admin/login/"
    )
    assert not Session.objects.exists()


def test_a_page_from_before_signing_in_anew_in_another_tab_loses_nothing_and_forges_nothing():
    user = member("approver")
    client = Client(enforce_csrf_checks=True)
    sign_in(client, user.username)
    edition = submit(make_draft())
    address = page_of("send_back", edition)
    old = filled_in(client.get(page_of("approve", edition))) | {"remark": "Name the King."}
    end_the_session()
    sign_in(client, user.username)
    forged = client.post(address, old | {"csrfmiddlewaretoken": "b" * 64})
    assert forged.status_code == 403 and "kept" not in client.session
    asked = client.get(client.post(address, old)["Location"])
    assert "Name the King." in words(asked)
    edition.refresh_from_db()
    assert edition.state == State.SUBMITTED
    send_it(client, asked)
    edition.refresh_from_db()
    assert edition.state == State.DRAFT

    end_the_session()
    member("second_approver")
    sign_in(client, "second_approver")
    refused = client.post(address, old)
    assert refused.status_code == 403 and "kept" not in client.session
    assert "It was opened by somebody else" in words(refused)


# --- What is kept, and what is not --------------------------------------------------------------


def test_a_file_is_asked_for_again():
    client = signed_in(member("administrator"))
    queen = make_correspondent()
    address = reverse("admin:letters_correspondent_change", args=[queen.pk])
    sent = filled_in(client.get(address)) | {"slug": "the-queen"}
    end_the_session()
    portrait = SimpleUploadedFile("queen.jpg", b"a picture")
    answer = client.post(address, sent | {"upload": portrait})
    asked = client.get(sign_in(client, "administrator", answer)["Location"])
    assert "A file cannot be kept." in words(asked) and "Choose “queen.jpg” again" in words(asked)
    assert the_form(asked)[2] == ["upload"]
    send_it(client, asked)
    assert Correspondent.objects.get().slug == "the-queen"


def test_what_is_not_to_be_sent_is_thrown_away_and_until_then_every_page_says_it_is_there():
    client = signed_in(member("approver"))
    _edition, answer = a_reason_sent_too_late(client)
    sign_in(client, "approver", answer)
    assert "before you signed in again" in words(client.get("/admin/letters/letter/"))
    (key,) = client.session["kept"]
    client.post(reverse("kept_post", args=[key]))
    assert client.session["kept"] == {}
    assert "before you signed in again" not in words(client.get("/admin/letters/letter/"))
    assert client.get(reverse("kept_post", args=[key]))["Location"] == "/admin/"


def test_the_newest_are_kept_within_the_size_of_one_form(settings: Any):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 5000
    client = signed_in(member("administrator"))
    address = "/admin/letters/officepage/add/"
    sent = filled_in(client.get(address))
    end_the_session()
    for sign in "abc":
        client.post(address, sent | {"body": sign * 2000})
    kept = [dict(one["fields"])["body"][0] for one in client.session["kept"].values()]
    assert kept == ["b", "c"]


@pytest.mark.parametrize(
    ("headers", "more"),
    [({"Sec-Fetch-Mode": "cors"}, {}), ({}, {"password1": "a new password"})],
    ids=["what a script sends", "a password"],
)
def test_it_is_not_kept(headers: dict[str, str], more: dict[str, str]):
    client = signed_in(member("administrator"))
    address = "/admin/letters/officepage/add/"
    sent = filled_in(client.get(address)) | more
    end_the_session()
    answer = client.post(address, sent, headers=headers)
    assert answer["Location"].startswith("/admin/login/")
    assert not Session.objects.exists()
