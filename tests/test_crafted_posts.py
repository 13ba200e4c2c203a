"""Every POST a role may not make, made all the same: refused, and nothing done.

Made from the table of verbs and from the addresses of the desk: a new view has no test but fails
this one until it says who may use it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from letters import roles, workflow
from letters.models import CountryName, Delivery, Edition, Event, Office, Remark, Stage, StandIn
from letters.workflow import TRANSITIONS
from tests.letters_at_stages import make_correspondent, make_edition, person
from tests.the_desk import page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

# A superuser has every right: what they may not do at a stage, tests/test_desk.py tries.
ROLES = [
    "second_drafter",
    "second_approver",
    "second_publisher",
    "administrator",
    "nobody",
]

# Whoever tries these without being the second pair of eyes, or the one who decides the moment.
NOTED = {"approve", "publish", "emergency", "review", "redact"}

ANY_OF_THE_DESK = (roles.DRAFT, roles.APPROVE, roles.PUBLISH)

# Who may POST to a view of ours: any one of these rights. The stock ones are read off their names.
RIGHTS: dict[str, tuple[str, ...]] = {
    "letters_edition_take": (roles.APPROVE,),
    "letters_edition_remarks": ("letters.view_edition",),
    "letters_edition_settle": ("letters.view_edition",),
    "letters_edition_autosave": (roles.DRAFT,),
    "letters_edition_merge": (roles.DRAFT,),
    "letters_edition_note": (roles.DRAFT, roles.PUBLISH),
    "letters_edition_approve-note": (roles.APPROVE,),
    "letters_edition_clearance": ANY_OF_THE_DESK,
    "letters_edition_revoke": ANY_OF_THE_DESK,
    "letters_letter_add": (roles.DRAFT,),
    "letters_letter_paste": (roles.DRAFT,),
    "letters_letter_translate": (roles.DRAFT,),
    "letters_letter_repeat": (roles.DRAFT,),
    "letters_letter_thread": (roles.DRAFT,),
    "letters_letter_access": (roles.DRAFT, roles.RESTRICT),
    "letters_letter_restricted": (roles.RESTRICT,),
    "letters_stop": (roles.PUBLISH,),
    "letters_plan": (roles.DRAFT, roles.PUBLISH),
    "letters_together": ANY_OF_THE_DESK,
    "letters_series": ANY_OF_THE_DESK,
    "letters_recipients": (roles.DRAFT,),
    "letters_recipients_make": (roles.DRAFT,),
    "letters_standin_add": (roles.APPROVE, "letters.change_standin"),
    "letters_standin_change": ("letters.change_standin",),  # an approver their own only
    "letters_standin_delete": ("letters.change_standin",),
    "letters_standin_changelist": (roles.APPROVE, "letters.change_standin"),
    "letters_edition_pasted": (roles.DRAFT,),
    "auth_user_step": ("auth.change_user",),
}
# Views that do nothing whoever posts what to them, and those about nobody but oneself.
IDLE = re.compile(
    r"letters_mails|index|login|logout|password_change(_done)?|autocomplete|jsi18n|view_on_site|app_list|None"
    r"|\w+_history|letters_edition_(preview|withdrawn|redacted|file|add)|letters_(schedule|in_words|recipients_preview)"
    r"|letters_letter_(change|delete)"
)
STOCK = re.compile(r"(?P<app>auth|letters)_(?P<model>[a-z]+)_(?P<act>add|change|delete|changelist)")


def views() -> Iterator[tuple[str, URLPattern]]:
    def walk(patterns: Any) -> Iterator[URLPattern]:
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield pattern
            else:
                yield from walk(pattern.url_patterns)

    for view in walk(admin.site.urls[0]):
        if view.name != "letters_edition_verb":
            yield str(view.name), view


def rights(name: str) -> tuple[str, ...] | None:
    """Any one of these is needed; None where no POST does anything."""
    if name in RIGHTS:
        return RIGHTS[name]
    if IDLE.fullmatch(name):
        return None
    stock = STOCK.fullmatch(name)
    assert stock, f"{name}: say in this file who may POST to it"
    act = "change" if stock["act"] == "changelist" else stock["act"]
    return (f"{stock['app']}.{act}_{stock['model']}",)


def member(name: str) -> User:
    if name == "nobody":
        return User.objects.create_user("nobody", is_staff=True)
    return person(name)


def all_there_is() -> dict[str, list[Any]]:
    """Every row of the project and of the accounts, attempts and what they left apart."""
    found = {}
    for model in [*apps.get_app_config("letters").get_models(), User]:
        rows = model._default_manager.order_by("pk")
        if model is Event:
            rows = rows.exclude(verb="attempt")
        if model._meta.model_name != "recordhead" and model is not Delivery:
            found[model._meta.model_name] = list(rows.values())
    for row in found["user"]:
        row.pop("last_login")
    return found


def whatever(edition: Edition) -> dict[str, Any]:
    """The fields of many forms at once, as right as they can be."""
    return {
        "version": edition.version,
        "digest": edition.digest,
        "remark": "Crafted.",
        "reason": "Crafted.",
        "kind": "removed",
        "when": "now",
        "text": "Crafted.",
        "name": "Crafted",
        "code": "crafted",
        "slug": "crafted",
        "headline": "Crafted",
        "body": "<p>Crafted</p>",
        "direction": "sent",
        "language": "fr",
        "source": "Crafted.\n\nCrafted.",
        "days": "3",
        "post": "yes",
        "verb": "publish",
        "username": "crafted",
        "email": "crafted@example.org",
        "since": "2026-11-09",
        "until": "2026-11-30",
        "reference": edition.letter.reference,
        "readers": [],
        "text_ticked": f"{edition.pk}.{edition.version}",
        "texts": f"{edition.pk}.{edition.version}",
        "moment_0": "2026-12-01",
        "moment_1": "09:00",
        "_save": "1",
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": str(edition.kind_id),
        "form-0-position": "9",
        "action": "delete_selected",
        "_selected_action": "1",
    }


@pytest.fixture
def at_every_stage(clock: Any) -> dict[Stage, Edition]:
    return {stage: make_edition(stage, clock=clock) for stage in Stage}


@pytest.mark.parametrize("role", ROLES)
def test_no_verb_is_done_by_who_may_not(role, at_every_stage, clock):
    by = member(role)
    client = signed_in(by)
    before = all_there_is()
    tried = 0
    for edition in at_every_stage.values():
        may = workflow.open_verbs(edition, by=by, at=timezone.now())
        for verb, transition in TRANSITIONS.items():
            if verb in may:
                continue
            answer = client.post(page_of(verb, edition), whatever(edition))
            has = by.has_perm(transition.permission)
            # Without the right 403; with it the text is not at that stage, or the form says no.
            assert answer.status_code in ((400, 403, 409) if has else (403,)), (verb, edition)
            tried += not has and verb in NOTED
    assert all_there_is() == before
    assert Event.objects.filter(verb="attempt", by=by).count() == tried


@pytest.mark.parametrize("role", ROLES)
def test_no_other_view_does_anything_for_who_may_not(role, clock):
    by = member(role)
    client = signed_in(by)
    edition = make_edition(Stage.SUBMITTED)
    absent = StandIn.objects.create(
        absent=person("approver"),
        stand_in=person("second_approver"),
        since=timezone.localdate(),
        until=timezone.localdate(),
    )
    remark = Remark.objects.create(edition=edition, by=None, at=timezone.now(), text="A remark.")
    make_correspondent()
    CountryName.objects.create(code="XV", language="en", name="Valdora")
    Office.objects.create(language="en", name="The office")
    before = all_there_is()
    for name, _view in views():
        needed = rights(name)
        if needed and any(by.has_perm(right) for right in needed):
            continue
        address = _address(name, edition, absent, remark)
        if address is None or name == "logout":
            continue
        answer = client.post(address, whatever(edition))
        if needed is not None and not name.endswith("_changelist"):  # who may read a list reads it
            gone = answer.headers.get("Location") == "/admin/"  # what is not there, in a stock view
            assert gone or answer.status_code in (403, 404, 405), (name, answer.status_code)
        assert answer.status_code < 500, name
    assert all_there_is() == before


def _address(name: str, edition: Edition, absent: StandIn, remark: Remark) -> str | None:
    """That view's address, for this edition or what belongs to it."""
    if name == "None":
        return None
    of_letter = name.startswith(("letters_letter", "letters_series"))
    key = edition.letter_id if of_letter else edition.pk
    stock = STOCK.fullmatch(name)
    if name.startswith("letters_standin"):
        key = absent.pk
    elif name == "auth_user_step":
        key = person("drafter").pk
    elif stock and stock["model"] not in ("edition", "letter"):
        first = apps.get_model(stock["app"], stock["model"]).objects.order_by("pk").first()
        key = first.pk if first else 1
    more: dict[str, Any] = {"step": "invite", "language": "ar", "place": 0, "number": 1}
    more |= {"remark": remark.pk, "aside": 1, "content_type_id": 1, "app_label": "letters"}
    (pattern,) = [view.pattern for found, view in views() if found == name]
    taken = {"pk": key, "object_id": key} | more
    parts = [*getattr(pattern, "converters", ()), *pattern.regex.groupindex]
    return reverse(f"admin:{name}", kwargs={part: taken.get(part, 1) for part in parts})


@pytest.mark.parametrize("data", [{}, {"version": "\0", "texts": "\0", "back": "//x.example/"}])
def test_no_view_breaks_on_a_form_that_is_not_its_own(data, superuser):
    client = signed_in(superuser)
    edition = make_edition(Stage.SUBMITTED)
    absent, remark = StandIn(pk=10**6), Remark(pk=10**6)
    for name, _view in views():
        address = _address(name, edition, absent, remark)
        if address and name not in ("login", "logout"):
            answer = client.post(address, data)
            assert answer.status_code < 500, name
            assert "x.example" not in answer.headers.get("Location", ""), name


def test_without_an_account_there_is_nothing_but_the_sign_in(at_every_stage):
    before = all_there_is()
    client, outsider = Client(), signed_in(User.objects.create_user("outsider"))
    User.objects.filter(username="outsider").delete()
    for edition in (at_every_stage[Stage.SUBMITTED], at_every_stage[Stage.LIVE]):
        for verb in TRANSITIONS:
            for who in (client, outsider):
                answer = who.post(page_of(verb, edition), whatever(edition))
                assert answer.status_code == 302
                assert answer["Location"].startswith("/admin/login/")
    assert all_there_is() == before


@pytest.mark.parametrize("role", ["second_approver", "second_superuser", "nobody"])
def test_what_is_not_theirs_answers_as_what_does_not_exist(role, clock):
    drafter = person("drafter")
    edition = make_edition(Stage.SUBMITTED)
    remark = Remark.objects.create(edition=edition, by=drafter, at=timezone.now(), text="A remark.")
    workflow.restrict(edition.letter, [drafter], by=drafter, reason="A visit not announced yet.")
    client = signed_in(member(role))
    before = all_there_is()
    views_ = [("letters_edition_verb", [verb]) for verb in TRANSITIONS]
    views_ += [("letters_edition_take", []), ("letters_edition_remarks", [])]
    views_ += [("letters_edition_settle", [remark.pk]), ("letters_edition_preview", [])]
    for name, more in views_:
        here = reverse(f"admin:{name}", args=[edition.pk, *more])
        nowhere = reverse(f"admin:{name}", args=[10**6, *more])
        for send in (client.get, client.post):
            there, not_there = send(here), send(nowhere)
            assert there.status_code == not_there.status_code, (name, more)
            assert there.status_code in (403, 404, 405)
            assert _plain(there, edition.pk) == _plain(not_there, 10**6)
    assert all_there_is() == before


def _plain(answer: Any, pk: int) -> str:
    """The page without its address, and without what every page has of its own."""
    text = answer.content.decode().replace(f"/{pk}/", "/N/")
    return re.sub(r'(csrfmiddlewaretoken" value="|nonce=")[^"]*', "", text)
