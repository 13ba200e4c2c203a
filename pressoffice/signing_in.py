"""Signing in to the desk: allauth's pages, and nothing of the desk without a second factor."""

from __future__ import annotations

import logging
from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
)
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import AnonymousUser, User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from letters.admin.asking_again import recently_signed_in
from letters.models import Office
from pressoffice import kept

logger = logging.getLogger(__name__)

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
# Where a person may still go who has no second factor yet, or has not used it.
TO_ENROL = ("mfa_", "account_reauthenticate", "account_logout", "logout")
TO_PROVE = ("mfa_reauthenticate", "account_logout", "logout")

Answer = Callable[[HttpRequest], HttpResponse]


def second_factor_required(get_response: Answer) -> Answer:
    """Nobody sees anything of the desk before a second factor was used in this session.

    Public pages show staff more, by `?at=`: there whoever has not used it is nobody yet.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.PRESSOFFICE_REQUIRE_MFA:
            if request.path.startswith(reverse("admin:index")):
                request.needs_second_factor = _needs(request, request.user)  # type: ignore[attr-defined]
            else:  # asked for only where it matters: most public pages ask for nobody
                nobody_yet = partial(_in_full, request, request.user)
                request.user = SimpleLazyObject(nobody_yet)  # type: ignore[assignment]
        return get_response(request)

    def process_view(request: HttpRequest, *view: Any) -> HttpResponse | None:
        name = getattr(request.resolver_match, "url_name", None) or ""
        match getattr(request, "needs_second_factor", None):
            case "enrol" if not name.startswith(TO_ENROL):
                kept.keep_one(request)
                messages.info(request, _("The desk opens once you have set up a second factor."))
                return HttpResponseRedirect(reverse("mfa_index"))
            case "prove" if not name.startswith(TO_PROVE):
                address = AccountAdapter().second_factor_url(request.user)
                query = urlencode({"next": kept.keep_one(request) or request.get_full_path()})
                return HttpResponseRedirect(f"{address}?{query}")
        return None

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def _needs(request: HttpRequest, user: Any) -> str | None:
    """What stands between the person and the desk: nothing, to enrol, or to prove who they are."""
    if not user.is_authenticated:
        return None
    records = get_authentication_records(request, user)
    if any(record["method"] == "mfa" for record in records):
        return None
    return "prove" if is_mfa_enabled(user, FACTORS) else "enrol"


def _in_full(request: HttpRequest, user: Any) -> Any:
    return AnonymousUser() if _needs(request, user) else user


def a_new_factor_was_used(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Setting it up took a code or a touch: nobody is asked for the next one at once."""
    if authenticator.type in FACTORS:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def a_factor_was_removed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whoever removes their last one sets up the next before they go on."""
    if not is_mfa_enabled(user, FACTORS):
        records = get_authentication_records(request, user)
        left = [record for record in records if record["method"] != "mfa"]
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = left


def sign_in(request: HttpRequest) -> HttpResponse:
    """Where the desk sends whoever may not see it: to sign in, or nowhere."""
    to = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(to, {request.get_host()}, request.is_secure()):
        to = reverse("admin:index")
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': to})}")
    if admin.site.has_permission(request):
        return HttpResponseRedirect(to)
    return render(request, "account/account_inactive.html", status=403)


def no_such_page(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Where the admin would ask a stranger to sign in before it says that there is nothing."""
    raise Http404


def of_the_desk(request: HttpRequest) -> dict[str, Any]:
    """What the desk's base template needs, for the pages of an account."""
    if not request.path.startswith(reverse("account_login").removesuffix("login/")):
        return {}
    return admin.site.each_context(request)


def _office() -> str:
    named = {office.language: office.name for office in Office.objects.all()}
    found = named.get(get_language() or "") or named.get(settings.LANGUAGE_CODE)
    return found or str(admin.site.site_header)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": gettext_lazy("The name or the password is wrong."),
        "username_password_mismatch": gettext_lazy("The name or the password is wrong."),
        "incorrect_password": gettext_lazy("The password is wrong."),
        "enter_current_password": gettext_lazy("This is not your present password."),
        "too_many_login_attempts": gettext_lazy(
            "Too many attempts failed. Wait five minutes, then try again."
        ),
        "invalid_password_reset": gettext_lazy("This link was used, or is too old."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Signing in counts: allauth itself would ask again right after it."""
        return not recently_signed_in(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        names = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use a code"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [method | {"description": names[method["id"]]} for method in methods]

    def second_factor_url(self, user: Any) -> str:
        methods = self.get_reauthentication_methods(user)
        return next(str(m["url"]) for m in methods if m["id"] != "reauthenticate")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """By the site's own address, not by the one this request claims."""
        user, _dash, token = key.partition("-")
        path = reverse("account_reset_password_from_key", args=[user, token])
        return f"{settings.PRESSOFFICE_SITE_URL}{path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is down stops nobody, and tells nobody which accounts exist."""
        context = {"office": _office(), "site_url": settings.PRESSOFFICE_SITE_URL, **context}
        try:
            super().send_mail(template_prefix, email, context)
        except OSError:  # which those of mail servers are as well
            logger.exception("A mail could not be sent: %s", template_prefix)


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("This code is wrong, or was used already."),
    }

    def encrypt(self, text: str) -> str:
        return _sealing().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _sealing().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            logger.error("A second factor was sealed with a secret key that is not known here.")
            return str(generate_totp_secret())  # that no code fits

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return _("Passkey")

    def _get_site_name(self) -> str:
        return _office()


def _sealing() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    sealed = [salted_hmac("pressoffice.second-factor", "", k, algorithm="sha256") for k in keys]
    return MultiFernet([Fernet(urlsafe_b64encode(mac.digest())) for mac in sealed])
