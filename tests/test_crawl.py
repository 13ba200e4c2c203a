"""The sample office from link to link: nothing is broken, and languages point at each other."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import html5lib
import pytest
from django.conf import settings
from django.test import Client

from tests.sample import sample_office  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_office"), pytest.mark.pages]

HOST = "http://testserver"
LANGUAGES = [code for code, _name in settings.LANGUAGES]
# Of what is drawn or set anew for each letter, so many are asked for.
FILES = re.compile(r"letter\.(pdf|txt|json)$|card\.png$|/editions/|/verify/\?")
SOME = 1


class Page:
    """A page's links: to other pages, to what it is made with, and what it says of itself."""

    def __init__(self, url: str, content: str) -> None:
        tree = html5lib.parse(content, namespaceHTMLElements=False)
        self.links = {urljoin(url, a.get("href")) for a in tree.iter("a") if a.get("href")}
        self.parts = {
            urljoin(url, part.get("src")) for part in tree.iter() if part.get("src") is not None
        }
        self.canonical: list[str] = []
        self.languages: dict[str, str] = {}
        self.is_indexed = True
        for link in tree.iter("link"):
            href, rel = urljoin(url, link.get("href")), link.get("rel")
            if rel == "canonical":
                self.canonical.append(href)
            elif rel == "alternate" and link.get("hreflang"):
                self.languages[link.get("hreflang")] = href
            elif rel in ("alternate", "shortlink"):
                self.links.add(href)
            else:
                self.parts.add(href)
        for meta in tree.iter("meta"):
            if meta.get("name") == "robots" and "noindex" in meta.get("content"):
                self.is_indexed = False


def test_no_link_is_broken_and_every_page_points_at_itself_in_each_language() -> None:
    client = Client()
    seen: Counter[str] = Counter()

    @cache
    def ask(url: str) -> Any:
        response: Any = client.get(url.removeprefix(HOST))
        return response

    pages: dict[str, Page] = {}
    to_read = [f"{HOST}/{language}/" for language in LANGUAGES]
    met, from_where = set(to_read), {}
    while to_read:
        url = to_read.pop()
        response = ask(url)
        while response.status_code in (301, 302):
            url = urljoin(url, response["Location"])
            response = ask(url)
        assert response.status_code in (200, 410), (url, from_where.get(url))
        if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
            continue
        pages[url] = page = Page(url, response.content.decode())
        assert all(urlsplit(part).netloc == "testserver" for part in page.parts), url
        for link in {link.partition("#")[0] for link in page.links | page.parts}:
            kind = FILES.search(link)
            if kind:
                seen[kind[0]] += 1
            # What narrows the archive is followed from its first page only.
            is_beyond = "?" in link and "?" in url
            if link in met or is_beyond or not link.startswith(f"{HOST}/"):
                continue
            if not is_one_more(link, url) or (kind and seen[kind[0]] > SOME):
                continue
            met.add(link)
            from_where[link] = url
            to_read.append(link)
    assert len(pages) > 150

    for url, page in pages.items():
        if not page.is_indexed:
            assert not page.canonical and not page.languages, url
        if not page.is_indexed or "?" in url:
            continue
        assert len(page.canonical) == 1, url
        (canonical,) = page.canonical
        assert canonical.startswith(HOST), url
        if canonical in pages:
            assert pages[canonical].canonical == [canonical], url
        if canonical != url or not page.languages:
            continue
        language = urlsplit(url).path.split("/")[1]
        assert page.languages[language] == canonical
        assert ask(page.languages["x-default"]).status_code in (200, 302), url
        for other, there in page.languages.items():
            if other != "x-default":
                assert there in pages, (url, there)
                assert pages[there].languages == page.languages, (url, there)


def is_one_more(link: str, page: str) -> bool:
    """Filters are all alike, wherever they stand: those of one archive are followed."""
    return "?" not in link or page == f"{HOST}/{LANGUAGES[0]}/letters/"
