"""Feeds read as strictly as their formats are written: RFC 4287 with RFC 5005, JSON Feed 1.1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from lxml import etree

GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).parent / "atom.rng"))
ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# RFC 3339 as RFC 4287 has it: with an upper-case T and Z, and never without an offset.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def is_absolute(address: str) -> bool:
    found = urlsplit(address)
    return bool(found.scheme and found.netloc) and address.isascii() and " " not in address


def read(citizen: Client, address: str) -> Any:
    """The feed at that address, once it has been held against all that its format asks."""
    answer = citizen.get(address)
    assert answer.status_code == 200, address
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = etree.fromstring(answer.content)
    GRAMMAR.assertValid(feed)
    assert feed.tag == f"{ATOM}feed"
    assert feed.get(LANG) == address.split("/")[1]
    for moment in (*feed.iter(f"{ATOM}updated"), *feed.iter(f"{ATOM}published")):
        assert MOMENT.fullmatch(moment.text or ""), moment.text
        datetime.fromisoformat(moment.text or "")
    ids = [found.text or "" for found in feed.iter(f"{ATOM}id")]
    assert all(is_absolute(found) for found in ids), ids
    of_entries = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(of_entries) == len(set(of_entries)), of_entries
    for link in feed.iter(f"{ATOM}link"):
        assert is_absolute(link.get("href", "")), link.get("href")
    for holder in (feed, *feed.iter(f"{ATOM}entry")):
        links = holder.findall(f"{ATOM}link")
        kinds = [
            (one.get("type"), one.get("hreflang")) for one in links if _rel(one) == "alternate"
        ]
        assert len(kinds) == len(set(kinds)) > 0
        assert (holder.findtext(f"{ATOM}title") or "").strip()
    assert [one.get("href") for one in feed.findall(f"{ATOM}link") if _rel(one) == "self"] == [
        f"http://testserver{address}"
    ]
    # An entry without an author has that of the feed.
    assert feed.findtext(f"{ATOM}author/{ATOM}name") or all(
        entry.findtext(f"{ATOM}author/{ATOM}name") for entry in feed.iter(f"{ATOM}entry")
    )
    for entry in feed.iter(f"{ATOM}entry"):
        published, updated = entry.findtext(f"{ATOM}published"), entry.findtext(f"{ATOM}updated")
        assert datetime.fromisoformat(published) <= datetime.fromisoformat(updated)
    for one in (*feed.iter(f"{ATOM}content"), *feed.iter(f"{ATOM}summary")):
        assert one.get("type", "text") in ("text", "html")
    return feed


def _rel(link: Any) -> str:
    return link.get("rel", "alternate")


def following(feed: Any) -> str:
    """Where RFC 5005 says that the next page is, or an empty text."""
    found = [link.get("href") for link in feed.findall(f"{ATOM}link") if _rel(link) == "next"]
    return found[0].removeprefix("http://testserver") if found else ""


def walk(citizen: Client, address: str) -> Iterator[Any]:
    while address:
        feed = read(citizen, address)
        yield feed
        address = following(feed)


# --- JSON Feed 1.1 -----------------------------------------------------------------------------

FEED = {
    **dict.fromkeys(("version", "title", "home_page_url", "feed_url", "description"), str),
    **dict.fromkeys(("user_comment", "next_url", "icon", "favicon", "language"), str),
    **{"authors": list, "expired": bool, "hubs": list, "items": list},
}
ITEM = {
    **dict.fromkeys(("id", "url", "external_url", "title", "content_html", "content_text"), str),
    **dict.fromkeys(("summary", "image", "banner_image", "date_published"), str),
    **dict.fromkeys(("date_modified", "language"), str),
    **{"authors": list, "tags": list, "attachments": list},
}


def read_json(citizen: Client, address: str) -> Any:
    answer = citizen.get(address)
    assert answer.status_code == 200, address
    assert answer["Content-Type"] == "application/feed+json; charset=utf-8"
    feed = answer.json()
    _typed(feed, FEED)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"].strip()
    assert feed["items"] is not None
    assert all(set(author) & {"name", "url", "avatar"} for author in feed["authors"])
    for name in ("home_page_url", "feed_url", "next_url"):
        assert is_absolute(feed.get(name, "https://x/")), feed[name]
    ids = [item["id"] for item in feed["items"]]
    assert len(ids) == len(set(ids))
    for item in feed["items"]:
        _typed(item, ITEM)
        assert is_absolute(item["url"])
        assert "content_html" in item or "content_text" in item
        assert all(type(tag) is str for tag in item.get("tags", ()))
        for name in ("date_published", "date_modified"):
            assert MOMENT.fullmatch(item[name]), item[name]
    return feed


def _typed(found: dict[str, Any], types: dict[str, type]) -> None:
    for name, value in found.items():
        assert type(value) is types[name], name
