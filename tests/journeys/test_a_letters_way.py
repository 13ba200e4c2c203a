"""What people do with a letter after it is drafted, in a real browser, and what a citizen reads.

The first way, from a pasted release to its public page, is in test_a_releases_way.py.
"""

from __future__ import annotations

from datetime import UTC, datetime

import time_machine
from playwright.sync_api import Page, expect

from letters.models import Edition
from tests.journeys.conftest import SignIn, Watch
from tests.letters_at_stages import approve, edit, make_draft, person, publish, submit
from tests.the_desk import form_of, hub

HEADLINE = "Congratulations to the King of Ostmark"


def done(page: Page, words: str) -> None:
    expect(page.locator(".messagelist")).to_contain_text(words)


def again(edition: Edition) -> Edition:
    return Edition.objects.select_related("letter").get(pk=edition.pk)


def status(page: Page, address: str) -> int:
    response = page.goto(address)
    assert response is not None
    return response.status


def test_a_scheduled_letter_is_public_from_its_moment_with_no_process_run(
    sign_in: SignIn, reader: Page, watch: Watch
) -> None:
    watch.expected = {404}
    # Ticking: what a browser waits for happens. Threads of the server have the same clock.
    with time_machine.travel(datetime(2026, 11, 9, 9, 30, tzinfo=UTC)) as clock:
        edition = approve(make_draft())
        publisher = sign_in("publisher")
        publisher.goto(hub(edition.letter))
        publisher.get_by_role("link", name="Publish", exact=True).click()
        # Giving the moment is choosing it.
        publisher.get_by_label("Date:").fill("2026-11-09")
        publisher.get_by_label("Time:").fill("10:00")
        expect(publisher.get_by_label("At the moment below")).to_be_checked()
        expect(publisher.get_by_text("Time zone: UTC (UTC+00:00)")).to_be_visible()
        publisher.get_by_role("button", name="Publish", exact=True).click()
        done(publisher, "is now scheduled")

        address = again(edition).get_absolute_url()
        assert status(reader, address) == 404
        reader.goto("/en/letters/")
        expect(reader.get_by_role("link", name=HEADLINE)).to_have_count(0)

        clock.move_to(datetime(2026, 11, 9, 10, 0, tzinfo=UTC))
        assert status(reader, address) == 200
        expect(reader.get_by_role("heading", level=1)).to_have_text(HEADLINE)
        reader.goto("/en/letters/")
        expect(reader.get_by_role("link", name=HEADLINE).first).to_be_visible()


def test_a_text_is_sent_back_with_a_remark_and_comes_again(sign_in: SignIn) -> None:
    edition = submit(make_draft())
    approver, drafter = sign_in("approver"), sign_in("drafter")

    approver.goto(hub(edition.letter))
    approver.get_by_role("link", name="Approve", exact=True).click()
    approver.get_by_label("Reason or remark").fill("He is King of all Ostmark.")
    approver.get_by_role("button", name="Send back").click()
    done(approver, "is now draft")

    drafter.goto(hub(edition.letter))
    expect(drafter.get_by_text("He is King of all Ostmark.")).to_be_visible()
    drafter.get_by_role("link", name="Edit the text").click()
    drafter.get_by_label("Title:").nth(1).fill("King of all Ostmark")
    drafter.get_by_role("button", name="Save and submit for approval").click()
    expect(drafter.get_by_text("King of all Ostmark")).to_be_visible()
    drafter.get_by_role("button", name="Submit for approval", exact=True).click()
    done(drafter, "is now waiting for approval")

    approver.reload()
    approver.goto(hub(edition.letter))
    approver.get_by_role("link", name="Approve", exact=True).click()
    approver.get_by_role("button", name="Approve", exact=True).click()
    done(approver, "is now approved")


def test_a_correction_takes_the_place_of_the_live_text(sign_in: SignIn, reader: Page) -> None:
    edition = publish(make_draft())
    address = edition.get_absolute_url()
    drafter = sign_in("drafter")
    drafter.goto(hub(edition.letter))
    drafter.get_by_role("link", name="Correct", exact=True).click()
    drafter.get_by_role("button", name="Correct", exact=True).click()
    done(drafter, "The public still reads the text as it is.")
    # The editor is TinyMCE: what is typed there is what is saved.
    text = drafter.frame_locator("iframe.tox-edit-area__iframe").locator("body")
    text.click()
    drafter.keyboard.press("Control+a")
    drafter.keyboard.type("On your national day we send you our warmest wishes.")
    drafter.get_by_label("Public correction note").fill("It was written in the singular.")
    drafter.get_by_role("button", name="Save and submit for approval").click()
    drafter.get_by_role("button", name="Submit for approval", exact=True).click()
    done(drafter, "is now waiting for approval")

    reader.goto(address)
    expect(reader.get_by_text("I send you my warmest wishes")).to_be_visible()

    approve(Edition.objects.get(letter=edition.letter, number=2, state="submitted"))
    publisher = sign_in("publisher")
    publisher.goto(hub(edition.letter))
    publisher.get_by_role("link", name="Publish", exact=True).click()
    expect(publisher.get_by_text("takes the place of the text that is public now")).to_be_visible()
    publisher.get_by_role("button", name="Publish", exact=True).click()
    done(publisher, "is now live")

    reader.goto(address)
    expect(reader.get_by_text("we send you our warmest wishes")).to_be_visible()
    expect(reader.get_by_text("I send you my warmest wishes")).to_have_count(0)
    expect(reader.get_by_text("It was written in the singular.").first).to_be_visible()


def test_a_stale_tab_shows_both_texts_and_overwrites_nothing(sign_in: SignIn, watch: Watch) -> None:
    watch.expected = {409}
    draft = make_draft()
    stale, fresh = sign_in("drafter"), sign_in("second_drafter")
    for page, headline in ((stale, "Mine"), (fresh, "Theirs")):
        page.goto(form_of(draft))
        page.get_by_label("Headline").fill(headline)
    fresh.get_by_role("button", name="Save and continue editing").click()
    done(fresh, "The draft is saved.")

    stale.get_by_role("button", name="Save", exact=True).click()
    expect(stale.get_by_role("alert")).to_contain_text("Second Drafter Osk changed this text")
    expect(stale.get_by_label("What you typed")).to_have_value("Mine")
    expect(stale.get_by_label("The text as it stands")).to_have_value("Theirs")
    assert again(draft).headline == "Theirs"
    stale.get_by_role("link", name="Open the current text").click()
    expect(stale.get_by_label("Headline")).to_have_value("Theirs")


def test_a_withdrawn_letter_is_a_notice_and_comes_back(
    sign_in: SignIn, reader: Page, another_reader: Page, watch: Watch
) -> None:
    watch.expected = {410}
    edition = publish(make_draft())
    address = edition.get_absolute_url()
    publisher = sign_in("publisher")
    publisher.goto(hub(edition.letter))
    publisher.get_by_role("link", name="Withdraw").click()
    publisher.get_by_label("text removed").check()
    publisher.get_by_label("In your own words").fill("It was addressed to the wrong king.")
    publisher.get_by_role("button", name="See what the public will read").click()
    shown = publisher.frame_locator("iframe.public-page")
    standard = "This letter has been withdrawn from publication, and its text has been removed."
    expect(shown.get_by_text(standard)).to_be_visible()
    publisher.get_by_role("button", name="Withdraw").click()
    done(publisher, "is now withdrawn")

    assert status(reader, address) == 410
    expect(reader.get_by_text(standard)).to_be_visible()
    expect(reader.get_by_text("I send you my warmest wishes")).to_have_count(0)

    approver = sign_in("approver")
    approver.goto(hub(edition.letter))
    approver.get_by_role("link", name="What the public reads about it").click()
    approver.get_by_role("button", name="Approve these words").click()
    done(approver, "The public reads these words now.")
    assert status(reader, address) == 410
    expect(reader.get_by_text("It was addressed to the wrong king.")).to_be_visible()

    publisher.get_by_role("link", name="Restore").click()
    publisher.get_by_role("button", name="Restore").click()
    done(publisher, "is now live")
    assert status(another_reader, address) == 200
    expect(another_reader.get_by_text("I send you my warmest wishes")).to_be_visible()


def test_a_letter_is_corrected_twice_and_a_visitor_reads_its_history(
    sign_in: SignIn, reader: Page
) -> None:
    edition = publish(make_draft())
    drafter, approver, publisher = map(sign_in, ("drafter", "approver", "publisher"))
    for number, (word, why) in enumerate(
        [("kindest", "A word was wrong."), ("sincerest", "Another word was wrong.")], start=2
    ):
        drafter.goto(hub(edition.letter))
        drafter.get_by_role("link", name="Correct", exact=True).click()
        drafter.get_by_role("button", name="Correct", exact=True).click()
        draft = Edition.objects.get(letter=edition.letter, number=number)
        edit(draft, person("drafter"), body=f"<p>I send you my {word} wishes.</p>")
        drafter.reload()
        drafter.get_by_label("Public correction note").fill(why)
        drafter.get_by_role("button", name="Save", exact=True).click()
        done(drafter, "The draft is saved.")
        for staff, verb in (
            (drafter, "Submit for approval"),
            (approver, "Approve"),
            (publisher, "Publish"),
        ):
            staff.goto(hub(edition.letter))
            staff.get_by_role("link", name=verb).first.click()
            staff.get_by_role("button", name=verb, exact=True).first.click()
            done(staff, "is now")
    assert status(reader, edition.get_absolute_url()) == 200
    expect(reader.get_by_text("I send you my sincerest wishes.")).to_be_visible()
    expect(reader.get_by_text("Another word was wrong.")).to_be_visible()
    reader.get_by_role("link", name="All editions of this letter").first.click()
    expect(reader.get_by_role("heading", name="Edition")).to_have_count(3)
    expect(reader.get_by_text("A word was wrong.", exact=True)).to_be_visible()
    reader.get_by_text("What changed, word by word").first.click()
    expect(reader.locator("del").first).to_contain_text("kindest")
    expect(reader.locator("ins").first).to_contain_text("sincerest")
    reader.get_by_role("link", name="Edition 1", exact=True).click()
    expect(reader.get_by_text("This text has been superseded")).to_be_visible()
    expect(reader.get_by_text("my warmest wishes")).to_be_visible()


def test_the_draft_form_works_without_javascript(sign_in: SignIn) -> None:
    draft = make_draft()
    page = sign_in("drafter")
    assert page.context.browser is not None
    plain = page.context.browser.new_context(
        storage_state=page.context.storage_state(), java_script_enabled=False
    ).new_page()
    page.goto(form_of(draft))
    plain.goto(page.url)
    plain.locator("#id_body").fill("First paragraph.\n\nSecond paragraph.")
    plain.get_by_label("Role").nth(2).select_option("copy")
    plain.get_by_label("Name:").nth(2).fill("Lena Hart")
    plain.get_by_role("button", name="Save", exact=True).click()
    done(plain, "The draft is saved.")
    plain.context.close()
    assert again(draft).paragraphs == ["First paragraph.", "Second paragraph."]
    assert again(draft).parties.get(role="copy").name == "Lena Hart"
