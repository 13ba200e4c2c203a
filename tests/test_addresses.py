"""The addresses a page gives, of itself and of others: one name, and nothing that is not there."""

import re
from datetime import timedelta
from typing import Any

import html5lib
import pytest
from django.conf import settings
from django.test import Client

from letters import workflow
from letters.models import Edition
from tests.letters_at_stages import (
    make_correction,
    make_draft,
    person,
    publish,
    some_facts,
    withdraw,
)

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

LANGUAGES = [code for code, _name in settings.LANGUAGES]


def publish_in(language: str, clock: Any, of: Edition | None = None, **facts: Any) -> Edition:
    """A letter of its own, or the text of another in that language."""
    if of is None:
        return publish(make_draft(language=language, **facts), clock)
    drafter = person("drafter")
    draft = workflow.translate(of, language, by=drafter)
    with workflow.drafting(draft, by=drafter) as text:
        for name, value in some_facts(**facts).items():
            setattr(text, name, value)
        text.save()
        text.parties.update(name="Mira Halden", title="")
    return publish(Edition.objects.get(pk=draft.pk), clock)


def switch(answer: Any) -> dict[str, str]:
    """Where the switch of languages on a page leads, and nowhere for those it only names."""
    tree = html5lib.parse(answer.content.decode(), namespaceHTMLElements=False)
    (found,) = [nav for nav in tree.iter("nav") if nav.get("class") == "switch"]
    return {named.get("lang"): named.get("href", "") for named in found.iter() if named.get("lang")}


def existing(citizen: Client, answer: Any) -> set[str]:
    """The languages that a page's switch leads to, all of which must be there at once."""
    there = switch(answer)
    assert list(there) == LANGUAGES
    for language, address in there.items():
        assert not address or citizen.get(address).status_code == 200, (language, address)
    return {language for language, address in there.items() if address}


# --- One name -------------------------------------------------------------------------------------


def test_addresses_are_the_sites_own_by_whatever_name_it_is_asked(
    citizen: Client, clock: Any, settings: Any
) -> None:
    settings.PRESSOFFICE_SITE_URL = "https://press.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    edition = publish(make_draft(), clock)
    corrected = publish(make_correction(edition), clock)
    here = corrected.get_absolute_url()
    asked = ["/en/", "/en/letters/", "/en/countries/XO/", here, f"{here}editions/"]
    asked += [f"{here}letter.txt", f"{here}letter.json", "/en/feed.atom", "/en/feed.json"]
    asked += ["/sitemap.xml", "/sitemap-news.xml", "/sitemap-pages.xml", "/robots.txt"]
    asked += ["/en/record.atom", "/api/v1/letters", "/en/verify/"]
    asked += [f"/api/v1/letters/{corrected.letter.reference}/en"]
    for address in asked:
        answers = {
            citizen.get(address, HTTP_HOST=host, secure=secure).content
            for host in ("localhost", "www.press.example.org")
            for secure in (False, True)
        }
        (only,) = answers
        assert b"localhost" not in only and b"www.press" not in only, address
        assert b"https://press.example.org/" in only, address


# --- Other languages ------------------------------------------------------------------------------


def test_a_letter_leads_to_its_texts_by_their_own_addresses_and_names_the_rest(
    citizen: Client, clock: Any
) -> None:
    english = publish_in("en", clock, headline="Best wishes")
    french = publish_in("fr", clock, english, headline="Meilleurs vœux")
    removed = withdraw(publish_in("es", clock, english), "removed", clock)
    for edition in (english, french):
        answer = citizen.get(edition.get_absolute_url())
        assert existing(citizen, answer) == {"en", "fr"}
        assert switch(answer)["fr"] == french.get_absolute_url()
        assert existing(citizen, citizen.get(f"{edition.get_absolute_url()}editions/")) == {
            "en",
            "fr",
        }
    # Not in this language, and removed in this language.
    for address in (f"/ru/letters/{english.letter.reference}/", removed.get_absolute_url()):
        answer = citizen.get(address)
        assert answer.status_code in (404, 410)
        assert existing(citizen, answer) == {"en", "fr"}
    clock.shift(timedelta(hours=1))
    corrected = publish(make_correction(english, headline="Better wishes"), clock)
    superseded = citizen.get(f"{corrected.get_absolute_url()}editions/1/")
    assert superseded.status_code == 200
    assert existing(citizen, superseded) == {"en", "fr"}


def test_every_other_page_leads_to_the_languages_it_is_in(citizen: Client, clock: Any) -> None:
    publish_in("en", clock)
    publish_in("ru", clock)
    assert existing(citizen, citizen.get("/en/countries/XO/")) == {"en", "ru"}
    for address in ("/en/", "/az/letters/?direction=sent", "/ar/search/?q=King", "/fr/verify/"):
        assert existing(citizen, citizen.get(address)) == set(LANGUAGES)
    nowhere = citizen.get("/az/nothing/of/the/kind")
    assert nowhere.status_code == 404
    assert existing(citizen, nowhere) == set(LANGUAGES)


# --- Typed from paper -----------------------------------------------------------------------------


@pytest.mark.parametrize("signs", ["", "/", ".", ",", ")", "/.", " ", "%E2%80%9D", "%C2%BB."])
def test_a_short_link_may_be_followed_by_a_stray_sign(citizen: Client, clock: Any, signs: str):
    edition = publish(make_draft(), clock)
    answer = citizen.get(f"/r/{edition.letter.reference}{signs}", follow=True)
    assert answer.status_code == 200
    assert answer.request["PATH_INFO"].startswith(f"/en/letters/{edition.letter.reference}/")
    assert citizen.get(f"/r/{edition.letter.reference}x").status_code == 404


def test_who_asks_for_favicon_ico_gets_a_picture(citizen: Client) -> None:
    answer = citizen.get("/favicon.ico")
    assert re.fullmatch(r"/static/favicon[.\w]*\.ico", answer["Location"])
    assert b"".join(citizen.get(answer["Location"])).startswith(b"\x00\x00\x01\x00")
