"""Of a restricted letter only those named see anything, whatever their rights; each view is noted.

The addresses are those of the desk itself: a new view is tried without being named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import ndiff
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from letters import clearances, workflow
from letters.models import (
    Clearance,
    Delivery,
    Edition,
    Event,
    Letter,
    Party,
    Presence,
    Recipient,
    Remark,
    Role,
    SetAside,
    Stage,
    Submission,
)
from tests.letters_at_stages import do, make_draft, make_edition, person, submit
from tests.the_desk import form_of, hub, links, page_of, signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

LIST = "/admin/letters/letter/"
EVENTS = "/admin/letters/event/"
OUTSIDERS = [
    "second_drafter",
    "second_approver",
    "second_publisher",
    "second_administrator",
    "second_superuser",
]
INSIDERS = ["drafter", "approver", "publisher"]
SECRET = re.compile("zyrk", re.IGNORECASE)
OF_A_LETTER = re.compile("letters_(letter|edition|event|delivery|series|recipients|plan)")
LEADS_ON = re.compile(r'href="(/admin/letters/(?:letter|edition)/[^"?#]*)')
CRAFTED = {"version": 1, "reason": "x"}
FORGED = re.compile(r'(csrfmiddlewaretoken" value=|name="tab" value=)"[^"]*"')


@pytest.fixture(autouse=True)
def references_that_no_other_page_has(db: None) -> None:
    """The letters of a test begin at 70001: no date and no key looks like one."""
    at = timezone.now()
    number = {"year": at.year, "number": 70_000, "reference": f"{at.year}-70000"}
    Letter.objects.create(**number, created_at=at, restricted=True)


def secret_facts() -> dict[str, Any]:
    texts = ("headline", "summary", "place", "salutation", "closing", "notes", "press_contact")
    facts: dict[str, Any] = {name: f"Zyrk {name}" for name in texts}
    parties = [
        Party(role=role, name=f"Zyrk {role}", title=f"Zyrk {role} title", country="XV")
        for role in (Role.SENDER, Role.ADDRESSEE)
    ]
    return {**facts, "body": "<p>Zyrk body</p>", "parties": parties}


def make_restricted(stage: Stage, clock: Any) -> Edition:
    """A letter at that stage with the word in every fact of it and around it."""
    edition = make_edition(stage, clock=clock, **secret_facts())
    drafter = person("drafter")
    named = [person(name) for name in INSIDERS]
    workflow.restrict(edition.letter, named, by=drafter, reason="Zyrk reason")
    at = timezone.now()
    around = {"edition": edition, "at": at}
    Remark.objects.create(**around, by=drafter, by_name="Zyrk", text="Zyrk remark", passage="Zyrk")
    SetAside.objects.create(**around, by=drafter, tab="zyrk", typed={"headline": ["Zyrk typed"]})
    Presence.objects.create(**around, user=drafter, tab=f"zyrk {edition.pk}")
    if edition.is_draft:
        Recipient.objects.create(edition=edition, name="Zyrk recipient", sentence="Zyrk sentence")
    if edition.state in ("draft", "submitted", "approved"):
        clearances.ask(edition, by=drafter, name="Zyrk", address="zyrk@valdora.example")
        workflow.plan(edition, by=drafter, moment=at)
    for who in (drafter, *(person(name) for name in OUTSIDERS)):  # before the letter was restricted
        LogEntry.objects.create(
            user=who,
            content_type=ContentType.objects.get_for_model(Edition),
            object_id=edition.pk,
            object_repr=str(edition),
            action_flag=CHANGE,
        )
    return edition


def views() -> Iterator[URLPattern]:
    def walk(patterns: Any) -> Iterator[URLPattern]:
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield pattern
            else:
                yield from walk(pattern.url_patterns)

    yield from (view for view in walk(admin.site.urls[0]) if view.name)


def plain_pages() -> list[str]:
    """Every address of the desk that names nothing."""
    found = [
        reverse(f"admin:{view.name}")
        for view in views()
        if not view.pattern.regex.groupindex and view.name not in ("login", "logout", "jsi18n")
    ]
    return [*found, reverse("admin:app_list", args=["letters"])]


def pages_of(edition: Edition) -> dict[str, str]:
    """Every address of the desk that could name this text, its letter, or what belongs to them."""
    values: dict[str, Any] = {
        "language": "fr",
        "verb": "approve",
        "place": 0,
        "number": 1,
        "name": "guessed.jpg",
    }
    values |= {"step": "invite", "app_label": "letters"}
    values["remark"] = Remark.objects.filter(edition=edition).values_list("pk", flat=True).first()
    for model, view in ((SetAside, "merge"), (Clearance, "revoke")):
        values[view] = model.objects.filter(edition=edition).values_list("pk", flat=True).first()
    found = {}
    for view in views():
        parts = list(view.pattern.regex.groupindex)
        key = edition.letter_id if "letters_letter" in view.name else edition.pk
        if not parts or not OF_A_LETTER.match(view.name):
            continue
        if view.name.startswith("letters_event"):
            key = Event.objects.filter(edition=edition).values_list("pk", flat=True).first() or key
        last = values.get(view.name.rpartition("_")[2]) or 1
        taken = values | {"pk": key, "object_id": key, "number": last}
        address = reverse(f"admin:{view.name}", kwargs={p: taken[p] or 1 for p in parts})
        found[address] = view.name
        if view.name == "letters_edition_verb":
            for verb in workflow.TRANSITIONS:
                found[reverse("admin:letters_edition_verb", args=[key, verb])] = verb
        if view.name == "letters_series":
            found[reverse("admin:letters_series", args=[edition.letter_id])] = view.name
    for model in (Edition, Letter, Remark, Clearance):
        kind = ContentType.objects.get_for_model(model).pk
        found[f"/admin/r/{kind}/{edition.pk}/"] = f"stock address of a {model.__name__}"
    return found


def shown(client: Client, address: str) -> tuple[int, str, str]:
    response = client.get(address)
    assert response.status_code < 500, address
    body = b"".join(response) if response.streaming else response.content
    return response.status_code, response.get("Location", ""), FORGED.sub("", body.decode())


def crawl(client: Client) -> dict[str, tuple[int, str, str]]:
    """The pages of the desk that name nothing, and those of letters to which they lead."""
    found: dict[str, tuple[int, str, str]] = {}
    waiting = plain_pages()
    while waiting:
        address = waiting.pop()
        if address not in found:
            found[address] = shown(client, address)
            waiting += LEADS_ON.findall(found[address][2])
    return found


# --- Those who are not named --------------------------------------------------------------------


@pytest.fixture
def open_letters(clock) -> list[Edition]:
    """Three letters that all staff may see, two of them drafts."""
    facts = {"headline": "To all"}
    live = make_edition(clock=clock, **facts)
    return [make_draft(**facts), workflow.repeat(live, by=person("drafter"))[0], live]


def tie(drafts: list[Edition], secret: Edition) -> None:
    """An open draft that began from a restricted letter, and one that answers it."""
    Edition.objects.filter(pk=drafts[0].pk).update(begun_from=secret)
    for draft in drafts:
        Letter.objects.filter(pk=draft.letter_id).update(in_reply_to=secret.letter)
    Letter.objects.filter(pk=secret.letter_id).update(in_reply_to=drafts[0].letter)


def test_a_restricted_letter_changes_no_page_of_those_not_named(open_letters, clock):
    # The superuser sees every page there is; the others, pages made for fewer rights.
    names = ("second_drafter", "second_administrator", "second_superuser")
    for name in {*INSIDERS, *OUTSIDERS}:
        person(name)
    clients = {name: signed_in(person(name)) for name in names}
    before = {name: crawl(client) for name, client in clients.items()}
    secrets = [make_restricted(stage, clock) for stage in Stage]
    tie(open_letters[:2], secrets[0])
    for name, client in clients.items():
        after = crawl(client)
        assert set(after) == set(before[name])
        for address, (status, location, body) in after.items():
            assert not SECRET.search(body + location), (name, address)
            was = before[name][address]
            assert (status, location) == was[:2], (name, address)
            changed = [line for line in ndiff(alike(was[2]), alike(body)) if line[0] in "+-"]
            assert changed == [], (name, address)


# How many letters were published is for everybody to see, and to count. What a letter answers is
# not changed by somebody who may not know it; that it answers one, its approver has to know.
ASIDE = [
    re.compile(
        r"<div>\s*<dt>Answers</dt>.*?a letter that is not open to you.*?</dd>\s*</div>", re.DOTALL
    ),
    re.compile(r'<section class="front-figures.*?</section>', re.DOTALL),
    re.compile(
        r'<details class="hub-add">\s*<summary>Change the direction.*?</details>', re.DOTALL
    ),
    re.compile(r"\d\d:\d\d(:\d\d)?|in \d+.(seconds|minutes?|hours?)|\d+.(minutes?|hours?)"),
]


def alike(body: str) -> list[str]:
    for part in ASIDE:
        body = part.sub("", body)
    return [line for line in body.splitlines() if line.strip()]


@pytest.mark.parametrize("name", OUTSIDERS)
def test_every_address_of_it_answers_as_one_that_does_not_exist(name, clock):
    client = signed_in(person(name))
    none = Edition(pk=10**6, letter_id=10**6)
    nothing = {}
    for address, view in pages_of(none).items():
        nothing[view] = (shown(client, address)[0], client.post(address, CRAFTED).status_code)
    # Whoever has every right tries them all; of the others each has some.
    for stage in Stage if name == "second_superuser" else [Stage.SUBMITTED]:
        secret = make_restricted(stage, clock)
        for address, view in pages_of(secret).items():
            status, location, body = shown(client, address)
            assert status == nothing[view][0], address
            assert not SECRET.search(location + body), address
            assert secret.letter.reference not in location + body, address
            if stage in (Stage.SUBMITTED, Stage.LIVE):
                posted = client.post(address, CRAFTED)
                assert posted.status_code == nothing[view][1], address
                assert not SECRET.search(posted.content.decode()), address
    assert {event.verb for event in Event.objects.filter(by=person(name))} <= {"attempt"}


def searches(word: str) -> list[str]:
    lists = ("letter", "event", "delivery", "edition", "correspondent", "standin")
    found = [f"/admin/letters/{page}/?q={word}" for page in lists]
    for model, field in (("event", "letter"), ("event", "edition"), ("clearance", "edition")):
        found.append(
            "/admin/autocomplete/"
            f"?app_label=letters&model_name={model}&field_name={field}&term={word}"
        )
    return [
        *found,
        f"{LIST}add/?in_reply_to={word}",
        f"{LIST}schedule/together/?verb=approve&texts={word}",
    ]


@pytest.mark.parametrize("name", OUTSIDERS)
def test_no_search_finds_it(name, clock):
    """What is searched for is told back; apart from that a hit is a miss."""
    client = signed_in(person(name))
    secret = make_restricted(Stage.SUBMITTED, clock)
    for word, miss in ((secret.letter.reference, "1999-70001"), ("zyrk", "wxqj")):
        for found, not_found in zip(searches(word), searches(miss), strict=True):
            hit, missed = shown(client, found), shown(client, not_found)
            assert hit[2].replace(word, miss) == missed[2], found
            assert hit[1].replace(word, miss) == missed[1], found
            assert hit[0] == missed[0], found


@pytest.mark.parametrize("verb", ["start", "withdraw", "repeats"])
def test_its_reference_is_as_good_as_none(verb, clock):
    """Typed into a form, by somebody who has every right but is not named."""
    client = signed_in(person("second_superuser"))
    secret = make_restricted(Stage.SUBMITTED, clock)
    live = make_edition(clock=clock)

    def typed(reference: str) -> tuple[int, str]:
        if verb == "withdraw":
            data = {"version": live.version, "kind": "moved", "moved_to": reference}
            page = client.post(page_of("withdraw", live), data)
        else:
            field = "in_reply_to" if verb == "start" else "repeats"
            data = {"direction": "sent", "language": "en", field: reference}
            page = client.post(LIST + "add/", data)
        return page.status_code, FORGED.sub("", page.content.decode()).replace(reference, "")

    there = Letter.objects.count()
    assert typed(secret.letter.reference) == typed("1999-1")
    assert Letter.objects.count() == there


def test_a_release_that_is_a_restricted_letter_is_pasted_as_if_it_were_not_there(clock):
    release = "To the King of Ostmark\n\nYour Majesty,\n\nI wish you well.\n\nMira Halden"
    made = []
    for name in ("drafter", "second_drafter"):
        client = signed_in(person(name))
        data = {"source": release, "language": "en"}
        page = client.post(LIST + "paste/", data)
        assert not any(edition.letter.reference in words(page) for edition in made)
        from tests.the_desk import filled_in

        client.post(LIST + "paste/", filled_in(page) | {"save": "1"})
        edition = Edition.objects.latest("pk")
        workflow.restrict(edition.letter, [person(name)], by=person(name), reason="Secret.")
        made.append(edition)
    assert made[0].letter != made[1].letter


def test_nobody_who_is_not_named_gets_a_mail_about_it(clock):
    named = {person(name).pk for name in INSIDERS}
    others = [person(name) for name in OUTSIDERS]
    for other in others:
        other.email = f"{other.username}@valdora.example"
        other.save()
    secret = make_restricted(Stage.DRAFT, clock)
    for verb in ("submit", "send_back", "submit", "approve", "publish"):
        who = {"submit": "drafter", "publish": "publisher"}.get(verb, "approver")
        do(verb, Edition.objects.get(pk=secret.pk), person(who))
    told = Delivery.objects.exclude(to=None).filter(event__letter=secret.letter)
    since = Event.objects.filter(verb="restrict").latest("number").number
    assert set(told.filter(event__number__gte=since).values_list("to", flat=True)) <= named


@pytest.mark.parametrize("kind", ["correspondent", "kind", "user"])
def test_what_it_uses_is_not_deleted_nor_is_it_said_why_by_name(kind, clock):
    secret = make_restricted(Stage.SUBMITTED, clock)
    if kind == "correspondent":
        from tests.letters_at_stages import make_correspondent

        thing = make_correspondent("someone", {"en": "Someone"})
        make_draft(
            **secret_facts() | {"parties": [Party(role="sender", correspondent=thing, name="Zyrk")]}
        )
        draft = Edition.objects.latest("pk")
        workflow.restrict(draft.letter, [person("drafter")], by=person("drafter"), reason="Zyrk")
        path = reverse("admin:letters_correspondent_delete", args=[thing.pk])
    elif kind == "kind":
        thing = secret.kind
        path = reverse("admin:letters_kind_delete", args=[thing.pk])
    else:
        thing = person("drafter")
        Submission.objects.filter(edition=secret).update(asked_of=thing)
        path = reverse("admin:auth_user_delete", args=[thing.pk])
    client = signed_in(person("second_superuser"))
    lists = path.rsplit("/", 3)[0] + "/"
    selected = {"action": "delete_selected", "_selected_action": thing.pk}
    for page in (
        client.get(path),
        client.post(path, {"post": "yes"}),
        client.post(lists, selected),
    ):
        assert page.status_code < 500
        assert not SECRET.search(page.content.decode())
    assert type(thing).objects.filter(pk=thing.pk).exists()


# --- Those who are ------------------------------------------------------------------------------


def test_those_named_see_it_and_work_on_it(clock):
    secret = make_restricted(Stage.SUBMITTED, clock)
    for name in INSIDERS:
        client = signed_in(person(name))
        assert "Zyrk headline" in words(client.get(LIST))
        assert "Zyrk headline" in words(client.get(f"{LIST}?q={secret.letter.reference}"))
        page = client.get(hub(secret.letter))
        assert "Open to: Approver Osk , Drafter Osk , Publisher Osk" in words(page)
    edition = workflow.approve(secret, by=person("approver"))
    workflow.publish(edition, by=person("publisher"))


def test_what_is_public_of_it_stays_public(citizen, clock):
    secret = make_restricted(Stage.LIVE, clock)
    assert "Zyrk body" in words(citizen.get(secret.get_absolute_url()))


def seen(edition: Edition) -> list[str]:
    pages = [hub(edition.letter), form_of(edition)]
    pages += [reverse("admin:letters_edition_preview", args=[edition.pk])]
    pages += [reverse("admin:letters_edition_remarks", args=[edition.pk])]
    return [*pages, *(page_of(verb, edition) for verb in ("approve", "send_back"))]


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.SUBMITTED])
def test_each_view_is_in_the_record(stage, approver, clock):
    secret = make_restricted(stage, clock)
    client = signed_in(approver)
    for number, page in enumerate(seen(secret), start=1):
        assert client.get(page).status_code == 200
        assert Event.objects.filter(verb="view", by=approver).count() == number, page
    shown = words(client.get(hub(secret.letter)))
    assert "Looked at" in shown
    assert "looked at the letter" in words(client.get(EVENTS))


def test_views_of_other_letters_are_nobodys_business(approver):
    edition = submit(make_draft())
    for page in seen(edition):
        assert signed_in(approver).get(page).status_code == 200
    assert not Event.objects.filter(verb="view").exists()


# --- The list -----------------------------------------------------------------------------------


def access(letter: Letter) -> str:
    return reverse("admin:letters_letter_access", args=[letter.pk])


def readers(letter: Letter) -> set[str]:
    return set(Letter.objects.get(pk=letter.pk).readers.values_list("username", flat=True))


def test_a_drafter_restricts_a_letter_and_stays_on_its_list(drafter, approver, second_drafter):
    letter = make_draft().letter
    client = signed_in(drafter)
    assert access(letter) in links(client.get(hub(letter)))
    assert f'value="{drafter.pk}"' not in client.get(access(letter)).content.decode()
    answer = client.post(access(letter), {"people": [approver.pk], "reason": "A state visit."})
    assert answer["Location"] == hub(letter)
    assert readers(letter) == {"drafter", "approver"}
    event = Event.objects.get(verb="restrict")
    assert (event.by, "A state visit." in event.remark) == (drafter, True)
    assert signed_in(second_drafter).get(hub(letter)).status_code == 404
    assert "Drafter Osk named who may see the letter" in words(client.get(hub(letter)))


def test_a_letter_is_opened_to_all_staff_again(drafter, second_drafter):
    letter = make_draft().letter
    workflow.restrict(letter, [drafter], by=drafter, reason="A state visit.")
    answer = signed_in(drafter).post(access(letter), {"open": "1", "reason": "It is over."})
    assert answer["Location"] == hub(letter)
    assert signed_in(second_drafter).get(hub(letter)).status_code == 200


def test_without_a_reason_no_list_is_changed(drafter, approver):
    letter = make_draft().letter
    page = signed_in(drafter).post(access(letter), {"people": [approver.pk], "reason": " "})
    assert page.status_code == 400
    assert f'value="{approver.pk}" checked' in re.sub(
        r' id="[^"]*"| class="[^"]*"', "", page.content.decode()
    )
    assert not Letter.objects.get(pk=letter.pk).restricted


def test_publishers_restrict_nothing(publisher):
    letter = make_draft().letter
    assert signed_in(publisher).get(access(letter)).status_code == 403
    assert access(letter) not in links(signed_in(publisher).get(hub(letter)))


RESTRICTED = "/admin/letters/letter/restricted/"


def test_an_administrator_changes_the_list_by_reference_and_sees_no_word_of_it(
    administrator, second_drafter, clock
):
    secret = make_restricted(Stage.SUBMITTED, clock)
    client = signed_in(administrator)
    address = f"{RESTRICTED}?reference={secret.letter.reference}"
    page = client.get(address)
    assert not SECRET.search(page.content.decode())
    assert f"The list of {secret.letter.reference}" in words(page)
    data = {"people": [second_drafter.pk], "reason": "She takes over."}
    assert client.post(address, data)["Location"] == RESTRICTED
    assert readers(secret.letter) == {"second_drafter"}
    assert client.get(hub(secret.letter)).status_code == 404
    assert signed_in(second_drafter).get(hub(secret.letter)).status_code == 200
    assert Event.objects.filter(verb="restrict", by=administrator).exists()


def test_an_administrator_opens_no_letter_to_everybody(administrator, clock):
    secret = make_restricted(Stage.SUBMITTED, clock)
    address = f"{RESTRICTED}?reference={secret.letter.reference}"
    page = signed_in(administrator).post(address, {"people": [], "reason": "Curious."})
    assert page.status_code == 400
    assert "Name at least one person." in words(page)
    assert readers(secret.letter) == set(INSIDERS)


@pytest.mark.parametrize("data", [None, {"people": ["1"], "reason": "x"}])
def test_a_letter_that_is_not_restricted_is_to_administrators_as_none(administrator, data):
    reference = make_draft().letter.reference
    client = signed_in(administrator)

    def answer(reference: str) -> tuple[int, str]:
        address = f"{RESTRICTED}?reference={reference}"
        page = client.get(address) if data is None else client.post(address, data)
        return page.status_code, words(page).replace(reference, "")

    assert answer(reference) == answer("1999-1")
    assert answer(reference)[0] == 404
    assert "There is no restricted letter" in answer(reference)[1]


@pytest.mark.parametrize("name", ["drafter", "approver", "publisher"])
def test_only_administrators_have_that_page(name):
    client = signed_in(person(name))
    assert client.get(RESTRICTED).status_code == 403
    assert RESTRICTED not in links(client.get("/admin/"))
