"""What cannot be undone asks once more who is there, ten minutes after they last showed it."""

from __future__ import annotations

import time
from typing import NoReturn

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest


def recently_signed_in(request: HttpRequest) -> bool:
    """Whether a password, code or passkey was given in this session in the last ten minutes."""
    records = get_authentication_records(request, request.user)
    last = max((record["at"] for record in records), default=0)
    return bool(time.time() - last < app_settings.REAUTHENTICATION_TIMEOUT)


def ask_again(request: HttpRequest) -> NoReturn:
    """Leave for the page that asks, and come back. Call it before anything else is done.

    Nothing is lost: allauth keeps what was posted (but no file) in the session, and goes on with
    it as soon as the person has shown who they are. So a form is answered as if it came in time.
    """
    if request.method == "POST":
        _ = request.GET, request.POST  # read while they can be
        request.META["QUERY_STRING"] = ""  # allauth goes on by path alone
    raise ReauthenticationRequired
