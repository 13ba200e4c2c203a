"""A text read and cleared by a person without an account, by a secret link."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from letters import clearances, workflow
from letters.models import Clearance, Delivery, Edition, Event, Kind, Opening, Remark
from tests.letters_at_stages import approve, edit, make_draft, make_edition, person, publish, submit
from tests.the_desk import filled_in, hub, page_of, parsed, press, signed_in, words

pytestmark = pytest.mark.django_db

ASKED = {"name": "Ilan Voss", "post": "Chief of staff", "address": "", "days": "3"}


def link_to(edition: Edition, **asked) -> str:
    """The path of a new link to the text as it stands."""
    asked = {"name": "Ilan Voss", "post": "Chief of staff", "by": person("drafter")} | asked
    _clearance, link = clearances.ask(edition, **asked)
    return urlsplit(link).path


def mailed(edition: Edition) -> str:
    """The path in the newest mail to a post, whose link the desk shows to nobody."""
    assert link_to(edition) == ""
    return urlsplit(Delivery.objects.filter(what="clearance").latest("pk").context["link"]).path


def answer(client: Client, link: str, decision: str, remark: str = ""):
    return client.post(link, {"decision": decision, "remark": remark})


def ask_page(edition: Edition) -> str:
    return reverse("admin:letters_edition_clearance", args=[edition.pk])


# --- The page -----------------------------------------------------------------------------------


@pytest.mark.parametrize("walk", [lambda draft: draft, submit, approve])
def test_the_text_is_read_by_its_link_until_it_is_published(walk, citizen):
    page = citizen.get(link_to(walk(make_draft())))
    assert page.status_code == 200
    assert "On your national day I send you my warmest wishes." in words(page)
    assert "Not public. For Ilan Voss only." in words(page)


def test_the_letter_is_shown_as_the_public_will_see_it(citizen, clock):
    edition = make_draft(notes="For editors", press_contact="press@valdora.example")
    shown = citizen.get(link_to(edition))
    public = publish(edition, clock)
    page = citizen.get(public.get_absolute_url())

    def sheet(response) -> list[str]:
        (article,) = list(parsed(response).iter("article"))
        return [word for text in article.itertext() for word in text.split()]

    assert sheet(shown) == sheet(page)
    assert "For editors" in words(shown)


def test_the_page_is_kept_by_nobody_and_names_itself_to_no_other_site(citizen):
    live = citizen.get(link_to(make_draft()))
    for page in (live, citizen.get("/en/clearance/guessed/")):
        assert page["Cache-Control"] == "no-store, private"
        assert page["X-Robots-Tag"] == "noindex, nofollow"
        assert page["Referrer-Policy"] == "same-origin"
    assert "Disallow: /*/clearance/" in citizen.get("/robots.txt").content.decode()


def test_the_page_speaks_the_language_of_the_text(citizen):
    page = citizen.get(link_to(make_draft(language="ar")))
    assert (parsed(page).get("lang"), parsed(page).get("dir")) == ("ar", "rtl")


def test_each_view_is_noted(citizen, drafter, clock):
    edition = make_draft()
    link = link_to(edition)
    for _ in range(2):
        clock.shift(60)
        citizen.get(link)
    assert Opening.objects.count() == 2
    assert "Opened 2 times" in words(signed_in(drafter).get(hub(edition.letter)))


def test_a_view_of_a_restricted_letter_is_in_the_record(citizen, drafter):
    edition = make_draft()
    workflow.restrict(edition.letter, [drafter], by=drafter, reason="A gift.")
    citizen.get(link_to(edition))
    event = Event.objects.get(verb="view")
    assert (event.by, event.by_name) == (None, "Ilan Voss, Chief of staff")
    assert event.digest == Clearance.objects.get().digest


# --- The link -----------------------------------------------------------------------------------


def test_of_the_link_only_a_digest_is_stored(drafter):
    page = signed_in(drafter).post(ask_page(make_draft()), ASKED)
    (link,) = [
        field.get("value") for field in parsed(page).iter("input") if field.get("id") == "link"
    ]
    token = link.rstrip("/").rsplit("/", 1)[1]
    clearance = Clearance.objects.get()
    assert clearance.token_digest == sha256(token.encode()).hexdigest()
    assert token not in str(list(Clearance.objects.values())) + str(list(Event.objects.values()))
    assert "no-store" in page["Cache-Control"]
    assert Client().get(urlsplit(link).path).status_code == 200


def _changed(edition, clock):
    edit(edition, person("drafter"), closing="Yours,")


def _files_changed(edition, clock):
    edition.files.create(sha256="0" * 64, type="image/jpeg", size=1, alt="A harbour")


def _expired(edition, clock):
    clock.shift(timedelta(days=3, seconds=1))


def _revoked(edition, clock):
    clearances.revoke(Clearance.objects.get(), by=person("drafter"))


def _published(edition, clock):
    publish(edition, clock)


def _discarded(edition, clock):
    workflow.discard(edition, by=person("drafter"))


def _closed_to_its_maker(edition, clock):
    keeper = person("administrator")
    workflow.restrict(edition.letter, [keeper], by=keeper, reason="Not for all.")


DEATHS = [
    _changed,
    _files_changed,
    _expired,
    _revoked,
    _published,
    _discarded,
    _closed_to_its_maker,
]


@pytest.mark.parametrize("death", DEATHS)
def test_a_dead_link_answers_as_a_guessed_one(death, citizen, clock):
    edition = make_draft()
    link = link_to(edition)
    assert citizen.get(link).status_code == 200
    death(edition, clock)
    there = Opening.objects.count()
    guessed = reverse("clearance", args=["en", "A" * 43])
    for ask in (citizen.get, lambda link: answer(citizen, link, "cleared")):
        dead, unknown = ask(link), ask(guessed)
        assert dead.status_code == unknown.status_code == 404
        assert dead.content == unknown.content
        del dead["X-Request-ID"], unknown["X-Request-ID"]  # of each request its own
        assert dict(dead.headers) == dict(unknown.headers)
        assert "ask the press office" in words(dead)
    assert Opening.objects.count() == there
    assert not Clearance.objects.exclude(decision="").exists()


def test_a_link_lasts_to_its_last_second(citizen, clock):
    link = link_to(make_draft(), days=1)
    clock.shift(timedelta(days=1) - timedelta(seconds=1))
    assert citizen.get(link).status_code == 200
    clock.shift(2)
    assert citizen.get(link).status_code == 404


def test_a_link_lives_again_when_the_text_is_again_the_same(citizen, drafter):
    edition = make_draft()
    link = link_to(edition)
    edition = edit(edition, drafter, closing="Yours,")
    assert citizen.get(link).status_code == 404
    edit(edition, drafter, closing="Yours sincerely,")
    assert citizen.get(link).status_code == 200


def test_a_link_is_of_one_language_only(citizen):
    link = link_to(make_draft())
    assert citizen.get(link.replace("/en/", "/fr/", 1)).status_code == 404


def test_the_word_typed_on_a_page_whose_link_died_comes_back(citizen, drafter):
    edition = make_draft()
    link = link_to(edition)
    edit(edition, drafter, closing="Yours,")
    page = answer(citizen, link, "change", "He is <King> of all Ostmark.")
    assert page.status_code == 404
    assert "He is <King> of all Ostmark." in words(page)


# --- The answer ---------------------------------------------------------------------------------


def test_the_text_is_cleared(citizen):
    edition = submit(make_draft())
    link = link_to(edition)
    page = citizen.get(answer(citizen, link, "cleared", "Well said.")["Location"])
    assert "Thank you. You cleared this text" in words(page)
    clearance, event = Clearance.objects.get(), Event.objects.get(verb="cleared")
    assert (clearance.decision, clearance.remark) == ("cleared", "Well said.")
    assert clearance.decided_at == event.at
    assert (event.by, event.by_name) == (None, "Ilan Voss, Chief of staff")
    assert (event.digest, event.remark) == (edition.digest, "Well said.")


def test_a_change_is_asked_for_with_a_remark_that_colleagues_read(citizen, drafter):
    edition = make_draft()
    link = link_to(edition)
    refused = answer(citizen, link, "change")
    assert refused.status_code == 400
    assert "Say what should be changed." in words(refused)
    answer(citizen, link, "change", "Leave the horse out.")
    remark = Remark.objects.get()
    assert (remark.edition, remark.by, remark.text) == (edition, None, "Leave the horse out.")
    assert remark.by_name == "Ilan Voss, Chief of staff"
    assert "Leave the horse out." in words(signed_in(drafter).get(hub(edition.letter)))
    assert "asked for a change" in words(signed_in(drafter).get(hub(edition.letter)))


def test_the_last_answer_counts_and_each_is_in_the_record(citizen):
    link = link_to(make_draft())
    answer(citizen, link, "change", "Leave the horse out.")
    for _ in range(2):  # a button pressed twice is one answer
        answer(citizen, link, "cleared")
    assert Clearance.objects.get().decision == "cleared"
    verbs = list(Event.objects.order_by("number").values_list("verb", flat=True))
    assert verbs == ["start", "ask", "change", "cleared"]


@pytest.mark.parametrize("typed", [{}, {"decision": "burn"}, {"decision": "change", "remark": " "}])
def test_an_answer_that_makes_no_sense_is_none(typed, citizen):
    page = citizen.post(link_to(make_draft()), typed)
    assert page.status_code == 400
    assert "Your answer was not sent." in words(page)
    assert Clearance.objects.get().decision == ""


def test_an_answer_from_another_site_is_refused(drafter):
    strict = Client(enforce_csrf_checks=True)
    assert answer(strict, link_to(make_draft()), "cleared").status_code == 403
    assert Clearance.objects.get().decision == ""


def test_an_answer_over_a_save_of_the_text_is_refused(citizen, drafter, monkeypatch):
    """The text changes after the page was looked up, before the answer is written."""
    edition = make_draft()
    link = link_to(edition)
    decide = clearances.decide

    def too_late(*arguments):
        edit(edition, drafter, closing="Yours,")
        return decide(*arguments)

    monkeypatch.setattr(clearances, "decide", too_late)
    assert answer(citizen, link, "cleared").status_code == 404
    assert Clearance.objects.get().decision == ""


# --- On the desk --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["drafter", "approver", "publisher"])
def test_those_who_work_on_a_text_ask_for_its_clearance(name):
    edition = make_draft()
    client = signed_in(person(name))
    assert ask_page(edition) in client.get(hub(edition.letter)).content.decode()
    assert "The link for Ilan Voss" in words(client.post(ask_page(edition), ASKED))
    assert Clearance.objects.get().made_by == person(name)


def test_administrators_ask_for_none(administrator):
    edition = make_draft()
    client = signed_in(administrator)
    assert client.get(ask_page(edition)).status_code == 403
    assert client.post(ask_page(edition), ASKED).status_code == 403
    assert ask_page(edition) not in client.get(hub(edition.letter)).content.decode()


@pytest.mark.parametrize(
    "typed", [{"name": ""}, {"days": "0"}, {"days": "15"}, {"days": "x"}, {"address": "nobody"}]
)
def test_a_link_that_cannot_be_made_is_not(typed, drafter):
    page = signed_in(drafter).post(ask_page(make_draft()), ASKED | typed)
    assert page.status_code == 400
    assert not Clearance.objects.exists()


def test_no_link_is_made_to_a_published_text(drafter, clock):
    edition = make_edition(clock=clock)
    page = signed_in(drafter).post(ask_page(edition), ASKED)
    assert page.status_code == 409
    assert not Clearance.objects.exists()


def test_the_link_is_sent_where_an_address_is_given(drafter):
    edition = make_draft()
    page = signed_in(drafter).post(ask_page(edition), ASKED | {"address": "voss@valdora.example"})
    assert "It is also sent to voss@valdora.example." in words(page)
    delivery = Delivery.objects.get(what="clearance")
    assert delivery.address == "voss@valdora.example"
    assert Client().get(urlsplit(delivery.context["link"]).path).status_code == 200


def test_a_link_is_revoked(drafter, approver):
    edition = make_draft()
    link_to(edition)
    clearance = Clearance.objects.get()
    address = reverse("admin:letters_edition_revoke", args=[edition.pk, clearance.pk])
    client = signed_in(approver)
    assert address in client.get(hub(edition.letter)).content.decode()
    assert client.get(address).status_code == 405
    assert "is dead" in words(client.post(address, follow=True))
    assert Event.objects.filter(verb="revoke", by=approver).count() == 1
    assert address not in client.get(hub(edition.letter)).content.decode()


def test_the_clearance_of_another_text_is_not_revoked_by_this_one(drafter):
    edition, other = make_draft(), make_draft()
    link_to(other)
    address = reverse("admin:letters_edition_revoke", args=[edition.pk, Clearance.objects.get().pk])
    assert signed_in(drafter).post(address).status_code == 404


# --- Required before approval -------------------------------------------------------------------


@pytest.fixture
def to_be_cleared() -> Edition:
    Kind.objects.filter(code="congratulation").update(
        cleared_by="Chief of staff", clearance_address="voss@valdora.example"
    )
    return make_draft()


def test_a_kind_that_needs_it_is_not_approved_before_its_post_cleared_it(
    to_be_cleared, approver, citizen
):
    link = mailed(to_be_cleared)
    other = link_to(to_be_cleared, name="Ana Solt", post="Deputy")
    edition = submit(to_be_cleared)
    assert press(signed_in(approver), "approve", edition).status_code == 409
    answer(citizen, other, "cleared")
    with pytest.raises(workflow.NotPossible, match="Chief of staff"):
        workflow.approve(edition, by=approver)
    answer(citizen, link, "cleared")
    workflow.approve(edition, by=approver)


def test_a_clearance_of_an_earlier_text_does_not_count(to_be_cleared, approver, drafter, citizen):
    answer(citizen, mailed(to_be_cleared), "cleared")
    edition = submit(edit(to_be_cleared, drafter, closing="Yours,"))
    assert "Not cleared yet by: Chief of staff." in words(
        signed_in(approver).get(hub(edition.letter))
    )
    with pytest.raises(workflow.NotPossible, match="Chief of staff"):
        workflow.approve(edition, by=approver)


def test_the_desk_says_what_is_missing_and_who_answered(to_be_cleared, approver, citizen):
    edition = submit(to_be_cleared)
    link = mailed(edition)
    client = signed_in(approver)
    for page in (hub(edition.letter), page_of("approve", edition)):
        assert "Not cleared yet by: Chief of staff." in words(client.get(page))
    citizen.get(link)
    answer(citizen, link, "cleared", "Well said.")
    for page in (hub(edition.letter), page_of("approve", edition)):
        shown = words(client.get(page))
        assert "Not cleared yet" not in shown
        assert "Ilan Voss, Chief of staff cleared" in shown
        assert "Well said." in shown
        assert "Opened once" in shown


def test_administrators_say_which_kinds_need_it(administrator):
    kind = Kind.objects.get(code="congratulation")
    page = signed_in(administrator).get(reverse("admin:letters_kind_change", args=[kind.pk]))
    assert 'name="cleared_by"' in page.content.decode()
    need_of_an_address = {"cleared_by": "Chief of staff", "clearance_address": ""}
    address = reverse("admin:letters_kind_change", args=[kind.pk])
    refused = signed_in(administrator).post(address, filled_in(page) | need_of_an_address)
    assert "Give the e-mail address of the post that clears." in words(refused)
    assert Kind.objects.get(pk=kind.pk).cleared_by == ""


def test_whoever_asks_a_post_for_its_clearance_never_sees_the_link(to_be_cleared, drafter):
    typed = ASKED | {"address": "own@valdora.example"}
    page = signed_in(drafter).post(ask_page(to_be_cleared), typed)
    assert "It was sent to voss@valdora.example" in words(page)
    (delivery,) = Delivery.objects.filter(what="clearance")
    assert delivery.address == "voss@valdora.example"
    link = urlsplit(delivery.context["link"]).path
    assert link not in page.content.decode()
    assert link not in signed_in(drafter).get(hub(to_be_cleared.letter)).content.decode()


def test_without_an_address_kept_for_it_no_post_is_asked(drafter):
    Kind.objects.filter(code="congratulation").update(cleared_by="Chief of staff")
    page = signed_in(drafter).post(ask_page(make_draft()), ASKED)
    assert page.status_code == 409
    assert "No e-mail address is kept for this post." in words(page)
    assert not Clearance.objects.exists()


def test_a_link_made_before_its_post_had_to_clear_the_text_does_not_count(
    drafter, approver, citizen
):
    draft = make_draft()
    link = link_to(draft)
    Kind.objects.filter(code="congratulation").update(
        cleared_by="Chief of staff", clearance_address="voss@valdora.example"
    )
    answer(citizen, link, "cleared")
    edition = submit(draft)
    assert "Not cleared yet by: Chief of staff." in words(
        signed_in(approver).get(hub(draft.letter))
    )
    assert press(signed_in(approver), "approve", edition).status_code == 409


@pytest.mark.parametrize("who", ["editor", "asker", "approver"])
def test_nobody_clears_a_text_they_wrote_send_or_approve(who, to_be_cleared, approver, citizen):
    by = {"editor": "drafter", "asker": "publisher", "approver": "approver"}[who]
    User.objects.filter(pk=person(by).pk).update(email="Voss@valdora.example")
    if who != "approver":
        asker = signed_in(person("publisher"))
        page = asker.post(ask_page(to_be_cleared), ASKED)
        assert page.status_code == 409
        assert "by the person who has to clear it" in words(page)
        return
    answer(citizen, mailed(to_be_cleared), "cleared")
    edition = submit(to_be_cleared)
    assert press(signed_in(approver), "approve", edition).status_code == 403
    assert Edition.objects.get(pk=edition.pk).approved_by is None
