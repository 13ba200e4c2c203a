"""What JSON-LD says of a letter: the graph of schema.org that is meant, and no loose end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from letters.models import Edition
from tests import sample
from tests.sample import sample_office  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_office"), pytest.mark.pages]

# What schema.org knows of each type, as far as it is used here: a property, and what it holds.
URL, MOMENT, DAY = "an address", "a moment", "a day"
WHEN = "a day or a moment"
MEDIA = {"contentUrl": URL, "encodingFormat": str, "name": str}
SCHEMA: dict[str, dict[str, Any]] = {
    "NewsArticle": {
        **dict.fromkeys(("headline", "inLanguage", "description", "articleSection"), str),
        **{"url": URL, "datePublished": WHEN, "dateModified": WHEN},
        **{"author": "GovernmentOrganization", "publisher": "GovernmentOrganization"},
        **{"mainEntity": "Message", "isBasedOn": "Message", "isAccessibleForFree": bool},
        **{"image": ("ImageObject", URL), "correction": "CorrectionComment"},
        **{"workTranslation": "NewsArticle", "translationOfWork": "NewsArticle"},
    },
    "Message": {
        **dict.fromkeys(("identifier", "name", "inLanguage"), str),
        **{"sender": ("Person", "Thing"), "recipient": ("Person", "Thing"), "about": "Country"},
        **{"dateSent": DAY, "isBasedOn": "Message", "url": URL},
        **{"associatedMedia": ("ImageObject", "MediaObject")},
    },
    "GovernmentOrganization": {"name": str, "url": URL, "publishingPrinciples": URL},
    "CorrectionComment": {"text": str, "datePublished": MOMENT},
    "ImageObject": {**MEDIA, "width": int, "height": int, "caption": str, "creditText": str},
    "MediaObject": MEDIA,
    "Person": {"name": str, "jobTitle": str, "url": URL},
    "Thing": {"name": str, "url": URL},
    "Country": {"name": str},
}


def graph(citizen: Client, key: str, language: str = "en") -> tuple[Any, Any]:
    """The article and the message of a letter of the sample, held against the schema."""
    return read(citizen, sample.address(key, language))


def read(citizen: Client, address: str) -> tuple[Any, Any]:
    page = citizen.get(address).content.decode()
    (written,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    found = json.loads(written)
    assert set(found) == {"@context", "@graph"}
    assert found["@context"] == "https://schema.org"
    nodes = {node["@id"]: node for node in _nodes(found["@graph"]) if {"@id", "@type"} <= set(node)}
    for node in _nodes(found["@graph"]):
        if set(node) == {"@id"}:
            assert node["@id"] in nodes, f"{address} says nothing of {node['@id']}"
            continue
        known = SCHEMA[node["@type"]]
        for name, value in node.items():
            if name == "@id":
                _is(URL, value, nodes)
            elif name != "@type":
                for one in value if isinstance(value, list) else [value]:
                    _is(known[name], one, nodes)
    article, message = found["@graph"]
    return article, message


def _nodes(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        yield found
    for inner in found.values() if isinstance(found, dict) else found:
        if isinstance(inner, (dict, list)):
            yield from _nodes(inner)


def _is(expected: Any, value: Any, nodes: dict[str, dict[str, Any]]) -> None:
    if isinstance(value, dict):
        node = value if "@type" in value else nodes[value["@id"]]
        assert node["@type"] in (expected if isinstance(expected, tuple) else (expected,))
    elif expected == MOMENT or (expected == WHEN and "T" in value):
        assert datetime.fromisoformat(value).tzinfo
    elif expected in (DAY, WHEN):
        date.fromisoformat(value)
    elif expected == URL or isinstance(expected, tuple):
        assert urlsplit(value).scheme in ("http", "https"), value
        assert value.isascii()
    else:
        assert type(value) is expected
        assert value != ""


def test_every_letter_that_is_listed_says_what_schema_org_can_read(citizen: Client):
    listed = Edition.objects.listed(timezone.now()).select_related("letter")
    assert listed.count() > 80
    for edition in listed:
        article, message = read(citizen, edition.get_absolute_url())
        assert article["@type"] == "NewsArticle"
        assert article["inLanguage"] == edition.language
        assert article["mainEntity"] == article["isBasedOn"] == {"@id": message["@id"]}
        assert article["author"] == {"@id": article["publisher"]["@id"]}
        assert article["publisher"]["publishingPrinciples"].endswith(f"/{edition.language}/about/")
        assert message["@type"] == "Message"
        assert message["sender"] and message["recipient"]
        assert message["inLanguage"] == edition.letter_language


def test_an_official_text_and_its_translations_name_each_other(citizen: Client):
    english, message = graph(citizen, "ruvenia-congratulation-2025", "en")
    translations = {text["inLanguage"]: text["@id"] for text in english["workTranslation"]}
    assert set(translations) == {"fr", "ru", "az"}
    assert "translationOfWork" not in english
    for language, address in translations.items():
        translation, same = graph(citizen, "ruvenia-congratulation-2025", language)
        assert translation["@id"] == address
        assert [text["@id"] for text in translation["translationOfWork"]] == [english["@id"]]
        assert "workTranslation" not in translation
        assert same["@id"] == message["@id"]


def test_pictures_have_their_credit_and_the_original_belongs_to_the_letter(citizen: Client):
    article, message = graph(citizen, "ruvenia-congratulation-2025", "fr")
    (image,) = article["image"]
    assert image["creditText"] == "Présidence de la République de Valdore"
    assert image["caption"].startswith("La lettre")
    assert (image["width"], image["height"]) == (1440, 960)
    (original,) = message["associatedMedia"]
    assert original["encodingFormat"] == "image/jpeg"
    for address in (image["contentUrl"], original["contentUrl"]):
        assert citizen.get(address.removeprefix("http://testserver")).status_code == 200


def test_a_reply_is_based_on_the_letter_it_answers(citizen: Client):
    _article, reply = graph(citizen, "altaguara-reply-2026", "es")
    asked, letter = graph(citizen, "altaguara-invitation-2026", "es")
    assert reply["isBasedOn"] == {
        "@type": "Message",
        "@id": letter["@id"],
        "identifier": letter["identifier"],
        "name": letter["name"],
        "url": asked["url"],
    }
    assert "isBasedOn" not in letter


def test_a_corrected_letter_says_what_was_wrong_and_when(citizen: Client):
    article, _message = graph(citizen, "karpovia-earthquake-2026")
    assert article["correction"]["datePublished"] == article["dateModified"]
    assert article["dateModified"] > article["datePublished"]
    assert article["correction"]["text"]


def test_a_body_is_not_called_a_person(citizen: Client):
    _article, message = graph(citizen, "lake-silvane-convention-2026")
    assert [party["@type"] for party in message["sender"]] == ["Person"]
    assert [party["@type"] for party in message["recipient"]] == ["Thing"]


@pytest.mark.parametrize("key", ["glacier-conference-invitation-2026", "altymar-anniversary-2026"])
def test_a_withdrawn_letter_is_offered_to_no_machine(key: str, citizen: Client):
    page = citizen.get(sample.address(key, "en")).content.decode()
    assert "ld+json" not in page
    assert "og:title" not in page
