"""A letter as schema.org describes it, for search engines and whoever else reads JSON-LD."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from letters.models import Direction, Edition, File, Office, OfficePage, Party, Standing
from letters.public.reading import absolute


def graph(context: dict[str, Any], office: Office) -> dict[str, Any]:
    """The page about the letter, and the letter: context as `letter_context` gives it."""
    edition: Edition = context["edition"]
    address = absolute(edition.get_absolute_url())
    letter = _letter(edition)
    front = absolute(reverse("front", args=[edition.language]))
    publisher = {
        "@type": "GovernmentOrganization",
        "@id": f"{front}#office",
        "name": str(office.name),
        "url": front,
    }
    if OfficePage.Kind.ABOUT in [page.kind for page in office.pages]:
        principles = reverse(OfficePage.Kind.ABOUT, args=[edition.language])
        publisher["publishingPrinciples"] = absolute(principles)
    article: dict[str, Any] = {
        "@type": "NewsArticle",
        "@id": address,
        "url": address,
        "headline": edition.headline,
        "inLanguage": edition.language,
        "datePublished": _moment(edition.first_public),
        "dateModified": _moment(edition.last_changed),
        "author": {"@id": publisher["@id"]},
        "publisher": publisher,
        "mainEntity": {"@id": letter},
        "isBasedOn": {"@id": letter},
        "isAccessibleForFree": True,
        "image": [_image(file, context) for file in context["photographs"]]
        or absolute(context["card"]),
        **_translations(edition, context["languages"]),
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
        "sender": [_party(party, edition) for party in context["senders"]],
        "recipient": [_party(party, edition) for party in context["addressees"]],
        "about": [{"@type": "Country", "name": name} for name in _countries(context)],
    }
    if edition.dated:
        message["dateSent"] = edition.dated.isoformat()
    if edition.letter_language:
        message["inLanguage"] = edition.letter_language
    for other in context["thread"]:
        if other.letter_id == edition.letter.in_reply_to_id:
            message["isBasedOn"] = {
                "@type": "Message",
                "@id": _letter(other),
                "identifier": other.letter.reference,
                "name": other.headline,
                "url": absolute(other.get_absolute_url()),
            }
    if context["facsimiles"]:
        message["associatedMedia"] = [_media(file, context) for file in context["facsimiles"]]
    return {"@context": "https://schema.org", "@graph": [article, message]}


def _letter(edition: Edition) -> str:
    """The letter itself, whatever the language or the number of its text."""
    return absolute(reverse("short-link", args=[edition.letter.reference]))


def _translations(edition: Edition, others: list[Edition]) -> dict[str, list[dict[str, Any]]]:
    """The official text of a translation, or the translations of the official text."""
    is_translation = edition.standing == Standing.COURTESY
    found = [
        {
            "@type": "NewsArticle",
            "@id": absolute(other.get_absolute_url()),
            "url": absolute(other.get_absolute_url()),
            "headline": other.headline,
            "inLanguage": other.language,
        }
        for other in others
        if other.standing != edition.standing
    ]
    return {"translationOfWork" if is_translation else "workTranslation": found} if found else {}


def _image(file: File, context: dict[str, Any]) -> dict[str, Any]:
    found = _media(file, context) | {"width": file.width, "height": file.height}
    if file.caption:
        found["caption"] = file.caption
    if file.credit:
        found["creditText"] = file.credit
    return found


def _media(file: File, context: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "ImageObject" if file.is_image else "MediaObject",
        "contentUrl": absolute(context["files_at"] + file.name),
        "encodingFormat": file.type,
        "name": str(file),
    }


def _party(party: Party, edition: Edition) -> dict[str, Any]:
    # Who holds an office is a person; without one it may as well be a body.
    found = {"@type": "Person" if party.title else "Thing", "name": party.name}
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
