"""Letters, walked through the workflow as staff would. Plain functions; every test starts here."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import time_machine
from django.contrib.auth.models import Group, User
from django.utils import timezone

from letters import workflow
from letters.models import (
    Appointment,
    AppointmentTitle,
    Correspondent,
    CorrespondentName,
    Direction,
    Edition,
    Kind,
    Party,
    Role,
    Sentence,
    Stage,
    Withdrawal,
)

GROUPS = {
    "drafter": "Drafters",
    "approver": "Approvers",
    "publisher": "Publishers",
    "administrator": "Administrators",
}


def person(name: str) -> User:
    """The member of staff of that name (`drafter`, `second_approver`…), made when first asked."""
    user, made = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    if made and name.endswith("superuser"):
        user.is_superuser = True
    elif made:
        user.groups.add(Group.objects.get(name=GROUPS[name.removeprefix("second_")]))
    if made:
        user.first_name, user.last_name = name.replace("_", " ").title(), "Osk"
        user.set_unusable_password()
        user.save()
    return user


def make_correspondent(
    slug: str = "mira-halden",
    names: dict[str, str] | None = None,
    titles: dict[str, str] | None = None,
    *,
    country: str = "XV",
    since: date | None = None,
    until: date | None = None,
) -> Correspondent:
    """A correspondent with a name in each language and, when titles are given, an appointment."""
    found, made = Correspondent.objects.get_or_create(slug=slug)
    if made:
        for language, name in (names or {"en": slug.replace("-", " ").title()}).items():
            CorrespondentName.objects.create(correspondent=found, language=language, name=name)
    if titles:
        appointment = Appointment.objects.create(
            correspondent=found, country=country, since=since, until=until
        )
        for language, title in titles.items():
            AppointmentTitle.objects.create(appointment=appointment, language=language, title=title)
    return found


def some_parties() -> list[Party]:
    """A sender and an addressee, as the drafter typed them."""
    return [
        Party(role=Role.SENDER, name="Mira Halden", title="President of Valdora", country="XV"),
        Party(role=Role.ADDRESSEE, name="Tomas Reyk", title="King of Ostmark", country="XO"),
    ]


def some_facts(**facts: Any) -> dict[str, Any]:
    """The fields of a text that is ready to be submitted."""
    return {
        "kind": Kind.objects.get(code="congratulation"),
        "headline": "Congratulations to the King of Ostmark",
        "summary": "The President congratulated the King of Ostmark on his country's national day.",
        "letter_language": "en",
        "dated": timezone.localdate(),
        "place": "Valmere",
        "salutation": "Your Majesty,",
        "body": "<p>On your national day I send you my warmest wishes.</p>",
        "closing": "Yours sincerely,",
        **facts,
    }


def make_draft(
    by: User | None = None,
    *,
    language: str = "en",
    direction: str = Direction.SENT,
    parties: list[Party] | None = None,
    **facts: Any,
) -> Edition:
    """A draft that is ready to be submitted; `facts` take the place of the usual ones."""
    return workflow.start(
        by=by or person("drafter"),
        direction=direction,
        language=language,
        facts=some_facts(**facts),
        parties=some_parties() if parties is None else parties,
    )


def edit(edition: Edition, by: User, **facts: Any) -> Edition:
    """One save of a draft; a correction needs at least its note."""
    with workflow.drafting(edition, by=by) as draft:
        for name, value in facts.items():
            setattr(draft, name, value)
        draft.save()
    return Edition.objects.get(pk=edition.pk)


def submit(edition: Edition) -> Edition:
    return workflow.submit(edition, by=person("drafter"))


def approve(edition: Edition) -> Edition:
    """Submitted, if it was not, and approved."""
    edition = submit(edition) if edition.is_draft else edition
    return workflow.approve(edition, by=person("approver"))


def schedule(edition: Edition, moment: datetime | None = None) -> Edition:
    """Walked as far as it takes and scheduled, an hour ahead if not said."""
    moment = moment or timezone.now() + timedelta(hours=1)
    return _publish(edition, moment)


def publish_in_an_emergency(
    edition: Edition,
    clock: time_machine.Traveller | None = None,
    *,
    moment: datetime | None = None,
) -> Edition:
    """Live, or scheduled, without approval."""
    reason = "The minister's plane lands before the office opens."
    edition = workflow.emergency(edition, by=person("publisher"), reason=reason, moment=moment)
    if clock is not None:
        clock.shift(1)
    return edition


def publish(edition: Edition, clock: time_machine.Traveller | None = None) -> Edition:
    """Walked as far as it takes and live now. A clock that stands still is moved on a second."""
    edition = _publish(edition, None)
    if clock is not None:
        clock.shift(1)
    stage = edition.stage(timezone.now())
    assert stage in (Stage.LIVE, Stage.WITHDRAWN), "The clock stands still: give it as clock=."
    return edition


def _publish(edition: Edition, moment: datetime | None) -> Edition:
    if edition.state != "approved":
        edition = approve(edition)
    (published,) = workflow.publish(edition, by=person("publisher"), moment=moment)
    return published


def make_correction(edition: Edition, **facts: Any) -> Edition:
    """A draft of the next edition, with its note."""
    facts = {"correction_note": "The date of the national day was wrong.", **facts}
    draft = workflow.correct(edition, by=person("drafter"))
    return edit(draft, person("drafter"), **facts)


def standard_reason(text: str, kind: str, language: str = "en") -> str:
    """A public reason that was approved beforehand."""
    by, approved_by = person("administrator"), person("approver")
    Sentence.objects.get_or_create(
        language=language, kind=kind, text=text, defaults={"by": by, "approved_by": approved_by}
    )
    return text


def withdraw(
    edition: Edition,
    kind: str = Withdrawal.Kind.REMOVED,
    clock: time_machine.Traveller | None = None,
    **more: Any,
) -> Edition:
    if reason := more.pop("reason", ""):
        standard_reason(reason, kind, edition.language)
    publisher = person("publisher")
    edition = workflow.withdraw(edition, by=publisher, kind=kind, reason=reason, **more)
    if clock is not None:
        clock.shift(1)
    return edition


def make_edition(
    stage: Stage = Stage.LIVE,
    *,
    clock: time_machine.Traveller | None = None,
    approved: bool = True,
    **facts: Any,
) -> Edition:
    """An edition at that stage at this moment. `facts` are those of `make_draft`.

    One that is not `approved` was published in an emergency.
    """
    edition = make_draft(**facts)
    go_live = publish if approved else publish_in_an_emergency
    match stage:
        case Stage.SUBMITTED:
            edition = submit(edition)
        case Stage.APPROVED:
            edition = approve(edition)
        case Stage.SCHEDULED:
            moment = timezone.now() + timedelta(hours=1)
            edition = (
                schedule(edition, moment)
                if approved
                else publish_in_an_emergency(edition, moment=moment)
            )
        case Stage.LIVE:
            edition = go_live(edition, clock)
        case Stage.WITHDRAWN:
            edition = withdraw(go_live(edition, clock), clock=clock)
        case Stage.SUPERSEDED:
            edition = go_live(edition, clock)
            publish(make_correction(edition), clock)
        case Stage.DISCARDED:
            edition = workflow.discard(edition, by=person("drafter"))
    edition = Edition.objects.select_related("letter").get(pk=edition.pk)
    assert edition.stage(timezone.now()) == stage
    return edition


# What a verb of the table needs besides the edition and who does it.
NEEDS: dict[str, dict[str, Any]] = {
    "emergency": {"reason": "The minister's plane lands before the office opens."},
    "send_back": {"remark": "The title is out of date."},
    "ask_redaction": {"reason": "A court has ordered it."},
    "drop_redaction": {"remark": "The order names another letter."},
    "withdraw": {"kind": Withdrawal.Kind.REMOVED},
}


def do(verb: str, edition: Edition, by: User) -> Any:
    """That verb of the table, done to the edition."""
    return getattr(workflow, verb)(edition, by=by, **NEEDS.get(verb, {}))
