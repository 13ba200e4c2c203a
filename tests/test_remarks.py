"""Remarks on a text: tied to its words, settled, never lost, and never public."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from letters import markup, workflow
from letters.admin.remarks import marked
from letters.models import Edition, Remark, Stage
from tests.letters_at_stages import edit, make_draft, make_edition, person, submit
from tests.the_desk import form_of, page_of, parsed, signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


def remarks_of(edition: Edition) -> str:
    return f"/admin/letters/edition/{edition.pk}/remarks/"


def remark_on(edition: Edition, passage: str = "", text: str = "Is this right?") -> Remark:
    by = person("approver")
    return Remark.objects.create(
        edition=edition,
        by=by,
        by_name="Approver Osk",
        at=timezone.now(),
        passage=passage,
        text=text,
    )


def test_a_remark_is_tied_to_words_of_the_text_and_leads_back_to_them(approver):
    edition = submit(make_draft())
    client = signed_in(approver)
    here = page_of("approve", edition)
    said = {"passage": "my  warmest\nwishes", "text": "Too warm?", "back": here}
    answer = client.post(remarks_of(edition), said)
    assert answer["Location"] == f"{here}#remarks"
    remark = Remark.objects.get()
    assert (remark.passage, remark.by_name) == ("my warmest wishes", "Approver Osk")

    page = parsed(client.get(here))
    (mark,) = page.iter("mark")
    assert mark.text == "my warmest wishes"
    assert mark.get("id") == f"passage-{remark.pk}"
    links = [a.get("href") for a in page.iter("a")]
    assert f"#passage-{remark.pk}" in links
    assert f"#remark-{remark.pk}" in links
    assert [e for e in page.iter("li") if e.get("id") == f"remark-{remark.pk}"]


def test_words_that_are_no_longer_there_are_said_to_be_gone(drafter, approver):
    draft = make_draft(drafter)
    remark_on(draft, "my warmest wishes")
    draft = edit(draft, drafter, body="<p>On your national day I send you greetings.</p>")
    page = signed_in(approver).get(page_of("approve", submit(draft)))
    assert "These words are no longer in the text." in words(page)
    assert not list(parsed(page).iter("mark"))


@pytest.mark.parametrize("where", ["draft", "read", "approve", "send_back", "submit"])
def test_every_page_of_a_text_shows_what_colleagues_said(where, superuser):
    edition = make_draft() if where in ("draft", "submit") else submit(make_draft())
    remark_on(edition, "Your Majesty", "He is a prince.")
    address = form_of(edition) if where in ("draft", "read") else page_of(where, edition)
    shown = words(signed_in(superuser).get(address))
    assert "He is a prince." in shown
    assert "Approver Osk" in shown


def test_a_remark_is_settled_and_stays_to_be_read(drafter):
    edition = make_draft(drafter)
    remark = remark_on(edition, "my warmest wishes")
    client = signed_in(drafter)
    for _press in range(2):
        answer = client.post(f"{remarks_of(edition)}{remark.pk}/settle/", {"back": "//x.example/"})
        assert answer["Location"] == remarks_of(edition)
    page = client.get(remarks_of(edition))
    assert "settled by Drafter Osk" in words(page)
    assert "Is this right?" in words(page)
    assert not list(parsed(page).iter("mark"))
    other = make_draft()
    assert client.post(f"{remarks_of(other)}{remark.pk}/settle/").status_code == 404


@pytest.mark.parametrize(
    "typed, message",
    [
        ({"passage": "your", "text": "  "}, "This field is required."),
        ({"passage": "words of another letter", "text": "Hm."}, "do not stand together"),
    ],
)
def test_a_remark_that_says_too_little_comes_back_as_it_was_typed(typed, message, approver):
    edition = submit(make_draft())
    page = signed_in(approver).post(remarks_of(edition), typed)
    assert page.status_code == 400
    assert message in words(page)
    there = {e.get("name"): "".join(e.itertext()) for e in parsed(page).iter("textarea")}
    assert there["passage"].strip() == typed["passage"]
    assert not Remark.objects.exists()


def test_nobody_else_reads_a_remark(clock, citizen):
    edition = make_edition(Stage.LIVE, clock=clock)
    remark_on(edition, "my warmest wishes", "An unkind remark.")
    preview = signed_in(person("approver")).get(f"/admin/letters/edition/{edition.pk}/preview/")
    for page in (citizen.get(edition.get_absolute_url()), preview):
        assert page.status_code == 200
        assert b"unkind" not in page.content and b"<mark" not in page.content


def test_a_remark_changes_no_digest_and_makes_nobody_an_editor(approver):
    edition = submit(make_draft())
    signed_in(approver).post(remarks_of(edition), {"text": "Well said."})
    workflow.approve(edition, by=approver)
    assert Edition.objects.get(pk=edition.pk).digest == edition.digest


# --- Passages in HTML ---------------------------------------------------------------------------

BODY = "<p>One <em>two</em> three.</p><ul><li>Four &amp; five</li></ul>"


@pytest.mark.parametrize(
    "passage, expected",
    [
        ("two", "<em>[two]</em>"),
        ("One two three", "[One ]<em>[two]</em>[ three]"),
        ("three. Four", "[three.]</p><ul><li>[Four]"),
        ("Four & five", "[Four &amp; five]"),
        ("em", None),
        ("amp", None),
    ],
)
def test_a_passage_is_marked_across_formatting_and_paragraphs(passage, expected):
    found = marked(BODY, [(7, passage)])
    plain = re.sub(r'<a class="to-remark".*?</a>', "", found)
    plain = re.sub(r"<mark[^>]*>", "[", plain).replace("</mark>", "]")
    assert expected in plain if expected else plain == BODY
    assert found.count('id="passage-7"') == (1 if expected else 0)


def test_two_remarks_on_the_same_words_have_a_link_each():
    found = marked("<p>One two three</p>", [(1, "One two"), (2, "two three")])
    assert '<mark id="passage-1">One </mark>' in found
    assert '<mark id="passage-2">two</mark>' in found
    assert 'href="#remark-1"' in found and 'href="#remark-2"' in found


PIECES = st.sampled_from(["<p>", "</p>", "<em>", "</em>", "a", "b", " ", "<br>", "&amp;", "<", '"'])


@given(st.lists(PIECES, max_size=15).map("".join), st.lists(PIECES, min_size=1, max_size=3))
def test_marking_adds_marks_and_changes_nothing_else(typed, passage):
    for html in (markup.clean(typed), str(escape(typed))):
        found = marked(html, [(1, "".join(passage))])
        bare = re.sub(r'</?mark[^>]*>|<a class="to-remark" href="#remark-1">[^<]*</a>', "", found)
        assert bare == html
