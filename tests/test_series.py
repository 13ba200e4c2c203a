"""One text to many: the list of recipients, the letters made of it, and these side by side."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from letters import checks, markup, workflow
from letters.admin.recipients import COLUMNS, MOST
from letters.admin.ticking import tick
from letters.models import CountryName, Edition, Letter, Party, Recipient, Role
from tests.letters_at_stages import approve, make_correspondent, make_draft, person, submit
from tests.the_desk import filled_in, hub, links, signed_in, words

pytestmark = pytest.mark.django_db

TOGETHER = "/admin/letters/letter/schedule/together/"
BODY = f"<p>We invite you to Valmere.</p><p>{markup.OWN_SENTENCE}</p>"


def again(edition: Edition) -> Edition:
    return Edition.objects.select_related("letter").get(pk=edition.pk)


def list_of(edition: Edition) -> str:
    return reverse("admin:letters_recipients", args=[edition.pk])


def series_of(letter: Letter) -> str:
    return reverse("admin:letters_series", args=[letter.pk])


def save(client: Client, edition: Edition, **typed: Any) -> HttpResponse:
    """Open the list, type, and press “Save the list”."""
    offered = filled_in(client.get(list_of(edition)))
    return client.post(list_of(edition), offered | {"_save": "1"} | typed)


def row(place: int, *cells: str) -> dict[str, str]:
    return {f"to-{place}-{name}": cell for name, cell in zip(COLUMNS, cells, strict=False)}


def names(edition: Edition) -> list[str]:
    return [recipient.name for recipient in edition.recipients.all()]


def a_text(*recipients: str, **facts: Any) -> Edition:
    draft = make_draft(body=BODY, **facts)
    Recipient.objects.bulk_create(
        Recipient(
            edition=draft,
            position=place,
            name=name,
            title=f"President of {name[-1]}",
            salutation=f"Dear {name},",
            sentence=f"I remember our talk, {name}." if place % 2 else "",
        )
        for place, name in enumerate(recipients)
    )
    return draft


def a_series(count: int, **facts: Any) -> list[Edition]:
    draft = a_text(*(f"Guest {place}" for place in range(count)), **facts)
    return [again(edition) for edition in workflow.multiply(draft, by=person("drafter"))]


# --- The list -----------------------------------------------------------------------------------


def test_recipients_are_typed_in_rows_and_kept_in_their_order(drafter):
    draft = make_draft(body=BODY)
    client = signed_in(drafter)
    assert list_of(draft) in links(client.get(hub(draft.letter)))
    page = save(
        client,
        draft,
        **row(0, "Ada Bern", "Queen of Sorrel", "France", "Your Majesty,", "Come soon."),
        **row(2, "Jonas Brandt"),
    )
    assert page["Location"] == list_of(draft)
    first, second = draft.recipients.all()
    assert [getattr(first, name) for name in COLUMNS] == [
        "Ada Bern",
        "Queen of Sorrel",
        "FR",
        "Your Majesty,",
        "Come soon.",
    ]
    assert (second.name, second.position) == ("Jonas Brandt", 1)
    offered = filled_in(client.get(list_of(draft)))
    assert (offered["to-0-country"], offered["to-1-name"]) == ("France", "Jonas Brandt")


def test_a_row_is_emptied_or_taken_off(drafter):
    draft = a_text("Guest 0", "Guest 1", "Guest 2")
    empty = dict.fromkeys((f"to-0-{name}" for name in COLUMNS), "")
    save(signed_in(drafter), draft, **empty, **{"to-2-DELETE": "on"})
    assert names(draft) == ["Guest 1"]


def test_more_rows_are_had_without_a_script(drafter):
    draft = make_draft()
    client = signed_in(drafter)
    offered = filled_in(client.get(list_of(draft)))
    answer = client.post(list_of(draft), offered | row(0, "Ada Bern") | {"_more": ""}, follow=True)
    assert answer.context["rows"].total_form_count() == 11
    assert names(draft) == ["Ada Bern"]


def test_a_row_that_is_wrong_is_told_beside_its_field_and_nothing_typed_is_lost(drafter):
    draft = a_text("Guest 0")
    page = save(
        signed_in(drafter),
        draft,
        **row(1, "Ada Bern", "Queen", "Freedonia"),
        **row(2, "", "King"),
        table="Jonas Brandt",
    )
    assert page.status_code == 400
    assert "No country is called “Freedonia”." in words(page)
    assert "This field is required." in words(page)
    kept = filled_in(page)
    assert kept["to-1-name"] == "Ada Bern" and kept["table"] == "Jonas Brandt"
    assert names(draft) == ["Guest 0"]


def test_a_name_that_is_known_brings_title_and_country_of_the_day(drafter):
    make_correspondent(titles={"en": "Queen of Sorrel"}, country="XV")
    CountryName.objects.create(code="XV", language="en", name="Valdora")
    draft = make_draft()
    save(signed_in(drafter), draft, **row(0, "Mira Halden", "", ""))
    (edition,) = workflow.multiply(again(draft), by=drafter)
    addressee = edition.parties.get(role=Role.ADDRESSEE)
    assert (addressee.title, addressee.country_name) == ("Queen of Sorrel", "Valdora")


def test_a_name_of_two_is_nobody_in_particular(drafter):
    for slug in ("one", "other"):
        make_correspondent(slug, {"en": "Mira Halden"})
    draft = make_draft()
    save(signed_in(drafter), draft, **row(0, "Mira Halden"))
    assert draft.recipients.get().correspondent is None


@pytest.mark.parametrize(
    "table",
    [
        "Name\tTitle\tCountry\nAda Bern\tQueen\tFrance\tMajesty,\tSee you; soon.\n\nJonas Brandt",
        'Ada Bern;Queen;fr;Majesty,;"See you; soon."\r\nJonas Brandt\r\n',
        '"Ada Bern",Queen,FRANCE,"Majesty,","See\nyou; soon."\nJonas Brandt',
    ],
    ids=["from a spreadsheet", "with semicolons", "with commas"],
)
def test_a_table_is_pasted_below_what_is_there(table, drafter):
    draft = a_text("Guest 0")
    client = signed_in(drafter)
    save(client, draft, table=table)
    assert names(draft) == ["Guest 0", "Ada Bern", "Jonas Brandt"]
    ada = draft.recipients.all()[1]
    assert (ada.title, ada.country, ada.salutation) == ("Queen", "FR", "Majesty,")
    assert ada.sentence == "See you; soon."
    assert "2 lines were added." in words(client.get(list_of(draft)))


@pytest.mark.parametrize(
    "table, message",
    [
        ("Ada\nJonas;King;Freedonia", "Line 2, Country: No country is called “Freedonia”."),
        ("Ada;Queen\n\nJonas;King;Freedonia", "Line 3, Country: No country is called “Freedonia”."),
        ("Ada;1;France;3;4;5;6", "Line 1 has 7 columns; at most five are read."),
        (";Queen", "Line 1, Name: This field is required."),
        (f"Ada;{'x' * 301}", "Line 1, Title: Ensure this value has at most 300 characters"),
        ('Ada;"Queen\nJonas', "Line 1: a quotation mark is not closed."),
        ("\n".join(["Ada"] * MOST), "That makes 301 recipients"),
    ],
)
def test_a_table_that_is_wrong_is_told_by_its_line_and_kept(table, message, drafter):
    draft = a_text()
    page = save(signed_in(drafter), draft, table=table, **row(0, "Guest 0"))
    assert page.status_code == 400
    assert message in words(page)
    kept = filled_in(page)
    assert kept["table"] == table and kept["to-0-name"] == "Guest 0"
    assert names(draft) == []


def test_three_hundred_rows_are_taken_and_shown(drafter):
    draft = make_draft()
    client = signed_in(drafter)
    table = "\n".join(f"Guest {n}" for n in range(MOST))
    save(client, draft, table=table, **{"to-0-DELETE": "on"})
    assert save(client, draft).status_code == 302
    assert names(draft) == [f"Guest {n}" for n in range(MOST)]


def test_a_list_changed_by_somebody_else_is_not_overwritten_unseen(drafter, second_drafter):
    draft = a_text("Guest 0")
    client = signed_in(drafter)
    mine = filled_in(client.get(list_of(draft))) | {"to-0-name": "Ada Bern"}
    save(signed_in(second_drafter), draft, **{"to-0-name": "Jonas Brandt"})
    page = client.post(list_of(draft), mine)
    assert page.status_code == 409
    assert "Somebody changed the list after you opened it." in words(page)
    assert "Jonas Brandt" in words(page)
    assert names(draft) == ["Jonas Brandt"]
    kept = filled_in(page)
    assert kept["to-0-name"] == "Ada Bern"
    client.post(list_of(draft), kept)
    assert names(draft) == ["Ada Bern"]


@pytest.mark.parametrize(
    "crafted",
    [
        {},
        {"to-TOTAL_FORMS": "999999", "to-INITIAL_FORMS": "0"},
        {"to-TOTAL_FORMS": "x"},
        {"to-TOTAL_FORMS": "1", "to-INITIAL_FORMS": "0", "to-0-name": "\x00"},
        {"to-TOTAL_FORMS": "0", "to-INITIAL_FORMS": "0", "table": "\x00\x00"},
    ],
)
def test_a_crafted_list_breaks_nothing(crafted, drafter):
    draft = a_text("Guest 0")
    page = signed_in(drafter).post(list_of(draft), crafted)
    assert page.status_code in (400, 409)
    assert names(draft) == ["Guest 0"]


def test_the_mark_of_the_own_sentence_is_explained(drafter):
    client = signed_in(drafter)
    assert f"The text has the mark {markup.OWN_SENTENCE}" in words(client.get(list_of(a_text())))
    assert f"Write {markup.OWN_SENTENCE} in the text" in words(client.get(list_of(make_draft())))


def test_a_letter_is_previewed_as_it_will_be_and_nothing_is_made(drafter):
    draft = a_text("Guest 0", "Guest 1")
    page = signed_in(drafter).get(f"{list_of(draft)}2/")
    said = words(page)
    assert "Dear Guest 1," in said and "I remember our talk, Guest 1." in said
    assert "President of 1" in said and "Tomas Reyk" not in said
    assert Letter.objects.count() == 1
    assert names(draft) == ["Guest 0", "Guest 1"]
    assert again(draft).body == draft.body
    assert page["X-Robots-Tag"] == "noindex"
    assert signed_in(drafter).get(f"{list_of(draft)}3/").status_code == 404
    assert signed_in(drafter).get(f"{list_of(draft)}0/").status_code == 404


@pytest.mark.parametrize("name", ["publisher", "administrator"])
def test_only_drafters_keep_the_list(name):
    draft = a_text("Guest 0")
    client = signed_in(person(name))
    for address in (list_of(draft), f"{list_of(draft)}make/", f"{list_of(draft)}1/"):
        assert client.get(address).status_code == 403
    assert client.post(f"{list_of(draft)}make/").status_code == 403


def test_the_list_of_a_restricted_text_is_not_found_and_each_view_is_in_the_record(
    drafter, second_drafter
):
    draft = a_text("Guest 0")
    workflow.restrict(draft.letter, [drafter], by=drafter, reason="A surprise.")
    pages = (list_of(draft), f"{list_of(draft)}make/", f"{list_of(draft)}1/")
    assert [signed_in(second_drafter).get(page).status_code for page in pages] == [404] * 3
    seen = draft.letter.events.filter(verb="view", by=drafter)
    assert [signed_in(drafter).get(page).status_code for page in pages] == [200] * 3
    assert seen.count() == 3


def to_a_king_of_two(**facts: Any) -> Edition:
    """Addressed as a drafter typed it; another correspondent has the same name."""
    make_correspondent("another", {"en": "Tomas Reyk"}, {"en": "Painter"}, country="FR")
    king = make_correspondent("tomas-reyk", {"en": "Tomas Reyk"})
    to = Party(
        role=Role.ADDRESSEE,
        correspondent=king,
        name="Tomas Reyk",
        title="King of Ostmark",
        country="XO",
        country_name="the Kingdom of Ostmark",
    )
    return make_draft(parties=[Party(role=Role.SENDER, name="Mira Halden"), to], **facts)


def addressees_of_all() -> list[tuple[str, str, str]]:
    found = Party.objects.filter(role=Role.ADDRESSEE).order_by("edition__letter__number")
    return [(to.name, to.title, to.country_name) for to in found]


def test_whom_the_text_is_addressed_to_is_the_first_line_and_keeps_the_letter(drafter):
    draft = to_a_king_of_two(body=BODY)
    king = draft.parties.get(role=Role.ADDRESSEE).correspondent
    client = signed_in(drafter)
    page = client.get(list_of(draft))
    assert "The addressee of the text is the first line." in words(page)
    assert filled_in(page)["to-0-name"] == "Tomas Reyk"
    answer = save(client, draft, _make="1", table="Ada Bern;Queen;France")
    page = client.get(answer["Location"])
    assert "no letter goes to them" not in words(page)
    client.post(answer["Location"], filled_in(page))
    assert addressees_of_all() == [
        ("Tomas Reyk", "King of Ostmark", "the Kingdom of Ostmark"),
        ("Ada Bern", "Queen", "France"),
    ]
    assert again(draft).parties.get(role=Role.ADDRESSEE).correspondent == king


def test_an_addressee_taken_off_the_list_is_named_until_the_letters_are_made(drafter):
    draft = make_draft(body=BODY)
    client = signed_in(drafter)
    save(client, draft, table="Ada Bern", **{"to-0-DELETE": "on"})
    told = "Tomas Reyk is the addressee of the text and not on the list: no letter goes to them."
    assert names(draft) == ["Ada Bern"]
    make = f"{list_of(draft)}make/"
    assert told in words(client.get(list_of(draft))) and told in words(client.get(make))
    client.post(make, filled_in(client.get(make)))
    assert [name for name, _title, _country in addressees_of_all()] == ["Ada Bern"]


def test_who_wrote_a_line_of_the_list_or_the_text_approves_none_of_the_letters(drafter, approver):
    draft = make_draft(drafter, body=BODY)
    save(signed_in(approver), draft, table="Ada Bern;;;;I remember our talk.")
    client = signed_in(person("second_drafter"))
    make = f"{list_of(draft)}make/"
    client.post(make, filled_in(client.get(make)))
    made = list(Edition.objects.select_related("letter"))
    wrote = {drafter, approver}
    assert [wrote <= set(edition.editors.all()) for edition in made] == [True, True]
    for edition in made:
        with pytest.raises(workflow.NotAllowed):
            workflow.approve(submit(edition), by=approver)


def test_looking_at_the_list_and_saving_it_unchanged_makes_nobody_an_editor(drafter, approver):
    draft = a_text("Guest 0")
    save(signed_in(approver), draft)
    assert set(draft.editors.all()) == {drafter}


# --- The letters --------------------------------------------------------------------------------


def test_the_letters_are_made_after_a_last_look(drafter):
    draft = make_draft(body=BODY)
    client = signed_in(drafter)
    answer = save(client, draft, _make="1", **row(0, "Ada Bern"), **row(1, "Jonas Brandt"))
    page = client.get(answer["Location"])
    assert "can be corrected only in each letter by itself" in words(page)
    made = client.post(answer["Location"], filled_in(page))
    assert made["Location"] == series_of(draft.letter)
    assert Letter.objects.filter(series=draft.letter).count() == 2
    side_by_side = client.get(made["Location"])
    assert "2 letters made of one text." in words(side_by_side)
    assert series_of(draft.letter) in links(client.get(hub(Letter.objects.first())))
    assert client.get(list_of(draft))["Location"] == series_of(draft.letter)
    assert not Edition.objects.filter(body__contains=markup.OWN_SENTENCE).exists()


def test_no_letter_is_made_of_a_list_or_a_text_that_changed(drafter, second_drafter):
    draft = a_text("Guest 0", "Guest 1")
    client, make = signed_in(drafter), f"{list_of(draft)}make/"
    seen = filled_in(client.get(make))
    save(signed_in(second_drafter), draft, **row(2, "Guest 2"))
    page = client.post(make, seen)
    assert page.status_code == 409 and "The list was changed" in words(page)
    seen = filled_in(page)
    with workflow.drafting(again(draft), by=second_drafter) as text:
        text.place = "Harborg"
        text.save()
    page = client.post(make, seen)
    assert page.status_code == 409 and "changed this text after you opened it" in words(page)
    assert client.post(make, {"version": "x"}).status_code == 409
    assert Letter.objects.count() == 1
    assert client.post(make, filled_in(page)).status_code == 302
    assert Letter.objects.count() == 3


def test_an_empty_list_makes_nothing(drafter):
    draft = make_draft()
    client, make = signed_in(drafter), f"{list_of(draft)}make/"
    assert "The list is empty." in words(client.get(make))
    page = client.post(make, {"seen": "", "version": draft.version})
    assert page.status_code == 409
    assert again(draft).letter.series is None


def test_what_is_not_a_draft_any_more_goes_to_nobody(drafter):
    edition = submit(make_draft())
    client = signed_in(drafter)
    assert list_of(edition) not in links(client.get(hub(edition.letter)))
    assert client.get(list_of(edition))["Location"] == hub(edition.letter)
    page = client.post(list_of(edition), {"to-TOTAL_FORMS": "1", "to-INITIAL_FORMS": "0"})
    assert page.status_code == 409
    assert "Only a draft can be edited." in words(page)


def all_of(client: Client, verb: str, series: list[Edition], **typed: Any) -> HttpResponse:
    ticks = [tick(again(edition)) for edition in series]
    return client.post(TOGETHER, {"verb": verb, "edition": ticks} | typed)


def test_the_letters_are_submitted_approved_and_published_together(
    drafter, approver, publisher, clock
):
    series = a_series(3)
    there = series_of(series[0].letter)
    for verb, by, more in (
        ("submit", drafter, {}),
        ("approve", approver, {}),
        ("publish", publisher, {"when": "now", "moment_0": "", "moment_1": ""}),
    ):
        client = signed_in(by)
        assert f'value="{verb}"' in client.get(there).content.decode()
        assert all_of(client, verb, series).status_code == 200
        assert all_of(client, verb, series, _do="1", **more)["Location"] == there
    assert {again(edition).state for edition in series} == {"published"}
    assert len({again(edition).live_from for edition in series}) == 1


def test_the_approver_reads_the_text_once_and_of_each_letter_what_differs(approver):
    series = [submit(edition) for edition in a_series(3)]
    page = all_of(signed_in(approver), "approve", series)
    assert [[change.name for change in text.changes] for text in page.context["texts"]] == [
        [],
        ["parties", "salutation", "body"],
        ["parties", "salutation"],
    ]
    said = words(page)
    assert "I remember our talk, Guest 1." in said
    assert said.count("The whole text") == 2


def test_what_was_slipped_into_one_letter_is_shown(approver, drafter):
    series = a_series(2)
    with workflow.drafting(series[1], by=drafter) as draft:
        draft.notes = "Embargoed photographs."
        draft.save()
    series = [submit(again(edition)) for edition in series]
    page = all_of(signed_in(approver), "approve", series)
    assert "notes" in [change.name for change in page.context["texts"][1].changes]
    assert "Embargoed photographs." in words(page)


def test_one_unready_letter_keeps_all_back_and_is_named(drafter):
    series = a_series(2)
    Edition.objects.filter(pk=series[1].pk).update(headline="")
    page = all_of(signed_in(drafter), "submit", series, _do="1")
    assert page.status_code == 409
    said = words(page)
    assert f"{series[1].letter.reference} (EN) : Write a headline." in said
    assert f"{series[0].letter.reference} (EN) :" not in said
    assert {again(edition).state for edition in series} == {"draft"}


def test_a_letter_of_the_series_is_published_apart_or_with_others(publisher, clock):
    series = [approve(edition) for edition in a_series(3)]
    client = signed_in(publisher)
    apart = reverse("admin:letters_edition_verb", args=[series[0].pk, "publish"])
    assert apart in links(client.get(series_of(series[0].letter)))
    offered = filled_in(client.get(apart)) | {"also": tick(series[2])}
    client.post(apart, offered)
    assert [again(e).state for e in series] == ["published", "approved", "published"]


def test_a_series_of_which_nothing_is_open_is_not_found(drafter, approver):
    series = a_series(2)
    for edition in series:
        workflow.restrict(edition.letter, [drafter], by=drafter, reason="A surprise.")
    there = series_of(series[0].letter)
    assert signed_in(approver).get(there).status_code == 404
    assert signed_in(approver).get(series_of(Letter(pk=999_999))).status_code == 404
    assert signed_in(drafter).get(there).status_code == 200


def test_the_queries_of_the_series_do_not_grow_with_its_letters(drafter):
    client = signed_in(drafter)

    def count(letters: int) -> int:
        there = series_of(a_series(letters)[0].letter)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(there).status_code == 200
        return len(queries)

    assert count(3) == count(25)


def test_a_mark_left_in_a_text_is_flagged_and_keeps_no_letter_from_being_made(drafter):
    draft = a_text("Guest 0", "Guest 1")
    told = [problem for problem in checks.to_submit(draft) if problem.field == "body"]
    assert any(markup.OWN_SENTENCE in problem.message for problem in told)
    made = workflow.multiply(draft, by=drafter)
    assert not any(
        markup.OWN_SENTENCE in problem.message
        for edition in made
        for problem in checks.to_submit(again(edition))
    )
