"""What pages say to caches, and when the proxy is told to drop its copies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.utils import timezone

from letters import workflow
from letters.models import Edition
from letters.workflow import withdraw
from pressoffice.outage import at_once
from tests.letters_at_stages import approve, make_draft, person, publish, schedule

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
AT = 1794216600  # of the clock of the tests


def says(citizen: Client, address: str) -> tuple[str, str]:
    response = citizen.get(address)
    return response["Cache-Control"], response.get("X-Accel-Expires", "")


def correction(edition: Edition) -> Edition:
    draft = workflow.correct(edition, by=person("drafter"))
    with workflow.drafting(draft, by=person("drafter")) as text:
        text.correction_note = "A word was wrong."
        text.headline = "Other words"
        text.save()
    return approve(Edition.objects.get(pk=draft.pk))


@pytest.mark.parametrize("address", ["/en/", "/en/letters/", "/en/feed.atom", "/sitemap.xml"])
def test_a_page_is_good_for_its_second_and_the_same_for_all(address, clock, citizen) -> None:
    publish(make_draft(), clock=clock)
    response = citizen.get(address)
    assert response["Cache-Control"] == (
        "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
    )
    assert response["X-Accel-Expires"] == f"@{AT + 1}"
    assert not response.has_header("Vary")
    assert not response.cookies


def test_a_page_of_a_letter_names_it_to_caches(clock, citizen) -> None:
    letter = publish(make_draft(), clock=clock)
    for more in ("", "letter.txt", "letter.json", "editions/"):
        response = citizen.get(letter.get_absolute_url() + more)
        assert response["Surrogate-Key"] == f"pages letter-{letter.letter.reference}"


def test_no_copy_is_shown_across_a_moment(clock, citizen) -> None:
    schedule(make_draft(), timezone.now() + timedelta(seconds=10))
    for _second in range(8):
        assert "stale-while-revalidate=1" in says(citizen, "/en/")[0]
        clock.shift(1)
    assert says(citizen, "/en/") == (
        "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400",
        f"@{AT + 8}",
    )
    clock.shift(0.5)
    clock.shift(0.5)
    assert "stale-while-revalidate" not in says(citizen, "/en/")[0]
    clock.shift(1)
    assert "stale-while-revalidate=1" in says(citizen, "/en/")[0]


def test_a_copy_is_never_kept_past_the_moment_of_a_correction(clock, citizen) -> None:
    edition = publish(make_draft(), clock=clock)
    workflow.publish(
        correction(edition),
        by=person("publisher"),
        moment=timezone.now() + timedelta(minutes=1),
    )
    assert "stale-if-error=59" in says(citizen, edition.get_absolute_url())[0]
    clock.shift(58.5)
    assert "stale-if-error=1" in says(citizen, edition.get_absolute_url())[0]
    clock.shift(1)
    assert "stale-if-error" not in says(citizen, edition.get_absolute_url())[0]
    clock.shift(1)
    assert "stale-if-error=86400" in says(citizen, "/en/")[0]


def test_what_is_of_one_person_or_moment_is_no_caches(clock, citizen, drafter) -> None:
    letter = publish(make_draft(), clock=clock)
    client = Client()
    client.force_login(drafter)
    for response in (
        client.get(f"{letter.get_absolute_url()}?at=2026-11-09T09:30:00Z"),
        client.get("/admin/"),
        citizen.get("/en/verify/"),
        citizen.get("/en/clearance/abc/"),
        citizen.get("/"),
        citizen.get("/en/no-such-page/"),
        citizen.get("/healthz"),
    ):
        assert not response.has_header("X-Accel-Expires")
        assert not response.has_header("Surrogate-Key")


@pytest.fixture
def mark(settings, tmp_path):
    settings.PRESSOFFICE_CACHE_MARK = str(tmp_path / "mark")
    (tmp_path / "mark").touch()
    return tmp_path / "mark"


def test_copies_are_dropped_before_and_after_another_text_is_public(
    mark, clock, django_capture_on_commit_callbacks
) -> None:
    edition = publish(make_draft(), clock=clock)
    assert mark.stat().st_size == 0, "a first publication puts nothing in the place of another"
    publisher = person("publisher")

    def grown(act) -> tuple[int, int]:
        clock.shift(1)
        start = mark.stat().st_size
        with django_capture_on_commit_callbacks(execute=True):
            act()
            within = mark.stat().st_size - start
        return within, mark.stat().st_size - start

    corrected = correction(edition)
    assert grown(lambda: workflow.publish(corrected, by=publisher)) == (1, 2)
    live = Edition.objects.get(pk=corrected.pk)
    assert grown(lambda: withdraw(live, by=publisher, kind="kept")) == (1, 2)
    live = Edition.objects.get(pk=corrected.pk)
    assert grown(lambda: workflow.restore(live, by=publisher)) == (1, 2)


def test_the_worker_drops_copies_for_a_process_that_was_killed(mark, clock, capsys) -> None:
    edition = publish(make_draft(), clock=clock)
    call_command("deliver", "--once")
    assert mark.stat().st_size == 0
    withdraw(edition, by=person("publisher"), kind="removed")
    size = mark.stat().st_size
    call_command("deliver", "--once")
    assert mark.stat().st_size == size + 1


def test_a_withdrawal_is_not_refused_when_the_proxy_cannot_be_told(clock, settings) -> None:
    settings.PRESSOFFICE_CACHE_MARK = "/nowhere/mark"
    edition = publish(make_draft(), clock=clock)
    withdraw(edition, by=person("publisher"), kind="removed")


def test_while_the_database_is_away_strangers_are_told_at_once(settings) -> None:
    asked = []

    def away(request):
        asked.append(request.path)
        raise OperationalError

    middleware = at_once(away)
    request = RequestFactory().get("/en/")
    with pytest.raises(OperationalError):
        middleware(request)
    middleware.process_exception(request, OperationalError())
    assert middleware(request).status_code == 503
    assert asked == ["/en/"]
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "of staff"
    with pytest.raises(OperationalError):
        middleware(request)


def test_a_secret_may_be_in_a_file_and_a_missing_one_is_named(tmp_path, monkeypatch) -> None:
    from django.core.exceptions import ImproperlyConfigured

    from pressoffice.settings import env

    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("PRESSOFFICE_SOME_KEY_FILE", str(tmp_path / "key"))
    assert env("SOME_KEY") == "from a file"
    monkeypatch.setenv("PRESSOFFICE_SOME_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(ImproperlyConfigured, match="PRESSOFFICE_SOME_KEY_FILE"):
        env("SOME_KEY")
