"""A draft that saves itself: what is kept of what people type, whatever others do or fails."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from letters import workflow
from letters.models import CountryName, Edition, Editor, Event, Letter, Presence, SetAside
from tests.letters_at_stages import make_correspondent, make_draft, make_edition, publish, submit
from tests.the_desk import filled_in, form_of, hub, links, parsed, save, signed_in, words

pytestmark = pytest.mark.django_db

MINE, OTHER = "a" * 24, "b" * 24


def address(edition: Edition) -> str:
    return f"/admin/letters/edition/{edition.pk}/autosave/"


def again(edition: Edition) -> Edition:
    return Edition.objects.select_related("letter").get(pk=edition.pk)


def opened(client: Client, edition: Edition, tab: str = MINE) -> dict[str, str]:
    return filled_in(client.get(form_of(edition))) | {"tab": tab}


def autosave(client: Client, edition: Edition, page: dict[str, str], **typed: str):
    page |= typed
    answer = client.post(address(edition), page | {"key": f"{page['version']}-{page['tab'][:4]}"})
    if answer.status_code == 200:
        page["version"] = str(answer.json()["version"])
    return answer


NEW = {"parties-2-role": "copy", "parties-2-name": "Lena Hart"}


# --- What is saved ------------------------------------------------------------------------------


def test_typing_is_saved_and_makes_an_editor_without_an_event(drafter, second_drafter):
    draft = make_draft(drafter)
    events = Event.objects.count()
    client = signed_in(second_drafter)
    page = opened(client, draft)
    for word in ("One", "Two", "Three"):
        answer = autosave(client, draft, page, headline=word)
        assert answer.status_code == 200
        assert re.fullmatch(r"\d\d:\d\d:\d\d", answer.json()["at"])
    assert (again(draft).headline, again(draft).version) == ("Three", draft.version + 3)
    assert Editor.objects.filter(edition=draft, user=second_drafter).exists()
    assert Event.objects.count() == events


def test_an_autosave_of_nothing_new_makes_nobody_an_editor(drafter, second_drafter):
    draft = make_draft(drafter)
    client = signed_in(second_drafter)
    page = opened(client, draft)
    assert autosave(client, draft, page).status_code == 200
    assert again(draft).version == draft.version
    assert not Editor.objects.filter(edition=draft, user=second_drafter).exists()


def test_what_cannot_be_saved_is_named_and_the_rest_is_saved(drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    page = opened(client, draft)
    answer = autosave(
        client,
        draft,
        page,
        headline="New",
        dated="31/31/2026",
        not_before_0="2027-01-01",
        **{"parties-0-role": "", "parties-1-name": "Thomas Reyk", "parties-2-country": "XX"},
    )
    assert answer.status_code == 200
    saved = again(draft)
    assert (saved.headline, saved.dated) == ("New", draft.dated)
    assert [p.name for p in saved.parties.all()] == ["Mira Halden", "Thomas Reyk"]
    targets = re.findall(r'href="#([^"]+)">', answer.json()["html"])
    assert {"id_dated", "id_not_before_0", "id_parties-0-role"} <= set(targets)
    there = {tag.get("id") for tag in parsed(client.get(form_of(draft))).iter()}
    assert set(targets) <= there


def test_a_line_that_is_typed_on_is_stored_once(drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    page = opened(client, draft)
    answer = autosave(client, draft, page, **NEW)
    page["parties-2-id"] = str(answer.json()["lines"]["parties-2"]["id"])
    autosave(client, draft, page, **{"parties-2-name": "Lena Hart-Olsen"})
    client.post(form_of(draft), page | {"parties-2-title": "Secretary", "_continue": "1"})
    copies = draft.parties.filter(role="copy")
    assert [(p.name, p.title) for p in copies] == [("Lena Hart-Olsen", "Secretary")]
    client.post(
        form_of(draft), page | {"version": str(again(draft).version), "parties-2-DELETE": "on"}
    )
    assert not copies.all().exists()


def test_a_line_between_stored_ones_may_stay_empty(drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    page = opened(client, draft) | {"parties-TOTAL_FORMS": "4"}
    third = {name.replace("-2-", "-3-"): value for name, value in NEW.items()}
    answer = autosave(client, draft, page, **third)
    page["parties-3-id"] = str(answer.json()["lines"]["parties-3"]["id"])
    page |= {"parties-3-edition": page["parties-2-edition"]}
    wrong = client.post(form_of(draft), page | {"dated": "never", "_continue": "1"})
    page = filled_in(wrong) | {"dated": "", "tab": MINE, "parties-2-name": "Jon Ark"}
    page |= {"parties-2-role": "copy", "_continue": "1"}
    assert client.post(form_of(draft), page).status_code == 302
    assert sorted(p.name for p in draft.parties.filter(role="copy")) == ["Jon Ark", "Lena Hart"]


def test_what_is_known_of_a_correspondent_comes_back_to_the_page(drafter):
    known = make_correspondent("lena-hart", titles={"en": "Secretary"})
    draft = make_draft(drafter)
    client = signed_in(drafter)
    chosen = {"parties-2-role": "copy", "parties-2-correspondent": str(known.pk)}
    answer = autosave(client, draft, opened(client, draft), **chosen)
    line = answer.json()["lines"]["parties-2"]
    assert (line["name"], line["title"], line["country"]) == ("Lena Hart", "Secretary", "XV")


def test_a_line_ticked_to_be_deleted_goes_with_the_full_save_only(drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    page = opened(client, draft) | {"parties-1-DELETE": "on"}
    autosave(client, draft, page, headline="New")
    assert draft.parties.count() == 2
    client.post(form_of(draft), page | {"_continue": "1"})
    assert draft.parties.count() == 1


def test_the_answer_that_was_not_heard_is_given_again(drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    page = opened(client, draft) | {"headline": "New", **NEW, "key": "c" * 24}
    first = client.post(address(draft), page)
    second = client.post(address(draft), page)
    assert second.status_code == 200
    assert {k: first.json()[k] for k in ("version", "lines")} == {
        k: second.json()[k] for k in ("version", "lines")
    }
    assert draft.parties.count() == 3
    known = client.post(address(draft), page | {"alive": "1", "left": ["c" * 24, "d" * 24]})
    assert known.json()["known"] == ["c" * 24]


@pytest.mark.parametrize("field", ["not_placed", "consent"])
def test_what_no_reader_sees_is_not_overwritten_either(field, drafter, second_drafter):
    draft = make_draft(drafter, direction="received", not_placed="A line\nor two")
    people = ((drafter, MINE), (second_drafter, OTHER))
    pages = [(signed_in(p), opened(signed_in(p), draft, tab)) for p, tab in people]
    answers = [
        autosave(client, draft, page, **{field: f"By\n{n}"})
        for n, (client, page) in enumerate(pages)
    ]
    assert [a.status_code for a in answers] == [200, 409]
    stored = again(draft)
    assert (stored.not_placed if field == "not_placed" else stored.letter.consent) == "By\n0"
    client, page = pages[0]
    version = page["version"]
    autosave(client, draft, page)
    assert page["version"] == version


# --- Two writers --------------------------------------------------------------------------------


def test_a_stale_autosave_overwrites_nothing_and_is_set_aside(drafter, second_drafter):
    draft = make_draft(drafter)
    mine, theirs = signed_in(drafter), signed_in(second_drafter)
    page = opened(mine, draft)
    autosave(theirs, draft, opened(theirs, draft, OTHER), headline="Theirs")
    for typed in ("Mine", "Mine at last"):
        answer = autosave(mine, draft, page, headline=typed)
        assert answer.status_code == 409
    told = answer.json()
    told_at = r"Second Drafter Osk changed this text at \d\d:\d\d:\d\d\."
    assert re.fullmatch(told_at, told["message"])
    assert again(draft).headline == "Theirs"
    (aside,) = SetAside.objects.filter(edition=draft)
    assert (aside.by, aside.typed["headline"]) == (drafter, "Mine at last")
    assert "csrfmiddlewaretoken" not in aside.typed
    assert told["merge"] in links(theirs.get(form_of(draft)))


def test_two_tabs_of_one_person_are_two_writers(drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    first, second = opened(client, draft), opened(client, draft, OTHER)
    assert autosave(client, draft, first, headline="First").status_code == 200
    assert autosave(client, draft, second, headline="Second").status_code == 409
    autosave(client, draft, first, headline="First again")
    assert again(draft).headline == "First again"
    assert SetAside.objects.get().typed["headline"] == "Second"


def test_words_typed_into_a_text_that_was_submitted_meanwhile_are_kept(drafter, second_drafter):
    draft = make_draft(drafter)
    client = signed_in(second_drafter)
    page = opened(client, draft)
    submit(draft)
    answer = autosave(client, draft, page, headline="Too late")
    assert answer.status_code == 409
    assert "waiting for approval" in answer.json()["message"]
    read = client.get(answer.json()["merge"])
    assert "Too late" in words(read)
    assert "Save merged text" not in read.content.decode()
    assert answer.json()["merge"] in links(client.get(form_of(draft)))
    workflow.send_back(again(draft), by=_approver(), remark="Shorter")
    assert "Save merged text" in client.get(answer.json()["merge"]).content.decode()


def _approver():
    from tests.letters_at_stages import person

    return person("approver")


def test_texts_set_aside_are_listed_until_the_draft_is_published(drafter, second_drafter, clock):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    page = opened(client, draft)
    save(signed_in(second_drafter), draft, headline="Theirs")
    merge = autosave(client, draft, page, headline="Mine").json()["merge"]
    assert merge in links(client.get(form_of(draft)))
    publish(again(draft), clock)
    assert merge not in links(client.get(form_of(draft)))
    assert "Mine" in SetAside.objects.get().typed["headline"]


def test_who_else_is_editing_is_told_while_it_is_so(drafter, second_drafter, clock):
    draft = make_draft(drafter)
    mine, theirs = signed_in(drafter), signed_in(second_drafter)
    first, second = opened(mine, draft), opened(theirs, draft, OTHER)

    def seen() -> str:
        return mine.post(address(draft), first | {"alive": "1"}).json()["html"]

    assert "also editing" not in seen()
    theirs.post(address(draft), second | {"alive": "1"})
    assert "Second Drafter Osk is also editing." in seen()
    assert "Second Drafter Osk is also editing." in words(mine.get(form_of(draft)))
    clock.shift(20)
    assert "is also editing" in seen()
    clock.shift(11)
    assert "also editing" not in seen()
    assert [p.tab for p in Presence.objects.all()] == [MINE]
    mine.post(address(draft), first | {"tab": OTHER, "alive": "1"})
    assert "open in another tab" in seen()
    mine.post(address(draft), first | {"tab": OTHER, "gone": "1"})
    assert "another tab" not in seen()


def test_a_page_with_an_older_text_is_told_before_anything_is_typed(drafter, second_drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    page = opened(client, draft)
    save(signed_in(second_drafter), draft, headline="Theirs")
    answer = client.post(address(draft), page | {"alive": "1"}).json()
    assert answer["version"] == int(page["version"]) + 1
    assert answer["changed"].startswith("Second Drafter Osk changed this text at ")


# --- The merge ----------------------------------------------------------------------------------


@pytest.fixture
def conflict(drafter, second_drafter):
    """Both changed headline and parties, one alone the place, the other the close."""
    CountryName.objects.create(code="XO", language="en", name="Ostmark")
    draft = make_draft(drafter)
    client = signed_in(drafter)
    page = opened(client, draft)
    theirs = {"headline": "To the King, theirs", "place": "Harborg", "parties-1-DELETE": "on"}
    save(signed_in(second_drafter), draft, **theirs)
    mine = {"headline": "To the King, mine", "closing": "In friendship,", **NEW}
    return draft, client, autosave(client, draft, page, **mine).json()["merge"]


def test_of_two_texts_each_field_is_chosen(conflict):
    draft, client, merge = conflict
    page = client.get(merge)
    marks = {m.tag: " ".join("".join(m.itertext()).split()) for m in parsed(page).iter()}
    assert (marks["del"], marks["ins"]) != ("", "")
    form = filled_in(page)
    # Where one of the two alone changed something, theirs is chosen beforehand.
    assert (form["choice-place"], form["choice-closing"]) == ("theirs", "mine")
    assert form["choice-headline"] == "merged"
    assert "choice-parties" not in form
    refused = client.post(merge, form)
    assert refused.status_code == 400
    assert "Choose a text for each" in words(refused)
    typed = {"headline": "To the King, both", "choice-parties": "mine"}
    assert client.post(merge, form | typed).status_code == 302
    saved = again(draft)
    assert saved.headline == "To the King, both"
    assert (saved.place, saved.closing) == ("Harborg", "In friendship,")
    assert [p.name for p in saved.parties.all()] == ["Mira Halden", "Tomas Reyk", "Lena Hart"]
    assert SetAside.objects.count() == 1


def test_keeping_theirs_throughout_changes_nothing(conflict):
    draft, client, merge = conflict
    before = Edition.objects.filter(pk=draft.pk).values().get()
    form = filled_in(client.get(merge))
    form |= {name: "theirs" for name in form if name.startswith("choice-")}
    client.post(merge, form | {"choice-parties": "theirs"})
    assert Edition.objects.filter(pk=draft.pk).values().get() == before


def test_a_merge_that_comes_too_late_keeps_what_was_merged(conflict, second_drafter):
    draft, client, merge = conflict
    form = filled_in(client.get(merge)) | {"choice-parties": "theirs", "headline": "Both"}
    save(signed_in(second_drafter), draft, headline="Theirs again")
    answer = client.post(merge, form)
    assert answer.status_code == 409
    assert again(draft).headline == "Theirs again"
    form = filled_in(answer)
    assert (form["headline"], form["choice-headline"]) == ("Both", "merged")
    assert client.post(merge, form).status_code == 302
    assert again(draft).headline == "Both"


def test_a_merged_text_that_cannot_be_saved_is_told(conflict):
    draft, client, merge = conflict
    form = filled_in(client.get(merge)) | {"choice-parties": "theirs", "headline": "x" * 301}
    answer = client.post(merge, form)
    assert answer.status_code == 400
    assert "at most 300 characters" in words(answer)
    assert again(draft).headline == "To the King, theirs"


# --- Who reaches it -----------------------------------------------------------------------------


def test_a_letter_that_is_not_open_answers_as_one_that_does_not_exist(
    conflict, drafter, second_drafter, approver
):
    draft, client, merge = conflict
    workflow.restrict(draft.letter, [drafter], by=drafter, reason="A delicate matter")
    other = signed_in(second_drafter)
    page = opened(client, draft)
    assert other.get(form_of(draft)).status_code == 302  # as for a draft that is not there
    pages = (merge, f"/admin/letters/edition/{draft.pk}/preview/")
    assert [other.get(p).status_code for p in pages] == [404, 404]
    assert other.post(address(draft), page | {"person": second_drafter.pk}).status_code == 404
    assert other.post(merge, {"version": 1}).status_code == 404
    for path in ("repeat", "thread"):
        there = f"/admin/letters/letter/{draft.letter_id}/{path}/"
        assert other.post(there, {"direction": "sent"}).status_code == 404


def test_looking_at_a_restricted_letter_is_noted_and_typing_is_not(drafter):
    draft = make_draft(drafter)
    workflow.restrict(draft.letter, [drafter], by=drafter, reason="A delicate matter")
    client = signed_in(drafter)
    views = Event.objects.filter(verb="view")
    page = opened(client, draft)
    assert views.count() == 1
    autosave(client, draft, page, headline="New")
    client.post(address(draft), page | {"alive": "1"})
    assert views.count() == 1
    client.get(f"/admin/letters/edition/{draft.pk}/preview/")
    assert views.count() == 2


def test_only_the_drafter_who_opened_the_page_saves_with_it(drafter, second_drafter, publisher):
    draft = make_draft(drafter)
    page = opened(signed_in(drafter), draft) | {"headline": "Mine"}
    answer = signed_in(second_drafter).post(address(draft), page)
    assert answer.status_code == 403
    assert "Another person has signed in" in answer.json()["message"]
    page |= {"person": str(publisher.pk)}
    assert signed_in(publisher).post(address(draft), page).status_code == 403
    assert Client().post(address(draft), page).status_code == 302
    assert signed_in(drafter).get(address(draft)).status_code == 405
    assert again(draft).headline == draft.headline


@pytest.mark.parametrize("tab", ["", "x", "a" * 50, "\0"])
def test_a_tab_without_a_name_is_no_presence_and_its_words_are_kept(tab, drafter, second_drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    page = opened(client, draft, tab)
    save(signed_in(second_drafter), draft, headline="Theirs")
    for typed in ("One", "Two"):
        answer = client.post(address(draft), page | {"headline": typed})
        assert answer.status_code == 409
    assert not Presence.objects.exists()
    assert SetAside.objects.count() == 2


def test_nonsense_is_answered_without_an_error(drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    person = {"person": str(drafter.pk)}
    for data in (person, person | {"version": "9" * 40}, person | {"version": "²"}):
        assert client.post(address(draft), data).status_code == 409
    data = person | {"version": str(draft.version), "base": "[1]", "parties-TOTAL_FORMS": "x"}
    assert client.post(address(draft), data).status_code == 200
    aside = SetAside.objects.first()
    assert client.get(f"/admin/letters/edition/{draft.pk}/merge/{aside.pk}/").status_code == 200
    assert client.get(f"/admin/letters/edition/{draft.pk}/merge/999999/").status_code == 404


# --- What is pasted -----------------------------------------------------------------------------


def test_a_list_from_word_stays_a_list(drafter):
    word = (
        "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]>"
        "<span style='mso-list:Ignore'>·<span>&nbsp;&nbsp;</span></span><![endif]>Bread</p>"
        "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]>"
        "<span style='mso-list:Ignore'>·<span>&nbsp;&nbsp;</span></span><![endif]>Salt</p>"
    )
    answer = signed_in(drafter).post("/admin/letters/edition/pasted/", {"html": word})
    assert answer.json()["html"] == "<ul><li>Bread</li><li>Salt</li></ul>"


# --- From an earlier letter, and in answer to one -------------------------------------------------


def test_a_letter_is_begun_from_each_language_of_an_earlier_one(drafter, clock):
    live = make_edition(clock=clock)
    clock.shift(1)
    french = workflow.translate(live, "fr", by=drafter)
    client = signed_in(drafter)
    page = client.get(hub(live.letter))
    assert "Begin a letter from this one" in page.content.decode()
    answer = client.post(f"/admin/letters/letter/{live.letter_id}/repeat/")
    made = Letter.objects.latest("pk")
    assert {(e.language, e.begun_from) for e in made.editions.all()} == {
        ("en", live),
        ("fr", french),
    }
    english = made.editions.get(language="en")
    assert answer["Location"] == form_of(english)
    assert (english.headline, english.dated) == (live.headline, None)
    form = client.get(form_of(english))
    assert f"Begun from {live.letter.reference}" in words(form)
    assert hub(live.letter) in links(form)


def test_a_new_letter_starts_from_the_one_that_is_named(drafter):
    earlier, asked = make_draft(drafter), make_draft(drafter, direction="received")
    client = signed_in(drafter)
    form = filled_in(client.get("/admin/letters/letter/add/"))
    form |= {"repeats": earlier.letter.reference, "in_reply_to": asked.letter.reference}
    assert client.post("/admin/letters/letter/add/", form).status_code == 302
    made = Letter.objects.latest("pk")
    assert made.editions.get().begun_from == earlier
    assert made.in_reply_to == asked.letter
    workflow.discard(again(earlier), by=drafter)
    for reference in ("1900-1", earlier.letter.reference):
        refused = client.post("/admin/letters/letter/add/", form | {"repeats": reference})
        assert refused.status_code == 400


def test_a_letter_begun_from_a_restricted_one_is_open_to_the_same_people(drafter, second_drafter):
    draft = make_draft(drafter)
    workflow.restrict(draft.letter, [drafter], by=drafter, reason="A delicate matter")
    signed_in(drafter).post(f"/admin/letters/letter/{draft.letter_id}/repeat/")
    made = Letter.objects.latest("pk")
    assert made.restricted
    assert list(made.readers.all()) == [drafter]
    form = {"direction": "sent", "language": "en", "repeats": made.reference}
    refused = signed_in(second_drafter).post("/admin/letters/letter/add/", form)
    assert f"There is no letter {made.reference}." in words(refused)


def test_which_letter_it_answers_can_be_changed_while_all_texts_are_drafts(drafter):
    draft, received = make_draft(drafter), make_draft(drafter, direction="received")
    french = workflow.translate(again(draft), "fr", by=drafter)
    client = signed_in(drafter)
    thread = f"/admin/letters/letter/{draft.letter_id}/thread/"
    chosen = {"direction": "sent", "in_reply_to": received.letter.reference}
    client.post(thread, chosen)
    assert again(draft).letter.in_reply_to == received.letter
    assert (again(draft).version, again(french).version) == (2, 2)
    assert "1900-1" in words(client.post(thread, chosen | {"in_reply_to": "1900-1"}, follow=True))
    own = chosen | {"in_reply_to": draft.letter.reference}
    assert "does not answer itself" in words(client.post(thread, own, follow=True))
    submit(again(draft))
    refused = client.post(thread, chosen | {"in_reply_to": ""}, follow=True)
    assert "Not while a text of the letter is past its draft." in words(refused)
    assert again(draft).letter.in_reply_to == received.letter


def test_consent_is_asked_of_received_letters_only(drafter):
    sent, received = make_draft(drafter), make_draft(drafter, direction="received")
    client = signed_in(drafter)
    assert "consent" not in opened(client, sent)
    save(client, received, consent="By note verbale of 3 May.")
    assert again(received).letter.consent == "By note verbale of 3 May."


# --- kill -9 ------------------------------------------------------------------------------------


@contextmanager
def server(tmp_path: Path, port: int):
    """A web process of its own, on the database of this test."""
    name = str(connection.settings_dict["NAME"])
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PRESSOFFICE_DATA": str(tmp_path),
    }
    if connection.vendor == "sqlite":
        link = tmp_path / "db.sqlite3"
        if not link.is_symlink():
            link.symlink_to(name)
    else:
        env["DATABASE_URL"] = re.sub(r"/[^/]*$", f"/{name}", env["DATABASE_URL"])
    command = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.django_db(transaction=True)
def test_nothing_acknowledged_is_lost_when_the_web_process_is_killed(drafter, tmp_path):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    page = opened(client, draft)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cookies["csrftoken"] = page["csrfmiddlewaretoken"][:32].ljust(32, "0")
    page["csrfmiddlewaretoken"] = cookies["csrftoken"]
    headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in cookies.items())}
    headers["Content-Type"] = "application/x-www-form-urlencoded"

    def type_on(number: int) -> int:
        page["headline"] = f"Word {number}"
        body = urllib.parse.urlencode(page | {"key": f"{number:024}"}).encode()
        web = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        web.request("POST", address(draft), body, headers)
        page["version"] = str(json.load(web.getresponse())["version"])
        web.close()
        return number

    acknowledged = 0
    with server(tmp_path, port) as process:
        type_on(1)
        until = time.monotonic() + 1.0
        try:
            for number in range(2, 10_000):
                if time.monotonic() > until:  # in the middle of the next one
                    pid, until = process.pid, float("inf")
                    subprocess.Popen(["/bin/sh", "-c", f"sleep 0.0{number % 7}; kill -9 {pid}"])
                acknowledged = type_on(number)
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            pass
        assert process.wait(10) == -signal.SIGKILL
    assert acknowledged > 2
    stored = int(again(draft).headline.removeprefix("Word "))
    assert stored in (acknowledged, acknowledged + 1)  # the last may be in, and not yet answered
    with server(tmp_path, port):
        type_on(acknowledged + 1)  # the page tries again what it did not hear of
    assert again(draft).headline == f"Word {acknowledged + 1}"
    assert not SetAside.objects.exists()
