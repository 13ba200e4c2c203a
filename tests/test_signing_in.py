"""Signing in: password, second factor, limits on guessing, and being asked again."""

from __future__ import annotations

import time
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib import admin
from django.contrib.auth.models import User
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse

from letters.admin.asking_again import ask_again, recently_signed_in
from pressoffice import urls
from tests.the_desk import links, parsed, signed_in, words

pytestmark = pytest.mark.pages

PASSWORD = "a long enough password"
DESK = "/admin/"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def member(drafter: User) -> User:
    drafter.email = "drafter@press.example"
    drafter.set_password(PASSWORD)
    drafter.save()
    return drafter


@pytest.fixture
def second_factor_required(settings: Any) -> None:
    settings.PRESSOFFICE_REQUIRE_MFA = True


def sign_in(login: str = "drafter", password: str = PASSWORD, to: str = "") -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": login, "password": password, "next": to})
    return client


def is_in(client: Client) -> bool:
    return client.get(DESK).status_code == 200


def code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def set_up_an_app(client: Client) -> str:
    address = reverse("mfa_activate_totp")
    client.get(address)
    secret = client.session["mfa.totp.secret"]
    response = client.post(address, {"code": code(secret)})
    assert response["Location"] == reverse("mfa_view_recovery_codes")
    return secret


# --- The password ---


@pytest.mark.parametrize("login", ["drafter", "Drafter", "drafter@press.example"])
def test_the_user_name_or_the_address_signs_in(member: User, login: str):
    assert is_in(sign_in(login))


def test_the_desk_leads_to_the_page_that_was_asked_for(member: User):
    client = Client()
    asked = client.get("/admin/letters/letter/?stage=draft", follow=True)
    assert asked.request["PATH_INFO"] == reverse("account_login")
    data = filled_in_login(asked) | {"login": "drafter", "password": PASSWORD}
    response = client.post(reverse("account_login"), data)
    assert response["Location"] == "/admin/letters/letter/?stage=draft"


def filled_in_login(response: HttpResponse) -> dict[str, Any]:
    fields = parsed(response).iter("input")
    return {f.get("name"): f.get("value", "") for f in fields if f.get("name") == "next"}


def test_nobody_is_led_to_another_site(member: User, citizen: Client):
    response = citizen.get("/admin/login/?next=https://evil.example/")
    assert "evil" not in response["Location"]
    assert "evil" not in signed_in(member).get("/admin/login/?next=//evil.example")["Location"]


def test_someone_deactivated_neither_signs_in_nor_stays(member: User):
    client = sign_in()
    member.is_active = False
    member.save()
    assert not is_in(client)
    assert not is_in(sign_in())


def test_someone_who_is_not_staff_is_told_so_and_not_sent_in_circles(member: User):
    member.is_staff = False
    member.save()
    response = sign_in().get(DESK, follow=True)
    assert response.status_code == 403
    assert "may not use the desk" in words(response)


def test_guessing_ends_after_five_wrong_passwords(member: User):
    for _attempt in range(5):
        assert not is_in(sign_in(password="wrong"))
    assert not is_in(sign_in())
    with time_machine.travel(time.time() + 301):
        assert is_in(sign_in())


def test_guessing_at_many_accounts_ends_as_well(member: User):
    for attempt in range(20):
        sign_in(f"person{attempt}", "wrong")
    assert not is_in(sign_in())


def test_a_header_that_a_visitor_sends_does_not_lift_the_limit(member: User):
    for attempt in range(20):
        Client(headers={"X-Forwarded-For": f"192.0.2.{attempt}"}).post(
            reverse("account_login"), {"login": f"person{attempt}", "password": "wrong"}
        )
    assert not is_in(sign_in())


@pytest.mark.parametrize(
    "page", ["signup/", "email/", "confirm-email/", "3rdparty/", "login/code/"]
)
def test_what_is_not_used_is_not_there(member: User, citizen: Client, page: str):
    assert citizen.get(f"/admin/account/{page}").status_code == 404
    assert signed_in(member).get(f"/admin/account/{page}").status_code == 404


def test_the_header_leads_to_ones_account_and_out(member: User):
    client = sign_in()
    assert reverse("mfa_index") in links(client.get(DESK))
    assert client.post(reverse("account_logout")).status_code == 302
    assert not is_in(client)
    again = sign_in()
    assert again.post("/admin/logout/").status_code == 200
    assert not is_in(again)


def test_fields_say_what_a_browser_may_fill_in(member: User):
    def hints(client: Client, page: str) -> list[str | None]:
        fields = [f for f in parsed(client.get(page)).iter("input") if f.get("autocomplete")]
        return [f.get("autocomplete") for f in fields]

    member_client = sign_in()
    login = hints(Client(), reverse("account_login"))
    assert login == ["username webauthn", "current-password"]
    change = hints(member_client, reverse("account_change_password"))
    assert change == ["current-password", "new-password", "new-password"]
    assert hints(member_client, reverse("mfa_activate_totp")) == ["one-time-code"]


# --- A forgotten password ---


def test_a_link_by_mail_works_once_and_names_the_site_itself(member: User, settings: Any):
    settings.PRESSOFFICE_SITE_URL = "https://press.example.org"
    client = Client(headers={"Host": "localhost"})
    client.post(reverse("account_reset_password"), {"email": "Drafter@press.example"})
    (sent,) = mail.outbox
    (link,) = [word for word in sent.body.split() if "/key/" in word]
    assert link.startswith("https://press.example.org/admin/account/password/reset/key/")
    page = client.get(link.removeprefix("https://press.example.org"), follow=True)
    address = page.request["PATH_INFO"]
    client.post(address, {"password1": "short", "password2": "short"})
    assert not is_in(client)
    new = {"password1": "quite another password", "password2": "quite another password"}
    client.post(address, new)
    assert is_in(client)
    assert is_in(sign_in(password=new["password1"]))
    used = Client().get(link.removeprefix("https://press.example.org"))
    assert "This link was used" in words(used)


def test_an_unknown_address_is_answered_the_same_and_gets_no_mail(member: User, citizen: Client):
    known = citizen.post(reverse("account_reset_password"), {"email": member.email})
    mail.outbox.clear()
    unknown = citizen.post(reverse("account_reset_password"), {"email": "nobody@press.example"})
    assert unknown["Location"] == known["Location"]
    assert mail.outbox == []


def test_a_mail_server_that_is_down_changes_nothing_for_the_visitor(
    member: User, citizen: Client, settings: Any
):
    backend = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAILERS = {
        "default": {"BACKEND": backend, "OPTIONS": {"host": "127.0.0.1", "port": 9}}
    }
    response = citizen.post(reverse("account_reset_password"), {"email": member.email})
    assert response["Location"] == reverse("account_reset_password_done")


# --- The second factor ---


@pytest.mark.usefixtures("second_factor_required")
def test_without_a_second_factor_nothing_of_the_desk_is_shown(member: User):
    client = sign_in()
    for page in (DESK, "/admin/letters/letter/", "/admin/letters/letter/add/", "/admin/jsi18n/"):
        assert client.get(page)["Location"] == reverse("mfa_index")
        assert client.post(page)["Location"] == reverse("mfa_index")
    told = words(client.get(reverse("mfa_index")))
    assert "The desk opens once you have set up a second factor." in told


@pytest.mark.usefixtures("second_factor_required")
@pytest.mark.django_db(transaction=True)  # the factor counts once it is committed
def test_setting_up_an_app_opens_the_desk_and_asks_for_its_codes_from_then_on(member: User):
    client = sign_in()
    secret = set_up_an_app(client)
    assert len(parsed(client.get(reverse("mfa_view_recovery_codes"))).findall(".//code")) == 10
    assert is_in(client)
    (told,) = mail.outbox
    assert told.to == [member.email]
    assert "An authenticator app was set up" in told.body
    assert "from 127.0.0.1" in told.body

    with time_machine.travel(time.time() + 60):
        another = sign_in()
        assert not is_in(another)
        second_step = reverse("mfa_authenticate")
        another.post(second_step, {"code": "000000"})
        assert not is_in(another)
        now = code(secret)
        another.post(second_step, {"code": now})
        assert is_in(another)
        replayed = sign_in()
        replayed.post(second_step, {"code": now})
        assert not is_in(replayed)


def test_a_recovery_code_works_once(member: User):
    client = sign_in()
    set_up_an_app(client)
    page = parsed(client.get(reverse("mfa_view_recovery_codes")))
    spare = "".join(page.find(".//code").itertext())
    for works in (True, False):
        another = sign_in()
        another.post(reverse("mfa_authenticate"), {"code": spare})
        assert is_in(another) == works


@pytest.mark.usefixtures("second_factor_required")
def test_a_session_from_before_the_second_factor_has_to_show_it(member: User):
    before = sign_in()
    secret = set_up_an_app(sign_in())
    with time_machine.travel(time.time() + 60):
        for page in (DESK, reverse("mfa_index"), reverse("account_change_password")):
            response = before.get(page)
            assert response["Location"].startswith(reverse("mfa_reauthenticate") + "?next=")
        response = before.post(response["Location"], {"code": code(secret)})
        assert response["Location"] == reverse("account_change_password")
        assert is_in(before)


@pytest.mark.usefixtures("second_factor_required")
@pytest.mark.django_db(transaction=True)
def test_a_password_alone_does_not_show_the_site_as_it_stood_either(member: User):
    client, then = sign_in(), "/en/?at=2026-11-09T00:00:00Z"
    assert client.get(then).status_code == 403
    secret = set_up_an_app(client)
    assert client.get(then).status_code == 200
    with time_machine.travel(time.time() + 60):
        another = sign_in()
        assert another.get(then).status_code == 403
        another.post(reverse("mfa_authenticate"), {"code": code(secret)})
        assert another.get(then).status_code == 200


@pytest.mark.usefixtures("second_factor_required")
def test_what_is_sent_before_the_second_factor_is_shown_is_kept(member: User):
    before = sign_in()
    secret = set_up_an_app(sign_in())
    with time_machine.travel(time.time() + 60):
        asked = before.post("/admin/letters/letter/paste/", {"source": "Dear King"})
        page = before.post(asked["Location"], {"code": code(secret)}, follow=True)
        assert "Dear King" in words(page) and "Send it" in page.content.decode()


@pytest.mark.usefixtures("second_factor_required")
@pytest.mark.django_db(transaction=True)
def test_who_removes_their_last_factor_sets_up_another_before_they_go_on(member: User):
    client = sign_in()
    set_up_an_app(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()
    assert client.get(DESK)["Location"] == reverse("mfa_index")


def test_where_it_is_not_required_who_has_one_is_asked_for_it(member: User):
    assert is_in(sign_in())
    set_up_an_app(sign_in())
    assert not is_in(sign_in())


def test_wrong_codes_are_limited_too(member: User):
    set_up_an_app(sign_in())
    client = sign_in()
    for _attempt in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    response = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "Too many attempts failed." in words(response)


def test_secrets_are_sealed_at_rest_and_outlive_a_change_of_key(member: User, settings: Any):
    secret = set_up_an_app(sign_in())
    sealed = {a.type: str(a.data) for a in Authenticator.objects.all()}
    assert sealed.keys() == {"totp", "recovery_codes"}
    assert secret not in sealed["totp"]
    assert Authenticator.objects.get(type="totp").data["secret"].startswith("gAAAA")
    assert Authenticator.objects.get(type="recovery_codes").data["seed"].startswith("gAAAA")

    app = Authenticator.objects.get(type="totp").wrap()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, that nothing was sealed with"
    with time_machine.travel(time.time() + 60):
        assert app.validate_code(code(secret))
    settings.SECRET_KEY_FALLBACKS = []
    with time_machine.travel(time.time() + 120):
        assert not app.validate_code(code(secret))
        assert not app.validate_code(code(""))


# --- Sessions ---


def test_ones_sessions_are_listed_and_ended(member: User):
    here, elsewhere = sign_in(), sign_in()
    page = here.get(reverse("usersessions_list"))
    assert words(page).count("Since ") == 2
    here.post(reverse("usersessions_list"))
    assert is_in(here)
    assert not is_in(elsewhere)


def test_a_new_password_ends_the_other_sessions(member: User):
    here, elsewhere = sign_in(), sign_in()
    new = "quite another password"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    here.post(reverse("account_change_password"), data)
    assert is_in(here)
    assert not is_in(elsewhere)


# --- Being asked again ---


def something_grave(request: HttpRequest) -> HttpResponse:
    if not recently_signed_in(request):
        ask_again(request)
    return HttpResponse(f"{request.method} {request.GET.dict()} {request.POST.dict()}")


@pytest.fixture
def grave(monkeypatch: pytest.MonkeyPatch, settings: Any) -> str:
    """A page of the desk that asks again, as those of some verbs do."""
    page = path("grave/", admin.site.admin_view(something_grave))
    monkeypatch.setattr(urls, "urlpatterns", [page, *urls.urlpatterns])
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": urls.urlpatterns})
    return "/grave/?a=1"


def test_within_ten_minutes_nobody_is_asked(member: User, grave: str):
    client = sign_in()
    with time_machine.travel(time.time() + 590):
        assert client.get(grave).content == b"GET {'a': '1'} {}"


def test_after_ten_minutes_the_page_asks_first(member: User, grave: str):
    client = sign_in()
    with time_machine.travel(time.time() + 610):
        asked = client.get(grave)["Location"]
        assert asked.startswith(reverse("account_reauthenticate"))
        wrong = client.post(asked, {"password": "wrong"})
        assert "The password is wrong." in words(wrong)
        assert client.get(grave).status_code == 302
        assert client.post(asked, {"password": PASSWORD})["Location"] == grave
        assert client.get(grave).status_code == 200


def test_what_was_posted_too_late_goes_ahead_once_confirmed(member: User, grave: str):
    client = sign_in()
    with time_machine.travel(time.time() + 610):
        asked = client.post(grave, {"remark": "Å, and what was typed"})["Location"]
        assert "is kept" in words(client.get(asked))
        done = client.post(asked, {"password": PASSWORD})
        typed = "POST {'a': '1'} {'remark': 'Å, and what was typed'}"
        assert done.content.decode() == typed


def test_a_session_that_cannot_say_when_it_began_is_asked(member: User, grave: str):
    client = Client()
    client.force_login(member)
    assert client.get(grave)["Location"].startswith(reverse("account_reauthenticate"))


def test_changes_to_ones_second_factor_ask_again(member: User):
    client = sign_in()
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    with time_machine.travel(time.time() + 610):
        asked = client.get(reverse("mfa_activate_totp"))
        assert asked["Location"].startswith(reverse("account_reauthenticate"))
