"""Accounts: invited, put into groups, shut out; and nobody gives themselves rights."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission, User
from django.contrib.messages import get_messages
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from letters.admin.people import STEPS
from letters.models import Event
from tests.the_desk import filled_in, links, parsed, signed_in, words

pytestmark = pytest.mark.pages

ADD = "/admin/auth/user/add/"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def page_of(person: User) -> str:
    return reverse("admin:auth_user_change", args=[person.pk])


def step_of(step: str, person: User) -> str:
    return reverse("admin:auth_user_step", args=[person.pk, step])


def group(name: str) -> int:
    return Group.objects.get(name=name).pk


def save(client: Client, person: User, **typed: Any) -> HttpResponse:
    data = filled_in(client.get(page_of(person)))
    data["groups"] = [g.pk for g in person.groups.all()]  # filled_in knows one box a name
    data["email"] = data["email"] or f"{person.username}@press.example"
    return client.post(page_of(person), data | typed)


def told(response: HttpResponse) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.fixture
def invited(administrator: User, django_capture_on_commit_callbacks: Any) -> User:
    data = {"first_name": "Ilse", "last_name": "Marrow", "email": "Ilse.Marrow@press.example"}
    with django_capture_on_commit_callbacks(execute=True):
        response = signed_in(administrator).post(ADD, data | {"groups": [group("Drafters")]})
    assert response.status_code == 302, words(response)
    return User.objects.get(email="ilse.marrow@press.example")


def link_in(message: Any, settings: Any) -> str:
    (link,) = [word for word in message.body.split() if "/key/" in word]
    assert link.startswith(settings.PRESSOFFICE_SITE_URL)
    return link.removeprefix(settings.PRESSOFFICE_SITE_URL)


def test_someone_invited_chooses_their_own_password(invited: User, settings: Any):
    assert (invited.username, invited.is_staff) == ("ilse-marrow", True)
    assert not invited.has_usable_password()
    (sent,) = mail.outbox
    assert sent.to == ["ilse.marrow@press.example"]
    assert sent.alternatives[0].mimetype == "text/html"
    link = link_in(sent, settings)
    assert link in sent.alternatives[0].content

    settings.PRESSOFFICE_REQUIRE_MFA = True
    client = Client()
    page = client.get(link, follow=True)
    new = {"password1": "quite a good password", "password2": "quite a good password"}
    client.post(page.request["PATH_INFO"], new)
    assert client.get("/admin/")["Location"] == reverse("mfa_index")
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    assert "This link was used" in words(Client().get(link))


def test_the_form_of_a_new_person_asks_for_no_password(administrator: User):
    fields = {f.get("name") for f in parsed(signed_in(administrator).get(ADD)).iter("input")}
    assert {"first_name", "last_name", "email", "groups"} <= fields
    assert not {"username", "password", "password1", "is_superuser", "is_staff"} & fields


def test_a_user_name_that_is_taken_gets_a_number(invited: User, administrator: User):
    data = {"first_name": "Ilse", "last_name": "Marrow", "email": "ilse-marrow@other.example"}
    signed_in(administrator).post(ADD, data)
    assert User.objects.get(email=data["email"]).username == "ilse-marrow2"


@pytest.mark.parametrize("email", ["ILSE.marrow@press.example", "no address"])
def test_an_address_is_good_and_nobody_elses(invited: User, administrator: User, email: str):
    data = {"first_name": "Another", "last_name": "One", "email": email}
    response = signed_in(administrator).post(ADD, data)
    assert response.status_code == 200
    assert parsed(response).find(".//ul[@class='errorlist']") is not None
    assert User.objects.filter(first_name="Another").count() == 0


def test_an_invitation_can_be_sent_again_until_it_is_taken_up(
    invited: User, administrator: User, settings: Any
):
    client = signed_in(administrator)
    assert step_of("invite", invited) in links(client.get(page_of(invited)))
    assert len(mail.outbox) == 1
    client.get(step_of("invite", invited))
    assert len(mail.outbox) == 1
    client.post(step_of("invite", invited))
    assert len(mail.outbox) == 2
    invited.set_password("quite a good password")
    invited.save()
    assert step_of("invite", invited) not in links(client.get(page_of(invited)))
    assert client.post(step_of("invite", invited)).status_code == 404


def test_a_mail_that_does_not_go_out_is_told_and_loses_nobody(
    invited: User, administrator: User, settings: Any
):
    backend = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAILERS = {
        "default": {"BACKEND": backend, "OPTIONS": {"host": "127.0.0.1", "port": 9}}
    }
    response = signed_in(administrator).post(step_of("invite", invited))
    assert "could not be sent" in told(response)
    assert response["Location"] == page_of(invited)


def test_an_administrator_assigns_the_four_groups_and_no_other(administrator: User, drafter: User):
    other = Group.objects.create(name="Gods")
    client = signed_in(administrator)
    save(client, drafter, groups=[group("Approvers"), group("Publishers")])
    assert {g.name for g in drafter.groups.all()} == {"Approvers", "Publishers"}
    refused = save(client, drafter, groups=[other.pk])
    assert refused.status_code == 200
    assert not other.user_set.exists()


def test_an_administrator_cannot_make_a_superuser(administrator: User, drafter: User):
    everything = [p.pk for p in Permission.objects.all()]
    forged = {"is_superuser": "on", "is_staff": "on", "user_permissions": everything}
    assert save(signed_in(administrator), drafter, **forged).status_code == 302
    drafter.refresh_from_db()
    assert not drafter.is_superuser
    assert not drafter.user_permissions.exists()


def test_nobody_changes_their_own_groups_or_locks_themselves_out(administrator: User):
    save(signed_in(administrator), administrator, groups=[group("Publishers")], email="a@b.example")
    administrator.refresh_from_db()
    assert [g.name for g in administrator.groups.all()] == ["Administrators"]
    assert administrator.email == "a@b.example"
    assert administrator.is_active


@pytest.mark.parametrize("more", ["superuser", "permission", "group"])
def test_an_administrator_cannot_touch_who_may_do_more(
    administrator: User, superuser: User, drafter: User, more: str
):
    other = superuser if more == "superuser" else drafter
    if more == "permission":
        other.user_permissions.add(Permission.objects.get(codename="delete_user"))
    elif more == "group":
        other.groups.add(Group.objects.create(name="Gods"))
    client = signed_in(administrator)
    assert client.get(page_of(other)).status_code == 200
    assert client.post(page_of(other), {"email": "mine@press.example"}).status_code == 403
    for step in STEPS:
        assert client.post(step_of(step, other)).status_code == 404


def test_a_superuser_makes_and_unmakes_superusers_but_not_themselves(
    superuser: User, drafter: User
):
    client = signed_in(superuser)
    save(client, drafter, is_superuser="on", email="d@press.example")
    drafter.refresh_from_db()
    assert drafter.is_superuser
    fields = {f.get("name") for f in parsed(client.get(page_of(superuser))).iter("input")}
    assert "is_superuser" not in fields


@pytest.mark.parametrize("name", ["drafter", "approver", "publisher"])
def test_only_administrators_keep_accounts(request: Any, name: str, second_drafter: User):
    client = signed_in(request.getfixturevalue(name))
    assert client.get("/admin/auth/user/").status_code == 403
    assert client.get(ADD).status_code == 403
    for step in STEPS:
        assert client.post(step_of(step, second_drafter)).status_code == 404


def test_nobody_is_deleted(superuser: User, drafter: User):
    client = signed_in(superuser)
    address = reverse("admin:auth_user_delete", args=[drafter.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403


def test_deactivating_someone_signs_them_out(administrator: User, drafter: User):
    at_work = signed_in(drafter)
    data = filled_in(signed_in(administrator).get(page_of(drafter)))
    data |= {"email": "d@press.example", "groups": []}
    del data["is_active"]
    signed_in(administrator).post(page_of(drafter), data)
    assert at_work.get("/admin/").status_code == 302
    drafter.refresh_from_db()
    assert not drafter.is_active


def test_an_administrator_ends_someones_sessions_and_only_theirs(
    administrator: User, drafter: User, approver: User
):
    here, there, another = signed_in(drafter), signed_in(drafter), signed_in(approver)
    client = signed_in(administrator)
    assert "signed out on every device" in words(client.get(step_of("end-sessions", drafter)))
    assert here.get("/admin/").status_code == 200
    client.post(step_of("end-sessions", drafter))
    assert here.get("/admin/").status_code == there.get("/admin/").status_code == 302
    assert another.get("/admin/").status_code == client.get("/admin/").status_code == 200


def test_an_administrator_removes_the_factor_of_a_lost_phone(administrator: User, drafter: User):
    client = signed_in(administrator)
    address = step_of("remove-second-factor", drafter)
    assert client.post(address).status_code == 404
    Authenticator.objects.create(user=drafter, type="totp", data={"secret": "x"})
    at_work = signed_in(drafter)
    client.post(address)
    assert not Authenticator.objects.exists()
    assert at_work.get("/admin/").status_code == 302
    assert not Event.objects.exists()


def test_a_former_address_receives_no_links(administrator: User, drafter: User, citizen: Client):
    drafter.email = "old@press.example"
    drafter.save()
    citizen.post(reverse("account_reset_password"), {"email": "old@press.example"})
    assert EmailAddress.objects.filter(email="old@press.example").exists()
    mail.outbox.clear()
    save(signed_in(administrator), drafter, email="new@press.example")
    citizen.post(reverse("account_reset_password"), {"email": "old@press.example"})
    assert mail.outbox == []


def test_account_changes_ask_again(administrator: User, drafter: User):
    administrator.set_password("quite a good password")
    administrator.save()
    client = Client()
    client.force_login(administrator)
    for address in (ADD, page_of(drafter), step_of("end-sessions", drafter)):
        for response in (client.get(address), client.post(address, {"email": "x@press.example"})):
            assert response["Location"].startswith(reverse("account_reauthenticate"))


def test_groups_are_there_to_read(administrator: User, superuser: User):
    group_page = reverse("admin:auth_group_change", args=[group("Drafters")])
    assert signed_in(administrator).get(group_page).status_code == 200
    assert signed_in(superuser).post(group_page, {"name": "Gods"}).status_code == 403


def test_people_are_narrowed_by_groups_named_in_the_readers_language(administrator: User):
    people = reverse("admin:auth_user_changelist")
    page = signed_in(administrator).get(people, headers={"Accept-Language": "fr"})
    assert b"Drafters" not in page.content
    assert "Rédacteurs</a>" in page.content.decode()


def test_the_inner_tables_of_signing_in_are_not_on_the_desk(superuser: User):
    index = links(signed_in(superuser).get("/admin/"))
    assert {
        a for a in index if a.startswith(("/admin/account/e", "/admin/mfa", "/admin/user"))
    } == set()
