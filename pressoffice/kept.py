"""What a person sends when their session has ended is kept, and sent once they say so.

Nothing is replayed here: after signing in the person sees what they typed and presses a button,
which sends it as the form would have. It is kept in the session, so in this browser only, and
only for the person to whom the form was shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import (  # type: ignore[attr-defined]
    CSRF_SECRET_LENGTH,
    InvalidTokenFormat,
    _check_token_format,
    _unmask_cipher_token,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.html import strip_tags
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure

Answer = Callable[[HttpRequest], HttpResponse]

IN_SESSION = "kept"
MOST = 3  # of several tabs, the last ones
SHOWN_TO = "shown_to"  # the cookie that says to whom this browser has shown forms
TWO_WEEKS = 14 * 24 * 3600
TOKEN = "csrfmiddlewaretoken"  # noqa: S105
FIELD = "_kept"  # in what is sent in the end: which of those kept it is
AN_OLD_PAGE = "CSRF token from POST incorrect."
# What is shown first: whole words, and not what a form only carries along.
WORDS = 20


def kept_posts(get_response: Answer) -> Answer:
    """Keeps what is sent to the desk by somebody whose session has ended."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if _of_the_desk(request) and request.user.is_authenticated:
            if request.method == "POST" and response.status_code in (200, 302, 400, 409):
                _drop(request, request.POST.get(FIELD, ""))
            _remember_the_form(request, response)
        return response

    def process_view(request: HttpRequest, *view: Any) -> HttpResponse | None:
        if not _may_be_kept(request) or request.user.is_authenticated:
            return None
        return _sign_in_first(request)

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def _of_the_desk(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("admin:index"))


def _may_be_kept(request: HttpRequest) -> bool:
    """A form that was sent as a page, to the desk itself. A password is not kept anywhere."""
    name = getattr(request.resolver_match, "url_name", None)
    return (
        request.method == "POST"
        and _of_the_desk(request)
        and not request.path.startswith(reverse("account_login").removesuffix("login/"))
        and name not in ("login", "logout")
        and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and not any("password" in field for field in request.POST)
    )


def _sign_in_first(request: HttpRequest) -> HttpResponse | None:
    by = _shown_to(request)
    if by is None:  # a stranger, for whom nothing is stored
        return None
    query = urlencode({"next": keep(request, by)})
    return HttpResponseRedirect(f"{reverse('account_login')}?{query}")


def from_an_old_page(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's answer to a forged form; but kept, if it is the person's own, from before they
    signed in anew in another tab."""
    if reason == AN_OLD_PAGE and _may_be_kept(request):
        by = _shown_to(request)
        if not request.user.is_authenticated:
            return _sign_in_first(request) or csrf_failure(request, reason)
        if by == request.user.pk:
            return HttpResponseRedirect(keep(request, by))
        return render(request, "account/old_page.html", status=403)
    return csrf_failure(request, reason)


def keep_one(request: HttpRequest) -> str | None:
    """For whoever is signed in but has not shown everything yet."""
    if not _may_be_kept(request) or request.user.pk is None:
        return None
    return keep(request, request.user.pk)


# --- Whose form it is -------------------------------------------------------------------------


def _remember_the_form(request: HttpRequest, response: HttpResponse) -> None:
    """The secret in a page's forms changes with each signing in: it tells whose they are."""
    secret = request.META.get("CSRF_COOKIE")
    known = _known(request)
    if secret and [request.user.pk, _mark(secret)] not in known[:1]:
        newest = [[request.user.pk, _mark(secret)], *known]
        response.set_cookie(
            SHOWN_TO,
            signing.dumps(newest[:5], salt=SHOWN_TO),
            max_age=TWO_WEEKS,
            path=reverse("admin:index"),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _shown_to(request: HttpRequest) -> int | None:
    """The person to whom the form was shown, if it was here; it carries that page's secret."""
    token = request.POST.get(TOKEN, "")
    try:
        _check_token_format(token)
    except InvalidTokenFormat:
        return None
    secret = _unmask_cipher_token(token) if len(token) > CSRF_SECRET_LENGTH else token
    mark = _mark(secret)
    return next((person for person, its in _known(request) if its == mark), None)


def _mark(secret: str) -> str:
    return salted_hmac(SHOWN_TO, secret, algorithm="sha256").hexdigest()[:32]


def _known(request: HttpRequest) -> list[Any]:
    try:
        found = signing.loads(request.COOKIES.get(SHOWN_TO, ""), salt=SHOWN_TO, max_age=TWO_WEEKS)
    except signing.BadSignature:
        return []
    return list(found)


# --- What is kept -----------------------------------------------------------------------------


def keep(request: HttpRequest, by: int) -> str:
    """Into the session, for that person; the address of the page that asks whether to send it."""
    came_from = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure()):
        came_from = ""
    back = urlsplit(came_from)
    fields = [(name, v) for name, values in request.POST.lists() for v in values]
    kept = dict(request.session.get(IN_SESSION, {}))
    key = get_random_string(12)
    kept[key] = {
        "by": by,
        "to": request.get_full_path(),
        "back": f"{back.path}?{back.query}" if back.query else back.path,
        "fields": [field for field in fields if field[0] not in (TOKEN, FIELD)],
        "files": [(name, str(f)) for name, them in request.FILES.lists() for f in them],
    }
    newest = dict(list(kept.items())[-MOST:])
    while len(newest) > 1 and _size(newest) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        del newest[next(iter(newest))]
    request.session[IN_SESSION] = newest
    return reverse("kept_post", args=[key])


def _size(kept: dict[str, Any]) -> int:
    return sum(len(value) for one in kept.values() for _name, value in one["fields"])


def _drop(request: HttpRequest, key: str) -> None:
    kept = request.session.get(IN_SESSION, {})
    if key in kept:
        left = {other: kept[other] for other in kept if other != key}
        request.session[IN_SESSION] = left


def ones_own_alone(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whoever signs in sees and sends nothing that somebody else had typed."""
    kept = request.session.get(IN_SESSION, {})
    own = {key: one for key, one in kept.items() if one["by"] == user.pk}
    if len(own) < len(kept):
        request.session[IN_SESSION] = own
        messages.warning(
            request,
            _(
                "Another person had typed something in this browser. It was not sent, and it is"
                " not kept: it never goes out under your name."
            ),
        )


def kept_post(request: HttpRequest, key: str) -> HttpResponse:
    """Says what will be sent, and asks."""
    one = request.session.get(IN_SESSION, {}).get(key)
    if one is None or one["by"] != request.user.pk:
        return HttpResponseRedirect(reverse("admin:index"))
    if request.method == "POST":
        _drop(request, key)
        messages.info(request, _("What you had typed was not sent, and it is not kept any more."))
        return HttpResponseRedirect(one["back"] or reverse("admin:index"))
    fields = [(name, value) for name, value in one["fields"] if value.strip()]
    context = {
        **one,
        "key": key,
        "field": FIELD,
        "words": [
            strip_tags(value).strip()
            for name, value in fields
            if not name.startswith("initial-") and (" " in value.strip() or len(value) > WORDS)
        ],
        "all": fields,
    }
    return render(request, "account/kept.html", context)
