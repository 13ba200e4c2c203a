"""A visitor checks what they have, in a real browser: each kind of input to each verdict."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from playwright.sync_api import FilePayload, Page, expect

from letters import dates, record
from letters.models import Edition
from tests.journeys.conftest import SignIn, Watch
from tests.letters_at_stages import make_correction, make_edition, publish, withdraw
from tests.the_desk import hub

CODE = "This code belongs to letter {}: compare your copy"
EARLIER_CODE = "This code belongs to an earlier text of letter {}"
ADDRESS = "Letter {}: compare your copy"
WHOLE = "A letter we published, whole and unchanged"
FILE = "Our file, unchanged"
CORRECTED = "Published by us, and corrected since"
CHANGED = "Changed: 1 word differs from what we published"
NO_WORDS = "We could not find these words"
NO_FILE = "We could not find this file"
NO_ADDRESS = "We could not find this address"
TYPES = {"json": "application/json", "pdf": "application/pdf", "txt": "text/plain"}


def says(page: Page, verdict: str) -> None:
    expect(page.locator("#verdict")).to_have_text(verdict)


def downloaded(page: Page, address: str) -> dict[str, bytes]:
    """The three files of a letter. On a busy machine a PDF takes its time."""
    return {
        kind: page.request.get(f"{address}letter.{kind}", timeout=120_000).body() for kind in TYPES
    }


def by_code(page: Page, edition: Edition) -> None:
    page.goto("/en/verify/")
    page.get_by_text("A paper with a reference and a check code").click()
    page.get_by_label("Reference", exact=True).fill(edition.letter.reference)
    page.get_by_label("Check code", exact=True).fill(record.check_code(edition.digest).lower())
    page.get_by_role("button", name="Show the letter of this code").click()


def by_text(page: Page, text: str) -> None:
    page.goto("/en/verify/")
    page.get_by_label("A sentence, a quotation or the whole letter").fill(text)
    page.get_by_role("button", name="Check this text").click()


def by_file(page: Page, kind: str, content: bytes) -> None:
    page.goto("/en/verify/")
    file: FilePayload = {"name": f"letter.{kind}", "mimeType": TYPES[kind], "buffer": content}
    page.get_by_text("A file from this site").click()
    page.get_by_label("letter.pdf, letter.txt, letter.json").set_input_files(file)
    page.get_by_role("button", name="Check this file").click()


def test_each_kind_of_input_is_told_what_became_of_the_letter(reader: Page) -> None:
    edition = make_edition()
    reader.goto(edition.get_absolute_url())
    site = "{0.scheme}://{0.netloc}".format(urlsplit(reader.url))
    address = site + edition.get_absolute_url()
    files = downloaded(reader, address)
    pasted = f"{edition.salutation}\n{' '.join(edition.paragraphs)}\n{edition.closing}"

    def ask(of_code: str, of_address: str, of_text: str, of_file: str) -> None:
        by_code(reader, edition)
        says(reader, of_code.format(edition.letter.reference))
        by_text(reader, f"{settings.PRESSOFFICE_SITE_URL}{edition.get_absolute_url()}")
        says(reader, of_address.format(edition.letter.reference))
        by_text(reader, pasted)
        says(reader, of_text)
        for kind, content in files.items():
            by_file(reader, kind, content)
            says(reader, of_file)

    ask(CODE, ADDRESS, WHOLE, FILE)
    correction = publish(
        make_correction(edition, body="<p>On your national day I send my kindest wishes.</p>")
    )
    ask(EARLIER_CODE, ADDRESS, CORRECTED, CORRECTED)
    expect(reader.locator("ins").filter(has_text="kindest")).to_be_visible()
    withdrawn = withdraw(correction, "removed", reason="Sent in error.")
    day = dates.day(withdrawn.letter.withdrawals.get().since)
    says_withdrawn = f"Letter {edition.letter.reference} was withdrawn from publication on {day}"
    ask(says_withdrawn, says_withdrawn, says_withdrawn, says_withdrawn)
    expect(reader.get_by_text("Sent in error.")).to_be_visible()


def test_what_was_tampered_with_is_shown_beside_the_letter(reader: Page) -> None:
    edition = make_edition()
    address = edition.get_absolute_url()
    reader.goto(address)
    site = "{0.scheme}://{0.netloc}".format(urlsplit(reader.url))
    files = downloaded(reader, f"{site}{address}")
    forged = re.sub(b"warmest", b"coldest", files["json"])
    by_file(reader, "json", forged)
    says(reader, CHANGED)
    expect(reader.get_by_role("link", name=edition.headline)).to_be_visible()
    by_file(reader, "txt", re.sub(b"warmest", b"coldest", files["txt"]))
    says(reader, CHANGED)
    expect(reader.locator("del").filter(has_text="warmest")).to_be_visible()
    expect(reader.locator("ins").filter(has_text="coldest")).to_be_visible()
    by_text(reader, f"{edition.salutation} We declare war on you. {edition.closing}")
    says(reader, "Changed: 11 words differ from what we published")
    by_text(reader, "We declare war on you, and on your neighbours.")
    says(reader, NO_WORDS)
    by_file(reader, "pdf", files["pdf"][:500] + b"x" + files["pdf"][501:])
    says(reader, NO_FILE)
    by_text(reader, f"{site}.example.org{address}")
    says(reader, NO_ADDRESS)


def test_a_letter_is_withdrawn_with_its_text_kept_then_moved_and_restored(
    sign_in: SignIn, reader: Page, watch: Watch
) -> None:
    """The third way, its text removed, is walked in test_a_letters_way.py."""
    edition, other = make_edition(), make_edition(headline="To the Queen of Ostmark")
    address = edition.get_absolute_url()
    publisher = sign_in("publisher")

    def press(verb: str) -> None:
        publisher.get_by_role("button", name=verb, exact=True).click()
        expect(publisher.locator(".messagelist")).to_contain_text("Done:")

    def open_page(verb: str) -> None:
        publisher.goto(hub(edition.letter))
        publisher.get_by_role("link", name=verb, exact=True).click()

    open_page("Withdraw")
    publisher.get_by_label("text kept under a banner").check()
    press("Withdraw")
    reader.goto(address)
    expect(
        reader.get_by_text("This letter has been withdrawn from publication", exact=True)
    ).to_be_visible()
    expect(reader.get_by_text("I send you my warmest wishes")).to_be_visible()
    reader.goto("/en/letters/")
    expect(reader.get_by_role("link", name=edition.headline)).to_have_count(0)

    open_page("Withdraw")
    publisher.get_by_label("moved to another letter").check()
    publisher.get_by_label("The other letter").fill(other.letter.reference)
    press("Withdraw")
    reader.goto(address)
    expect(reader.get_by_role("heading", level=1)).to_have_text(other.headline)

    open_page("Restore")
    press("Restore")
    reader.goto(address)
    expect(reader.get_by_role("heading", level=1)).to_have_text(edition.headline)
    expect(reader.get_by_text("Withdrawn for a time, and restored")).to_be_visible()
