"""Random sequences of verbs under a moving clock, held against a plain model of one letter.

The model says which verbs are refused and why, and what is public at any moment. It knows
no database: a list of editions, a list of withdrawals and a clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from letters import record, workflow
from letters.models import Edition, Event, Listing, Stage, Withdrawal
from letters.workflow import Incomplete, NotAllowed, NotPossible, Refused
from tests.letters_at_stages import edit, make_draft, person

STEP = timedelta(microseconds=1)
LEAD = timedelta(seconds=2)
START = datetime(2026, 11, 9, 9, 30, tzinfo=UTC)

# Mostly the newest edition, sometimes an older one.
WHICH = st.sampled_from([-1, -1, -1, -1, -1, -2, -2, 0])
# Mostly the one that is live; None is that one.
SHOWN = st.sampled_from([None, None, None, None, -1, 0])
AHEAD = st.sampled_from([None, None, 0, 1.999999, 2, 2.000001, 10, 60, 3600])
PASSING = st.sampled_from([0, 1e-6, 0.5, 1, 1.999999, 2, 2.000001, 30, 3600, -0.4, -1, -1.1])
EMBARGO = st.sampled_from([None, None, -60, 0, 1, 10, 60])
WHO = st.sampled_from(["drafter", "superuser", "second_superuser"])
APPROVER = st.sampled_from(["approver", "superuser", "second_superuser"])
KIND = st.sampled_from(["kept", "removed"])


@dataclass
class Text:
    """An edition, in the model."""

    number: int
    editors: set[str]
    state: str = "draft"
    not_before: datetime | None = None
    live_from: datetime | None = None
    live_until: datetime | None = None

    def is_live(self, at: datetime) -> bool:
        return (
            self.live_from is not None
            and self.live_from <= at
            and (self.live_until is None or at < self.live_until)
        )


@dataclass
class Model:
    now: datetime = START
    last: datetime = START - timedelta(days=1)
    texts: list[Text] = field(default_factory=list)
    withdrawals: list[list[Any]] = field(default_factory=list)  # [since, until]

    def at(self) -> datetime:
        """The moment of a verb done now."""
        return max(self.now, self.last + STEP)

    def live(self, at: datetime) -> list[int]:
        return [n for n, text in enumerate(self.texts) if text.is_live(at)]

    def withdrawn(self, at: datetime) -> bool:
        return any(
            since <= at and (until is None or at < until) for since, until in self.withdrawals
        )

    def stage(self, text: Text, at: datetime) -> str:
        if text.state != "published":
            return text.state
        if at < text.live_from:
            return "scheduled"
        if not text.is_live(at):
            return "superseded"
        return "withdrawn" if self.withdrawn(at) else "live"

    def moments(self) -> list[datetime]:
        """Every moment at which something changes for the public, and the ones beside it."""
        edges = [text.live_from for text in self.texts] + [text.live_until for text in self.texts]
        edges += [moment for withdrawal in self.withdrawals for moment in withdrawal]
        beside = {edge + by for edge in edges if edge for by in (-STEP, timedelta(), STEP)}
        return sorted(beside | {self.last, self.last - STEP})


class Office:
    """One letter in the database, and the model of it."""

    def __init__(self, clock: time_machine.Traveller) -> None:
        self.clock = clock
        self.model = Model()
        # What the public saw at a moment no later verb may reach back to.
        self.settled: dict[datetime, tuple[list[int], list[int]]] = {}
        self.done("start", make_draft().pk, person("drafter"), START)
        self.keys = [Edition.objects.get().pk]
        self.model.texts.append(Text(1, {"drafter"}))

    # --- The verbs ----------------------------------------------------------------------------

    def time_passes(self, seconds: float) -> None:
        self.model.now += timedelta(seconds=seconds)
        self.clock.move_to(self.model.now)

    def a_draft_is_edited(self, which: int, by: str, ahead: float | None) -> None:
        text, edition = self.pick(which)
        embargo = None if ahead is None else self.model.now + timedelta(seconds=ahead)
        if text.state != "draft":
            with pytest.raises(NotPossible):
                edit(edition, person(by), not_before=embargo)
            return
        before = record.digest(edition)
        edition = edit(edition, person(by), not_before=embargo, correction_note="A note.")
        text.not_before = embargo
        if record.digest(edition) != before:
            text.editors.add(by)

    def submit(self, which: int, by: str) -> None:
        text, edition = self.pick(which)
        noted = text.number == 1 or edition.correction_note
        if self.verb("submit", text, edition, by, because=[(not noted, Incomplete)]):
            text.state = "submitted"

    def discard(self, which: int, by: str) -> None:
        text, edition = self.pick(which)
        if text.number == 1:
            return  # and the letter would be at its end
        if self.verb("discard", text, edition, by):
            text.state = "discarded"

    def approve(self, which: int, by: str) -> None:
        text, edition = self.pick(which)
        because = [(by in text.editors, NotAllowed)]
        if self.verb("approve", text, edition, by, because):
            text.state = "approved"

    def send_back(self, which: int) -> None:
        text, edition = self.pick(which)
        if self.verb("send_back", text, edition, "approver", remark="No."):
            text.state = "draft"

    def publish(self, which: int, ahead: float | None) -> None:
        text, edition = self.pick(which)
        at = self.model.at()
        moment = None if ahead is None else self.model.now + timedelta(seconds=ahead)
        because = [
            (moment is not None and moment < at + LEAD, NotPossible),
            (text.not_before is not None and (moment or at) < text.not_before, Incomplete),
        ]
        if self.verb("publish", text, edition, "publisher", because, moment=moment):
            for other in self.model.texts:
                if other.state == "published" and other.live_until is None:
                    other.live_until = moment or at
            text.state, text.live_from = "published", moment or at

    def recall(self, which: int) -> None:
        text, edition = self.pick(which)
        at = self.model.at()
        late = text.live_from is not None and text.live_from - at < LEAD
        if self.verb("recall", text, edition, "publisher", [(late, NotPossible)]):
            for other in self.model.texts:
                if other.live_until == text.live_from:
                    other.live_until = None
            text.state, text.live_from = "approved", None

    def correct(self, which: int, by: str) -> None:
        text, edition = self.pick(which)
        later = [o for o in self.model.texts if o.number > text.number and o.state != "discarded"]
        if self.verb("correct", text, edition, by, [(bool(later), NotPossible)]):
            self.keys.append(Event.objects.latest("number").edition_id)
            self.model.texts.append(Text(text.number + 1, {by}))

    def withdraw(self, which: int | None, kind: str) -> None:
        text, edition = self.pick(which)
        at = self.model.at()
        if self.verb("withdraw", text, edition, "publisher", kind=kind):
            self.end_withdrawal(at)
            self.model.withdrawals.append([at, None])

    def restore(self, which: int | None) -> None:
        text, edition = self.pick(which)
        at = self.model.at()
        if self.verb("restore", text, edition, "publisher"):
            self.end_withdrawal(at)

    def the_next_step(self, ahead: float | None) -> None:
        """On the way to the next correction."""
        text, edition = self.pick(-1)
        match text.state:
            case "draft":
                if text.number > 1 and not edition.correction_note:
                    self.a_draft_is_edited(-1, "drafter", None)
                self.submit(-1, "drafter")
            case "submitted":
                self.approve(-1, "approver")
            case "approved":
                self.publish(-1, ahead)
            case "discarded":
                states = [text.state for text in self.model.texts]
                self.correct(states[::-1].index("published") * -1 - 1, "drafter")
            case _:
                self.correct(-1, "drafter")

    # --- What each one does -------------------------------------------------------------------

    def pick(self, which: int | None) -> tuple[Text, Edition]:
        if which is None:
            which = next(iter(self.model.live(self.model.at())), -1)
        which = max(which, -len(self.keys))
        return self.model.texts[which], Edition.objects.get(pk=self.keys[which])

    def end_withdrawal(self, at: datetime) -> None:
        for withdrawal in self.model.withdrawals:
            withdrawal[1] = withdrawal[1] or at

    def verb(
        self,
        verb: str,
        text: Text,
        edition: Edition,
        by: str,
        because: list[tuple[bool, type[Refused]]] | None = None,
        **more: Any,
    ) -> bool:
        """Do it; True when it was done. Refused exactly when the model says so, and as it says."""
        at, user = self.model.at(), person(by)
        behind = self.model.now < self.model.last - timedelta(seconds=1)
        stage = self.model.stage(text, at)
        assert edition.stage(at) == stage
        reasons = [(behind, NotPossible)]
        reasons.append((stage not in workflow.TRANSITIONS[verb].stages, NotPossible))
        reasons += because or []
        wanted = next((reason for holds, reason in reasons if holds), None)
        events = Event.objects.count()
        if wanted is None:
            getattr(workflow, verb)(edition, by=user, **more)
            self.done(verb, edition.pk, user, at)
            assert Event.objects.count() == events + 1
            return True
        with pytest.raises(Refused) as refusal, transaction.atomic():
            getattr(workflow, verb)(edition, by=user, **more)
        assert refusal.type is wanted
        assert Event.objects.count() == events
        return False

    def done(self, verb: str, key: int, by: Any, at: datetime) -> None:
        event = Event.objects.latest("number")
        assert (event.verb, event.by, event.at) == (verb, by, at)
        if verb != "correct":
            assert event.edition_id == key
        assert event.at > self.model.last
        self.model.last = event.at
        # Everything up to the moment before this verb is settled now.
        if len(self.settled) < 12:
            before = at - STEP
            self.settled.setdefault(before, self.public(before))

    def public(self, at: datetime) -> tuple[list[int], list[int]]:
        """The keys of what is live, and of what is listed, at that moment."""
        live = Edition.objects.live(at).values_list("pk", flat=True)
        listed = list(Edition.objects.listed(at).values_list("pk", flat=True))
        rows = Listing.objects.listed(at).under("en")
        assert list(rows.values_list("edition", flat=True)) == listed
        return list(live), listed

    def every_promise_is_kept(self) -> None:
        """At every moment something changes, and beside it: the model's edition, and no other.

        What was true at an earlier moment is still true of it.
        """
        model = self.model
        for at, was in self.settled.items():
            assert self.public(at) == was
        rows = Edition.objects.order_by("pk").values_list("state", "live_from", "live_until")
        assert list(rows) == [(t.state, t.live_from, t.live_until) for t in model.texts]
        periods = Withdrawal.objects.order_by("since").values_list("since", "until")
        assert [list(period) for period in periods] == model.withdrawals
        moments = model.moments()
        for at in moments[:24]:
            live = [self.keys[n] for n in model.live(at)]
            assert len(live) <= 1
            assert self.public(at) == (live, [] if model.withdrawn(at) else live)
        published = [text for text in model.texts if text.state == "published"]
        for earlier, later in pairwise(published):
            assert earlier.live_until == later.live_from
        for text, key in zip(model.texts, self.keys, strict=True):
            edition = Edition.objects.select_related("letter").get(pk=key)
            for at in moments[:: max(1, len(moments) // 6)]:
                assert edition.stage(at) == Stage(model.stage(text, at))


def step(verb: Callable[..., None], *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(verb), *arguments)


# How many of twenty steps are of each sort. Chance alone would seldom get as far as a
# correction of a correction.
SORTS = {
    step(Office.the_next_step, AHEAD): 6,
    step(Office.time_passes, PASSING): 3,
    step(Office.a_draft_is_edited, WHICH, WHO, EMBARGO): 1,
    step(Office.submit, WHICH, WHO): 1,
    step(Office.approve, WHICH, APPROVER): 1,
    step(Office.send_back, WHICH): 1,
    step(Office.discard, WHICH, WHO): 1,
    step(Office.publish, WHICH, AHEAD): 1,
    step(Office.recall, WHICH): 1,
    step(Office.correct, WHICH, WHO): 1,
    step(Office.withdraw, SHOWN, KIND): 2,
    step(Office.restore, SHOWN): 1,
}
STEPS = st.sampled_from([sort for sort, times in SORTS.items() for _ in range(times)]).flatmap(
    lambda sort: sort
)


@pytest.mark.django_db
def test_random_sequences_of_verbs_keep_every_promise_about_time():
    for name in ("drafter", "approver", "publisher", "superuser", "second_superuser"):
        person(name)

    @given(st.lists(STEPS, min_size=30, max_size=50))
    def sequence(steps: list[tuple[Any, ...]]) -> None:
        with transaction.atomic(), time_machine.travel(START, tick=False) as clock:
            office = Office(clock)
            for verb, *arguments in steps:
                verb(office, *arguments)
            office.every_promise_is_kept()
            transaction.set_rollback(True)

    sequence()
