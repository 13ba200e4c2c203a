"""Two people at once, on two real connections: nothing is lost, and nobody waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction

from letters import record, workflow
from letters.models import Edition, Editor, Kind, Letter, RecordHead, Stage
from letters.models import Event as RecordEvent
from letters.workflow import NotPossible, Refused, Stale
from tests.letters_at_stages import make_draft, make_edition, person

pytestmark = pytest.mark.django_db(transaction=True)

# How long a verb is given to do what it must not do: go on while another holds the lock.
A_WHILE = 0.2


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """What each task returns, or the refusal it meets, when all begin at one moment."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        try:
            barrier.wait(20)
            return task()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [done.result(60) for done in [pool.submit(run, task) for task in tasks]]


def while_it_holds_its_locks(holder: Callable[[], Any], other: Callable[[], Any]) -> list[Any]:
    """`other` begins inside the transaction of `holder`, which ends only a while later."""
    held, began = Event(), Event()

    def hold() -> Any:
        with transaction.atomic():
            done = holder()
            held.set()
            assert began.wait(20)
            Event().wait(A_WHILE)
        return done

    def come() -> Any:
        assert held.wait(20)
        began.set()
        return other()

    return at_once(hold, come)


def seen(edition: Edition) -> Edition:
    """The edition as one more person has it on their screen."""
    return Edition.objects.get(pk=edition.pk)


def save(edition: Edition, name: str, **facts: Any) -> Callable[[], Any]:
    by, edition = person(name), seen(edition)

    def saving() -> Any:
        with workflow.drafting(edition, by=by) as draft:
            for fact, value in facts.items():
                setattr(draft, fact, value)
            draft.save()
        return draft

    return saving


def verb(name: str, *editions: Edition, by: str, **more: Any) -> Callable[[], Any]:
    someone, editions = person(by), tuple(seen(edition) for edition in editions)
    return lambda: getattr(workflow, name)(*editions, by=someone, **more)


def one_won(outcomes: list[Any]) -> bool:
    """One was done, and the other refused because the text had moved on."""
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    return len(refusals) == 1 and isinstance(refusals[0], (Stale, NotPossible))


def the_chain_is_whole() -> bool:
    """Number by number, hash by hash, and every verb later than the one before it."""
    previous = ""
    verbs: list[tuple[Any, ...]] = []
    for number, event in enumerate(RecordEvent.objects.order_by("number"), start=1):
        assert event.number == number
        assert event.hash == record.chained(previous, event)
        previous = event.hash
        one = (event.at, event.verb, event.by_id)  # a batch is one verb: an event for each edition
        if one not in verbs[-1:]:
            verbs.append(one)
    moments = [at for at, *_ in verbs]
    assert all(earlier < later for earlier, later in pairwise(moments))
    head = RecordHead.objects.get()
    return (head.hash, head.at) == (previous, moments[-1])


def test_a_draft_saved_while_it_is_being_submitted_is_refused_and_says_so():
    draft = make_draft()
    submitted, saved = while_it_holds_its_locks(
        verb("submit", draft, by="drafter"), save(draft, "second_drafter", headline="Theirs")
    )
    assert isinstance(saved, Stale)
    edition = seen(draft)
    assert (edition.state, edition.headline) == ("submitted", draft.headline)
    assert edition.digest == submitted.digest == record.digest(edition)
    assert not Editor.objects.filter(user__username="second_drafter").exists()


def test_a_draft_submitted_while_somebody_saves_it_is_refused_and_the_save_is_kept():
    draft = make_draft()
    saved, submitted = while_it_holds_its_locks(
        save(draft, "second_drafter", headline="Theirs"), verb("submit", draft, by="drafter")
    )
    assert isinstance(submitted, Stale)
    edition = seen(draft)
    assert (edition.state, edition.headline, edition.digest) == ("draft", "Theirs", "")
    assert edition.last_edited_by.username == "second_drafter"


def test_of_two_saves_of_one_draft_the_second_is_refused():
    draft = make_draft()
    first, second = while_it_holds_its_locks(
        save(draft, "drafter", headline="Ours"), save(draft, "second_drafter", headline="Theirs")
    )
    assert isinstance(second, Stale)
    assert (seen(draft).headline, seen(draft).version) == ("Ours", 2)


def test_draft_saves_and_submits_at_once_lose_nothing():
    for _ in range(8):
        draft = make_draft()
        saved, submitted = outcomes = at_once(
            save(draft, "second_drafter", headline="Theirs"), verb("submit", draft, by="drafter")
        )
        assert one_won(outcomes)
        edition = seen(draft)
        if isinstance(saved, Refused):
            assert (edition.state, edition.headline) == ("submitted", draft.headline)
            assert edition.digest == record.digest(edition)
        else:
            assert (edition.state, edition.headline) == ("draft", "Theirs")


def test_a_text_is_approved_or_sent_back_but_not_both():
    for _ in range(8):
        edition = make_edition(Stage.SUBMITTED)
        approved, sent_back = outcomes = at_once(
            verb("approve", edition, by="approver"),
            verb("send_back", edition, by="second_approver", remark="No."),
        )
        assert one_won(outcomes)
        state = "draft" if isinstance(approved, Refused) else "approved"
        after = seen(edition)
        assert (after.state, after.version) == (state, edition.version + 1)
        assert (after.approved_by is None) == (state == "draft")
        assert RecordEvent.objects.filter(edition=edition).count() == 3
    assert the_chain_is_whole()


def test_of_two_publishers_one_publishes():
    for _ in range(8):
        edition = make_edition(Stage.APPROVED)
        assert one_won(
            at_once(
                verb("publish", edition, by="publisher"),
                verb("publish", edition, by="second_publisher"),
            )
        )
        assert RecordEvent.objects.filter(edition=edition, verb="publish").count() == 1
    assert the_chain_is_whole()


def test_two_batches_in_opposite_orders_do_not_deadlock():
    for _ in range(8):
        batch = [make_edition(Stage.APPROVED) for _ in range(3)]
        outcomes = at_once(
            verb("publish", *batch, by="publisher"),
            verb("publish", *reversed(batch), by="second_publisher"),
        )
        assert one_won(outcomes)
        (published,) = [outcome for outcome in outcomes if not isinstance(outcome, Refused)]
        assert len({edition.live_from for edition in published}) == 1
        assert Edition.objects.filter(pk__in=[e.pk for e in batch], state="published").count() == 3
    assert the_chain_is_whole()


def test_a_translation_is_begun_once():
    for _ in range(4):
        edition = make_edition(Stage.LIVE)
        outcomes = at_once(
            *(verb("translate", edition, by="drafter", language="fr") for _ in range(2))
        )
        assert one_won(outcomes)
        assert edition.letter.editions.filter(language="fr").count() == 1


def test_a_text_is_not_corrected_twice_at_once():
    for _ in range(4):
        edition = make_edition(Stage.LIVE)
        by = ("drafter", "second_drafter")
        assert one_won(at_once(*(verb("correct", edition, by=name) for name in by)))
        assert edition.letter.editions.count() == 2


def test_letters_begun_at_once_have_a_number_each_and_the_record_one_chain():
    """From the very first: the end of the record is made by whoever comes first."""
    drafter = person("drafter")
    assert not RecordHead.objects.exists()

    def begin_five() -> list[str]:
        return [make_draft(by=drafter).letter.reference for _ in range(5)]

    begun = at_once(*[begin_five] * 4)
    references = [reference for five in begun for reference in five]
    assert sorted(int(reference[5:]) for reference in references) == list(range(1, 21))
    assert RecordEvent.objects.count() == 20
    assert the_chain_is_whole()


@pytest.mark.parametrize("model", [Kind, Letter])
def test_what_a_digest_reads_of_another_row_does_not_change_while_the_text_is_submitted(model):
    draft = make_draft()
    kind = Kind.objects.filter(pk=draft.kind_id)
    letter = Letter.objects.filter(pk=draft.letter_id)
    person("drafter")

    def change() -> int:
        if model is Kind:
            return kind.update(code="another")
        return letter.update(direction="received")

    done = while_it_holds_its_locks(
        change, lambda: workflow.submit(seen(draft), by=person("drafter"))
    )
    edition = seen(draft)
    assert done[0] == 1
    assert edition.state == "submitted"
    assert edition.digest == record.digest(edition)
