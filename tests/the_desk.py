"""The desk without a browser: what a member of staff sees, and what their browser would send."""

from __future__ import annotations

import time
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from letters.models import Edition, Letter


def signed_in(person: User) -> Client:
    """A session of that person, who gave their password just now, and no second factor."""
    client = Client()
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return client


def hub(letter: Letter) -> str:
    return reverse("admin:letters_letter_change", args=[letter.pk])


def form_of(edition: Edition) -> str:
    return reverse("admin:letters_edition_change", args=[edition.pk])


def page_of(verb: str, edition: Edition) -> str:
    return reverse("admin:letters_edition_verb", args=[edition.pk, verb])


def parsed(response: HttpResponse) -> Element:
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def words(response: HttpResponse) -> str:
    """Every word on the page, as read."""
    return " ".join(" ".join(parsed(response).find("body").itertext()).split())


def links(response: HttpResponse) -> list[str]:
    return [a.get("href", "") for a in parsed(response).iter("a")]


def filled_in(response: HttpResponse) -> dict[str, Any]:
    """The fields of the page's own form as a browser sends them when nothing is touched."""
    forms = [f for f in parsed(response).iter("form") if f.get("method") == "post"]
    (form,) = [f for f in forms if f.get("id") != "logout-form" and not f.get("action")]
    data: dict[str, Any] = {}
    for field in form.iter():
        name = field.get("name")
        if not name or name.startswith("_"):
            continue
        if field.tag == "textarea":
            data[name] = "".join(field.itertext()).removeprefix("\n")
        elif field.tag == "select":
            options = list(field.iter("option"))
            chosen = [o for o in options if o.get("selected") is not None] or options[:1]
            data[name] = chosen[0].get("value", "")
        elif field.tag == "input" and field.get("type") not in ("submit", "button"):
            box = field.get("type") in ("radio", "checkbox")
            if not box or field.get("checked") is not None:
                data[name] = field.get("value", "on" if box else "")
    return data


def save(client: Client, edition: Edition, **typed: Any) -> HttpResponse:
    """Open a draft's form, type, and press “Save and continue editing”."""
    data = filled_in(client.get(form_of(edition)))
    return client.post(form_of(edition), data | {"_continue": "1"} | typed)


def press(client: Client, verb: str, edition: Edition, **typed: Any) -> HttpResponse:
    """Open the page of a verb, type, and press its button."""
    data = filled_in(client.get(page_of(verb, edition)))
    return client.post(page_of(verb, edition), data | typed)
