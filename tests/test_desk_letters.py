"""Letters on the desk, begun, found and answered; and what administrators keep."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from letters import workflow
from letters.models import (
    Correspondent,
    Edition,
    Kind,
    Letter,
    Party,
    Role,
    Stage,
)
from tests.letters_at_stages import (
    make_correction,
    make_correspondent,
    make_draft,
    make_edition,
    person,
    publish,
    submit,
)
from tests.the_desk import (
    filled_in,
    form_of,
    hub,
    links,
    signed_in,
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

MEMBER = {
    "Drafters": "second_drafter",
    "Approvers": "second_approver",
    "Publishers": "second_publisher",
    "Administrators": "administrator",
    "superuser": "superuser",
}
LIST = "/admin/letters/letter/"


# --- Letters ------------------------------------------------------------------------------------


def test_a_letter_is_begun_in_the_language_chosen(drafter):
    answer = signed_in(drafter).post(LIST + "add/", {"direction": "received", "language": "ar"})
    edition = Edition.objects.select_related("letter").get()
    assert answer["Location"] == form_of(edition)
    assert (edition.letter.direction, edition.language) == ("received", "ar")
    assert 'dir="rtl"' in signed_in(drafter).get(form_of(edition)).content.decode()


@pytest.mark.parametrize(
    "typed, message",
    [
        ({}, "This field is required."),
        ({"direction": "sideways", "language": "en"}, "Select a valid choice."),
        ({"direction": "sent", "language": "xx"}, "Select a valid choice."),
        ({"direction": "sent", "language": "en", "in_reply_to": "1-1"}, "There is no letter 1-1."),
        ({"direction": "sent", "language": "en", "in_reply_to": "\x00"}, "Null characters"),
    ],
)
def test_a_letter_that_cannot_be_begun_is_not(typed, message, drafter):
    page = signed_in(drafter).post(LIST + "add/", typed)
    assert page.status_code == 400
    assert message in words(page)
    assert not Letter.objects.exists()


@pytest.fixture
def president():
    person = make_correspondent(
        names={"en": "Mira Halden"}, titles={"en": "Minister"}, until=date(2020, 12, 31)
    )
    return make_correspondent(titles={"en": "President"}, since=date(2021, 1, 1)) and person


def test_a_reply_goes_the_other_way_between_the_same_people(president, drafter, clock):
    received = make_edition(
        direction="received",
        clock=clock,
        parties=[
            Party(role=Role.SENDER, correspondent=president, name="M. Halden", title="President"),
            Party(role=Role.ADDRESSEE, name="Tomas Reyk", title="King of Ostmark"),
        ],
    )
    client = signed_in(drafter)
    (link,) = [a for a in links(client.get(hub(received.letter))) if "in_reply_to=" in a]
    offered = filled_in(client.get(link))
    assert (offered["direction"], offered["in_reply_to"]) == ("sent", received.letter.reference)
    client.post(link, offered)
    reply = Edition.objects.get(letter__in_reply_to=received.letter)
    assert [(p.role, p.name, p.title) for p in reply.parties.all()] == [
        ("addressee", "Mira Halden", "President"),
        ("sender", "Tomas Reyk", "King of Ostmark"),
    ]
    assert f"Answers {received.letter.reference}" in words(client.get(hub(reply.letter)))
    assert client.get(LIST + "add/?in_reply_to=%00").status_code == 200


def test_a_language_is_added_with_the_common_facts(drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    address = f"{LIST}{draft.letter_id}/translate/fr/"
    answer = client.post(address)
    french = Edition.objects.get(language="fr")
    assert answer["Location"] == form_of(french)
    assert (french.kind, french.dated, french.headline) == (draft.kind, draft.dated, "")
    assert "already has a text in that language" in words(client.post(address, follow=True))
    assert Edition.objects.filter(language="fr").count() == 1
    assert address not in client.get(hub(draft.letter)).content.decode()
    assert client.post(f"{LIST}{draft.letter_id}/translate/xx/").status_code == 302
    assert Edition.objects.count() == 2


def test_the_list_reads_as_letters(drafter, clock):
    edition = make_edition(clock=clock)
    workflow.translate(edition, "fr", by=drafter)
    page = words(signed_in(drafter).get(LIST))
    assert "Congratulations to the King of Ostmark" in page
    assert f"{edition.letter.reference} · sent · Congratulation" in page
    assert "Mira Halden → to Tomas Reyk" in page
    assert "en live" in page
    assert "fr draft" in page


def test_the_list_is_narrowed_and_searched(drafter, clock):
    live, draft = make_edition(clock=clock), make_draft(headline="A draft", kind=None)
    workflow.translate(live, "fr", by=drafter)

    def found(query: str) -> set[int]:
        page = signed_in(drafter).get(LIST + query)
        assert page.status_code == 200
        return {letter.pk for letter in page.context["cl"].result_list}

    live_letter, draft_letter = live.letter_id, draft.letter_id
    assert found("?stage=live") == {live_letter}
    assert found("?stage=draft") == {live_letter, draft_letter}
    assert found("?stage=draft&language=en") == {draft_letter}
    assert found("?stage=live&language=fr") == set()
    assert found("?language=fr") == {live_letter}
    assert found("?kind=congratulation") == {live_letter}
    assert found("?direction=received") == set()
    assert found("?q=reyk") == {live_letter, draft_letter}
    assert found(f"?q={live.letter.reference}") == {live_letter}
    assert found("?q=draft") == {draft_letter}
    for nonsense in ("stage", "language", "kind", "direction"):
        assert found(f"?{nonsense}=%00'") == {live_letter, draft_letter}


@pytest.mark.parametrize("query", ["reference=%00", "editions__body__contains=x", "year=x"])
def test_the_list_takes_no_other_parameter(query, drafter):
    assert signed_in(drafter).get(f"{LIST}?{query}").status_code == 400


@pytest.mark.parametrize("query", ["q=%00", "p=x", "p=999999", "o=9.-9", "all=1"])
def test_odd_addresses_of_the_list_are_no_error(query, drafter):
    make_draft(drafter)
    assert signed_in(drafter).get(f"{LIST}?{query}", follow=True).status_code == 200


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_the_list_asks_as_often_for_many_letters_as_for_few(drafter, clock):
    client = signed_in(drafter)
    make_edition(clock=clock)
    client.get(LIST)
    few = queries(client, LIST)
    for stage in (Stage.LIVE, Stage.WITHDRAWN, Stage.SCHEDULED, Stage.DRAFT, Stage.SUPERSEDED):
        make_edition(stage, clock=clock)
    assert queries(client, LIST) == few <= 12


def test_the_hub_asks_as_often_for_a_long_story_as_for_a_short_one(superuser, clock):
    client = signed_in(superuser)
    edition = make_edition(clock=clock)
    client.get(hub(edition.letter))
    short = queries(client, hub(edition.letter))
    for _ in range(3):
        edition = publish(make_correction(edition), clock)
    assert queries(client, hub(edition.letter)) == short <= 15


def test_a_form_asks_as_often_for_many_parties_as_for_few(drafter):
    client = signed_in(drafter)
    few, many = make_draft(drafter), make_draft(drafter)
    for n in range(8):
        Party.objects.create(edition=many, role=Role.COPY, name=f"Person {n}", position=9 + n)
    client.get(form_of(few))
    assert queries(client, form_of(many)) == queries(client, form_of(few))


# --- What administrators keep -------------------------------------------------------------------


def test_an_administrator_keeps_a_correspondent_with_names_and_titles(administrator):
    client = signed_in(administrator)
    add = "/admin/letters/correspondent/add/"
    offered = filled_in(client.get(add))
    ours = [code for code, _name in settings.LANGUAGES]
    assert [offered[f"names-{n}-language"] for n in range(len(ours))] == ours
    typed = {
        "slug": "mira-halden",
        "names-0-name": "Mira Halden",
        "appointments-TOTAL_FORMS": "1",
        "appointments-0-country": "FR",
        "appointments-0-since": "2021-01-01",
        "appointments-0-title_en": "President",
        "appointments-0-title_fr": "Présidente",
    }
    answer = client.post(add, offered | typed)
    assert answer.status_code == 302, words(answer)
    address = reverse("admin:letters_correspondent_changelist")
    assert "Mira Halden" in words(client.get(address))
    (change,) = [a for a in links(client.get(address)) if a.endswith("/change/")]
    kept = filled_in(client.get(change))
    assert [kept[f"names-{n}-language"] for n in range(len(ours))] == ours
    assert kept["appointments-0-title_fr"] == "Présidente"
    retitled = {"appointments-0-title_en": "The President", "appointments-0-title_fr": ""}
    assert client.post(change, kept | retitled).status_code == 302
    again = filled_in(client.get(change))
    assert (again["appointments-0-title_en"], again["appointments-0-title_fr"]) == (
        "The President",
        "",
    )


def test_a_drafter_names_whom_they_add_with_office_and_country(drafter):
    client = signed_in(drafter)
    add = "/admin/letters/correspondent/add/?_to_field=id&_popup=1"
    offered = filled_in(client.get(add))
    assert {"names-0-name", "appointments-0-country", "appointments-0-title_en"} <= offered.keys()
    nameless = client.post(add, offered | {"slug": "queen-alba"})
    assert "Give a name in at least one language." in words(nameless)
    assert not Correspondent.objects.exists()
    answer = client.post(
        add,
        filled_in(nameless)
        | {
            "_popup": "1",
            "_to_field": "id",
            "names-0-name": "Alba of Sorrel",
            "appointments-0-country": "FR",
            "appointments-0-title_en": "Queen of Sorrel",
        },
    )
    assert "Alba of Sorrel" in answer.content.decode()  # what is chosen in the letter's form
    queen = Correspondent.objects.get()
    held = queen.appointments.get()
    assert (queen.name_in("en"), held.country, held.title_in("en")) == (
        "Alba of Sorrel",
        "FR",
        "Queen of Sorrel",
    )


def test_the_last_name_of_a_correspondent_is_not_taken_away(administrator):
    someone = make_correspondent()
    client = signed_in(administrator)
    address = reverse("admin:letters_correspondent_change", args=[someone.pk])
    page = client.post(address, filled_in(client.get(address)) | {"names-0-DELETE": "on"})
    assert "Give a name in at least one language." in words(page)
    assert someone.names.exists()


@pytest.mark.parametrize("name", ["drafter", "approver", "publisher"])
def test_everyone_on_the_desk_reads_names_and_appointments(name):
    court = make_correspondent("court", {"en": "Court of Sorrel"})
    queen = make_correspondent(
        "alba", {"en": "Alba of Sorrel", "ar": "ألبا"}, {"en": "Queen", "fr": "Reine"}, country="FR"
    )
    queen.appointments.update(body=court, since=date(2021, 5, 1))
    address = reverse("admin:letters_correspondent_change", args=[queen.pk])
    client = signed_in(person(name))
    page = client.get(address)
    said = words(page)
    for fact in ("Alba of Sorrel", "العربية", "ألبا", "Queen (English)", "Reine (Français)"):
        assert fact in said
    assert "France" in said and "Court of Sorrel" in said and "1 May 2021" in said
    assert client.post(address, {"slug": "other"}).status_code == 403


@override_settings(LANGUAGES=[("en", "English"), ("fr", "Français"), ("ar", "العربية")])
def test_saving_a_kind_unchanged_keeps_its_names_in_languages_of_no_page(administrator):
    kind = Kind.objects.get(code="congratulation")
    before = set(kind.names.values_list("language", "name"))
    assert {"ru", "az", "es"} <= {language for language, _name in before}
    client = signed_in(administrator)
    address = reverse("admin:letters_kind_change", args=[kind.pk])
    assert client.post(address, filled_in(client.get(address))).status_code == 302
    assert set(kind.names.values_list("language", "name")) == before


def test_the_record_is_read_in_words_and_never_changed(superuser):
    submit(make_draft())
    client = signed_in(superuser)
    page = words(client.get("/admin/letters/event/"))
    assert "submitted" in page
    assert "began the letter" in page
    assert client.get("/admin/letters/event/?verb=submit").status_code == 200
    assert client.post("/admin/letters/event/1/change/", {"verb": "x"}).status_code == 403
    assert client.post("/admin/letters/event/1/delete/").status_code == 403
    assert client.get("/admin/letters/event/add/").status_code == 403


@pytest.mark.parametrize("role", MEMBER)
def test_every_page_of_the_desk_opens_for_those_it_is_for(role, clock):
    by = person(MEMBER[role])
    make_correspondent(titles={"en": "President"})
    make_edition(clock=clock)
    client = signed_in(by)
    index = client.get("/admin/")
    assert index.status_code == 200
    offered = {a.split("?")[0] for a in links(index) if a.startswith("/admin/letters/")}
    assert offered
    for address in offered:
        assert client.get(address).status_code == 200, address
        for row in [a for a in links(client.get(address)) if a.endswith("/change/")][:1]:
            assert client.get(row).status_code == 200, row
