"""A letter's files are made by the worker before anybody asks, and seen by nobody before."""

from __future__ import annotations

import logging
import re
import time
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone
from pypdf import PdfReader

from letters import renditions, workflow
from letters.management.commands import deliver
from letters.models import Edition, Office
from tests.letters_at_stages import (
    make_correction,
    make_draft,
    person,
    publish,
    publish_in_an_emergency,
    schedule,
    withdraw,
)
from tests.test_deliver_command import start_worker
from tests.test_files import with_photograph

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_is_made_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path)


@pytest.fixture
def makers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was set or drawn, in order."""
    calls: list[str] = []

    def counted(name: str) -> None:
        does = getattr(renditions, name)
        monkeypatch.setattr(renditions, name, lambda *given: calls.append(name) or does(*given))

    counted("_set")
    counted("_drawn")
    return calls


def work(made: dict[int, datetime | None] | None = None) -> None:
    """One round of the worker, which has tried nothing yet if not said."""
    deliver.make_files({} if made is None else made, deliver.Signal())


def files_of(citizen: Any, edition: Edition) -> tuple[Any, Any]:
    root = edition.get_absolute_url()
    return citizen.get(f"{root}letter.pdf"), citizen.get(f"{root}card.png")


def on_disk() -> list[str]:
    folder = Path(settings.MEDIA_ROOT, "renditions")
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def words_of(response: Any) -> str:
    pages = PdfReader(BytesIO(response.getvalue())).pages
    return " ".join("\n".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("language", ["en", "ar", "az"])
def test_the_worker_makes_exactly_what_is_asked_for_at_the_moment(language, citizen, clock, makers):
    Office.objects.create(language=language, name="Office of the President")
    edition = schedule(make_draft(language=language))
    work()
    work()  # one that was started again
    assert sorted(makers) == ["_drawn", "_set"]
    made = on_disk()
    clock.shift(3600)
    pdf, card = files_of(citizen, edition)
    assert (pdf.status_code, card.status_code) == (200, 200)
    assert len(makers) == 2
    assert on_disk() == made == sorted([f"{pdf['ETag'][1:-1]}.pdf", f"{card['ETag'][1:-1]}.png"])
    assert edition.letter.reference in words_of(pdf)


def test_it_is_the_same_by_whatever_name_a_reader_reaches_the_site(citizen, clock, makers):
    edition = schedule(make_draft())
    work()
    clock.shift(3600)
    names = {
        citizen.get(f"{edition.get_absolute_url()}letter.pdf", headers={"host": host})["ETag"]
        for host in ("testserver", "localhost", "127.0.0.1:8000")
    }
    assert len(names) == 1
    assert makers.count("_set") == 1


def test_nothing_of_it_is_served_before_its_moment(citizen, clock):
    edition = schedule(make_draft())
    work()
    clock.shift(3599)
    assert [response.status_code for response in files_of(citizen, edition)] == [404, 404]
    root = f"/en/letters/{edition.letter.reference}"
    for name in on_disk():
        for address in (
            f"{root}/files/{name}",
            f"{root}/{edition.slug}/{name}",
            f"/media/renditions/{edition.digest}/{name}",
            f"/renditions/{edition.digest}/{name}",
            f"/static/../media/renditions/{edition.digest}/{name}",
        ):
            assert citizen.get(address).status_code == 404


def test_the_proxy_serves_no_folder_of_files_itself():
    deploy = Path(settings.BASE_DIR, "deploy/nginx")
    conf = "".join(path.read_text() for path in deploy.glob("*.conf"))
    served = set(re.findall(r"^\s*(?:root|alias) (.*);", conf, re.MULTILINE))
    assert served == {"/srv/static", "/srv/static/notices", "/srv/changes/mark"}
    compose = Path(settings.BASE_DIR, "docker-compose.yml").read_text()
    proxy = compose[compose.index("\n  proxy:") : compose.index("\nsecrets:")]
    assert "media" not in proxy


def test_a_photograph_is_there_in_every_size(clock):
    draft = make_draft()
    file = with_photograph(draft)
    schedule(draft)
    work()
    folder = Path(settings.MEDIA_ROOT, "files")
    assert {path.name for path in folder.rglob("*") if path.is_file()} == set(file.names)


def test_what_is_published_at_once_is_made_by_whoever_comes_first(citizen, clock, makers):
    asked_first = publish(make_draft(), clock)
    files_of(citizen, asked_first)
    work()
    assert len(makers) == 2
    made_first = publish_in_an_emergency(make_draft(headline="Another"), clock)
    work()
    assert len(makers) == 4
    assert files_of(citizen, made_first)[0].status_code == 200
    assert len(makers) == 4


def test_a_correction_to_come_is_made_while_the_earlier_text_is_read(citizen, clock, makers):
    first = publish(make_draft(), clock)
    work()
    second = schedule(make_correction(first, correction_note="The year was wrong."))
    work()
    assert makers.count("_set") == 2
    assert "The year was wrong." not in words_of(files_of(citizen, first)[0])
    clock.shift(3600)
    assert "The year was wrong." in words_of(files_of(citizen, second)[0])
    work()
    assert makers.count("_set") == 2


def test_a_letter_under_a_notice_is_made_with_it_and_one_that_is_removed_is_not(
    citizen, clock, makers
):
    under = publish(make_draft(), clock)
    removed = publish(make_draft(), clock)
    corrected = [schedule(make_correction(one)) for one in (under, removed)]
    withdraw(under, "kept", clock, reason="Under review.")
    withdraw(removed, "removed", clock)
    made: dict[int, datetime | None] = {}
    work(made)
    set_by_worker = makers.count("_set")
    clock.shift(3600)
    assert "Under review." in words_of(files_of(citizen, corrected[0])[0])
    assert files_of(citizen, corrected[1])[0].status_code == 410
    # The correction, and the text that was public until then.
    assert makers.count("_set") == set_by_worker == 2


@pytest.mark.django_db(transaction=True)
def test_of_a_recalled_text_nothing_stays_that_says_it_was_public(citizen, clock, makers):
    edition = schedule(make_draft())
    work()
    assert on_disk()
    clock.shift(1)
    recalled = workflow.recall(edition, by=person("publisher"))
    assert on_disk() == []
    work()
    assert on_disk() == []
    clock.shift(3600)
    assert files_of(citizen, recalled)[0].status_code == 404
    again = schedule(recalled)
    work()
    clock.shift(3600)
    assert files_of(citizen, again)[0].status_code == 200
    assert makers.count("_set") == 2


@pytest.mark.django_db(transaction=True)
def test_a_text_recalled_while_its_files_are_made_leaves_none(clock, monkeypatch):
    edition = schedule(make_draft())
    draw = renditions._drawn

    def recalled_meanwhile(shown: renditions.Card) -> bytes:
        workflow.recall(edition, by=person("publisher"))
        return draw(shown)

    monkeypatch.setattr(renditions, "_drawn", recalled_meanwhile)
    clock.shift(1)
    work()
    assert on_disk() == []


def test_one_that_cannot_be_made_is_told_once_and_keeps_no_other(
    citizen, clock, makers, monkeypatch, caplog
):
    bad = schedule(make_draft(headline="One that breaks"))
    good = schedule(make_draft(headline="One that does not"))
    set_well = renditions._set

    def breaking(html: str, *more: bytes) -> bytes:
        if "One that breaks" in html:
            makers.append("broken")
            raise OSError("No space left on device")
        return set_well(html, *more)

    monkeypatch.setattr(renditions, "_set", breaking)
    made: dict[int, datetime | None] = {}
    with caplog.at_level(logging.ERROR):
        for _round in range(3):
            work(made)
    assert makers.count("broken") == 1
    assert [record.args for record in caplog.records] == [(bad.pk,)]
    assert "One that breaks" not in caplog.text
    assert [name[-4:] for name in on_disk() if name.endswith(".pdf")] == [".pdf"]
    monkeypatch.setattr(renditions, "_set", set_well)
    clock.shift(3600)
    for edition in (bad, good):
        assert files_of(citizen, edition)[0].status_code == 200


def test_a_round_is_bounded_and_the_next_goes_on(clock, monkeypatch):
    tried: list[int] = []
    monkeypatch.setattr(deliver.as_files, "make", lambda edition: tried.append(edition.pk))
    soon = timezone.now() + timedelta(hours=1)
    editions = [
        schedule(make_draft(headline=f"Letter {n}"), soon + timedelta(minutes=n)) for n in range(7)
    ]
    made: dict[int, datetime | None] = {}
    work(made)
    assert tried == [edition.pk for edition in editions[: deliver.A_ROUND]]
    work(made)
    work(made)
    assert tried == [edition.pk for edition in editions]
    clock.shift(3 * 3600)
    work(made)
    assert made == {}


def test_another_moment_of_the_same_text_is_made_anew(citizen, clock, makers):
    made: dict[int, datetime | None] = {}
    edition = schedule(make_draft())
    work(made)
    clock.shift(1)
    recalled = workflow.recall(edition, by=person("publisher"))
    later = schedule(recalled, timezone.now() + timedelta(hours=2))
    work(made)
    assert makers.count("_set") == 2
    clock.shift(2 * 3600)
    assert files_of(citizen, later)[0].status_code == 200
    assert makers.count("_set") == 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_runs_makes_them_in_a_process_of_its_own(citizen, makers, tmp_path):
    edition = schedule(make_draft())
    worker = start_worker(9, tmp_path, 0)  # no mail server is there
    try:
        deadline = time.monotonic() + 60
        while not on_disk():  # told to stop while it is at them
            assert time.monotonic() < deadline
            assert worker.poll() is None
            time.sleep(0.1)
        worker.terminate()
        assert worker.wait(20) == 0
    finally:
        worker.kill()
        worker.wait()
    assert {name[-4:] for name in on_disk()} == {".pdf", ".png"}
    assert edition.live_from
    with time_machine.travel(edition.live_from):
        assert [one.status_code for one in files_of(citizen, edition)] == [200, 200]
    assert makers == []
