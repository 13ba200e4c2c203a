"""After a text was removed no public address has a sentence of it, nor of the texts before it.

The addresses are found: made from every pattern of the site, the API's too, and followed from page
to page, feed to feed and file to file. Only those of the desk and of accounts are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import product
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from letters import files, record
from letters.models import Edition, File
from tests.letters_at_stages import (
    edit,
    make_correction,
    make_draft,
    make_edition,
    person,
    publish,
    withdraw,
)
from tests.test_nothing_leaks import queries, text_of
from tests.test_verify_record import picture

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

NOT_PUBLIC = re.compile(r"/?(admin|account|static|tinymce|i18n)")
LINK = re.compile(
    r"""(?:href|src|srcset|action|content)="([^"#]*)|<loc>([^<]*)|"(?:http://testserver)?(/[^"\s<]*)\""""
)
# Words of the first text, of the second, of what stands around them, and in whatever form.
TOLD = ("zeppelin", "noon", "dusk", "airship", "Captain Quorl")


def routes(patterns: Any, before: str = "") -> Iterator[str]:
    """Every address of the site as it is written in its patterns."""
    for pattern in patterns:
        path = before + str(pattern.pattern).removeprefix("^").removesuffix("$").replace("\\Z", "")
        if NOT_PUBLIC.match(path):
            continue
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield f"/{path}"


def filled(route: str, values: dict[str, list[str]]) -> Iterator[str]:
    names = re.findall(r"<(?:[\w-]+:)?(\w+)>", route)
    for chosen in product(*(values.get(name, values["reference"]) for name in names)):
        address = route
        for value in chosen:
            address = re.sub(r"<[^>]+>", quote(value), address, count=1)
        yield address


def crawl(client: Client, edition: Edition, seeds: set[str]) -> dict[str, str]:
    """What stands at every address that is made from a pattern or linked from another."""
    file = File.objects.filter(edition=edition).first()
    values = {
        "language": [code for code, _name in settings.LANGUAGES][:2],
        "reference": [edition.letter.reference],
        "slug": [edition.slug, "tomas-reyk"],
        "number": ["1", "2"],
        "code": ["XV", "XO"],
        "name": file.names if file else ["guessed.jpg"],
        "token": ["guessed"],
        "year": [str(timezone.localdate().year)],
    }
    made = [a for route in routes(get_resolver().url_patterns) for a in filled(route, values)]
    code = {"reference": edition.letter.reference, "code": record.check_code(edition.digest)}
    waiting = [*made, *seeds, f"/en/verify/?{'&'.join(f'{k}={v}' for k, v in code.items())}"]
    for asking in ("letters/", "search/", "feed.atom", "feed.json"):
        waiting += [f"/en/{asking}?{query}" for query in queries("a")]
        waiting += [f"/en/{asking}?q={word}" for word in ("zeppelin", "dusk", "Quorl")]
    then = (timezone.now()).isoformat().replace("+00:00", "Z")
    waiting += [f"{address}?at={then}" for address in made if not address.startswith("/fr/")]
    found: dict[str, str] = {}
    while waiting:
        address = waiting.pop()
        if address in found or NOT_PUBLIC.match(address):
            continue
        assert len(found) < 1500, "The crawl does not end."
        answer = client.get(address)
        # Where the tests' clock stands still, that of the database is another.
        assert answer.status_code < 500 or address.startswith("/readyz"), address
        body = text_of(answer) if "image/" not in answer.get("Content-Type", "") else ""
        found[address] = unescape(body)
        links = ["".join(groups) for groups in LINK.findall(unescape(body))]
        links.append(answer.get("Location", ""))
        for link in links:
            parts = urlsplit(link.strip())
            if parts.netloc in ("", "testserver") and parts.path.startswith("/"):
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


def test_no_sentence_of_a_removed_text_is_found_at_any_public_address(clock, citizen):
    draft = make_draft(
        headline="An airship for the King",
        summary="Captain Quorl flew.",
        body="<p>An unheard-of zeppelin rose at noon.</p>",
    )
    taken = files.take(picture(), File.Role.PHOTOGRAPH)
    File.objects.create(edition=draft, alt="The zeppelin", **taken._asdict())
    first = publish(edit(draft, person("drafter"), place="Quorl"), clock)
    second = make_correction(first, body="<p>An unheard-of zeppelin rose at dusk.</p>")
    second = publish(second, clock)
    other = make_edition(clock=clock, headline="Another letter", body="<p>Of other things.</p>")
    assert other.pk

    before = crawl(citizen, second, set())
    telling = {address for address, body in before.items() if any(t in body for t in TOLD)}
    own = second.get_absolute_url()
    for address in ("/en/", "/en/letters/", "/en/feed.atom", own, f"{own}editions/1/"):
        assert address in telling, address
    for name in ("letter.pdf", "letter.txt", "letter.json"):
        assert f"{own}{name}" in telling

    withdraw(second, "removed", clock)
    after = crawl(citizen, second, set(before))
    assert set(after) >= set(before)
    asked = re.compile(r"q=\w+|(?<=value=\")[^\"]*|an-airship-for-the-king")
    for address, body in after.items():
        body = asked.sub("", body)
        if "q=" in address:  # a page of search repeats what was asked for, in its title too
            word = address.partition("q=")[2].partition("&")[0]
            body = body.replace(word, "")
        for told in TOLD:
            assert told not in body, address
    file = File.objects.filter(edition=second).get()
    for name in file.names:
        address = f"/en/letters/{second.letter.reference}/files/{name}"
        assert citizen.get(address).status_code == 410
