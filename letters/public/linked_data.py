"""A letter as schema.org describes it, for search engines and whoever else reads JSON-LD."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from letters.models import Direction, Edition, Office, OfficePage, Party

Absolute = Callable[[str], str]


def graph(context: dict[str, Any], office: Office, absolute: Absolute) -> dict[str, Any]:
    """The page about the letter, and the letter: context as `letter_context` gives it."""
    edition: Edition = context["edition"]
    address = absolute(edition.get_absolute_url())
    letter = absolute(reverse("short-link", args=[edition.letter.reference]))
    publisher = {
        "@type": "GovernmentOrganization",
        "name": str(office.name),
        "url": absolute(reverse("front", args=[edition.language])),
    }
    if OfficePage.Kind.ABOUT in [page.kind for page in office.pages]:
        principles = reverse(OfficePage.Kind.ABOUT, args=[edition.language])
        publisher["publishingPrinciples"] = absolute(principles)
    first = context["history"][-1] if context["history"] else edition
    article: dict[str, Any] = {
        "@type": "NewsArticle",
        "@id": address,
        "url": address,
        "headline": edition.headline,
        "inLanguage": edition.language,
        "datePublished": _moment(first.live_from),
        "dateModified": _moment(edition.live_from),
        "author": publisher,
        "publisher": publisher,
        "mainEntity": {"@id": letter},
        "isBasedOn": {"@id": letter},
        "isAccessibleForFree": True,
        "image": absolute(context["card"]),
    }
    if edition.summary:
        article["description"] = edition.summary
    if edition.kind_name:  # type: ignore[attr-defined]
        article["articleSection"] = edition.kind_name  # type: ignore[attr-defined]
    if edition.public_note:
        article["correction"] = {
            "@type": "CorrectionComment",
            "text": edition.public_note,
            "datePublished": _moment(edition.live_from),
        }
    message: dict[str, Any] = {
        "@type": "Message",
        "@id": letter,
        "identifier": edition.letter.reference,
        "name": edition.headline,
        "sender": [_party(party, edition, absolute) for party in context["senders"]],
        "recipient": [_party(party, edition, absolute) for party in context["addressees"]],
        "about": [{"@type": "Country", "name": name} for name in _countries(context)],
    }
    if edition.dated:
        message["dateSent"] = edition.dated.isoformat()
    if edition.letter_language:
        message["inLanguage"] = edition.letter_language
    for other in context["thread"]:
        if other.letter_id == edition.letter.in_reply_to_id:
            message["isBasedOn"] = {
                "@id": absolute(reverse("short-link", args=[other.letter.reference]))
            }
    return {"@context": "https://schema.org", "@graph": [article, message]}


def _party(party: Party, edition: Edition, absolute: Absolute) -> dict[str, Any]:
    found = {"@type": "Person", "name": party.name}
    if party.title:
        found["jobTitle"] = party.title
    if party.correspondent is not None:
        found["url"] = absolute(
            reverse("correspondent", args=[edition.language, party.correspondent.slug])
        )
    return found


def _countries(context: dict[str, Any]) -> list[str]:
    """Those of the other side: our own is in every letter."""
    edition: Edition = context["edition"]
    sent = edition.letter.direction == Direction.SENT
    theirs = context["addressees" if sent else "senders"]
    return list(dict.fromkeys(party.country_name for party in theirs if party.country_name))


def _moment(at: Any) -> str:
    return at.isoformat() if at else ""
