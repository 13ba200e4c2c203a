"""The list of letters comes back as each person left it, and says what narrows it."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from django.test import Client

from letters import workflow
from letters.models import Kind
from tests.letters_at_stages import make_draft, make_edition, person, submit
from tests.the_desk import links, signed_in, words

pytestmark = pytest.mark.django_db

LIST = "/admin/letters/letter/"


def shown(client: Client, query: str = "") -> set[str]:
    page = client.get(LIST + query, follow=True)
    assert page.status_code == 200
    return {str(letter) for letter in page.context["cl"].result_list}


def narrowing(client: Client) -> list[str]:
    page = client.get(LIST, follow=True)
    return [one["name"] for one in page.context["cl"].chosen()]


def test_the_list_comes_back_as_it_was_left(drafter, second_drafter):
    draft, waiting = make_draft(), submit(make_draft())
    client = signed_in(drafter)
    both, one = {str(draft.letter), str(waiting.letter)}, {str(draft.letter)}
    assert shown(client) == both
    assert shown(client, "?stage=draft&language=en") == one
    assert shown(client) == one
    assert narrowing(client) == ["draft", "English"]
    assert shown(signed_in(second_drafter)) == both


def test_a_filter_is_taken_away_and_stays_away(drafter):
    make_draft()
    submit(make_draft())
    client = signed_in(drafter)
    page = client.get(f"{LIST}?stage=draft")
    all_stages = [a for a in links(page) if a == "?p=1"]
    assert len(all_stages) >= 3  # of the filter itself, its mark above the list, and “Clear”
    assert len(shown(client, all_stages[0])) == 2
    assert len(shown(client)) == 2
    assert "Clear all filters" not in words(client.get(LIST, follow=True))


def test_one_of_two_filters_is_taken_away(drafter):
    make_draft()
    client = signed_in(drafter)
    page = client.get(f"{LIST}?stage=draft&q=2026")
    (mark,) = [a for a in page.context["cl"].chosen() if a["name"] == "draft"]
    assert client.get(urljoin(LIST, mark["without"])).status_code == 200
    assert narrowing(client) == ["“2026”"]


def test_a_link_to_the_list_narrowed_is_what_is_remembered_next(drafter):
    client = signed_in(drafter)
    client.get(f"{LIST}?stage=draft&q=king&o=1")
    client.get(f"{LIST}?stage=live")
    assert narrowing(client) == ["live"]


@pytest.mark.parametrize("query", ["?body__contains=x", "?p=x", "?e=1", "?stage=no"])
def test_nonsense_is_not_remembered(query, drafter):
    client = signed_in(drafter)
    client.get(LIST + query)
    assert client.get(LIST, follow=True).status_code == 200
    assert narrowing(client) == []


def test_the_list_is_narrowed_to_a_year_and_to_what_is_restricted(drafter, clock):
    draft, other = make_draft(), make_edition(clock=clock)
    workflow.restrict(draft.letter, [drafter], by=drafter, reason="A state visit.")
    client = signed_in(drafter)
    assert shown(client, "?restricted=1") == {str(draft.letter)}
    assert shown(client, "?restricted=0") == {str(other.letter)}
    assert len(shown(client, "?begun=2026")) == 2
    assert shown(signed_in(person("second_drafter")), "?restricted=1") == set()


@pytest.mark.parametrize(
    "page", ["correspondent", "kind", "countryname", "office", "event", "letter"]
)
def test_every_list_can_be_narrowed(page, administrator):
    Kind.objects.filter(code="reply").update(cleared_by="Chief of staff")
    make_draft()
    found = signed_in(administrator).get(f"/admin/letters/{page}/")
    assert found.context["cl"].model_admin.list_filter


def test_kinds_are_narrowed_to_those_to_be_cleared(administrator):
    Kind.objects.filter(code="reply").update(cleared_by="Chief of staff")
    page = signed_in(administrator).get("/admin/letters/kind/?cleared=1")
    assert [kind.code for kind in page.context["cl"].result_list] == ["reply"]


def test_no_link_of_the_narrowed_list_leads_to_the_bare_address(drafter):
    """That one is not all letters, but those remembered."""
    make_draft()
    page = signed_in(drafter).get(f"{LIST}?stage=draft&q=king")
    assert {"?", "", LIST + "?"}.isdisjoint(links(page))
    assert 'name="stage" value="draft"' in page.content.decode()
