"""What a mail says, written when it is sent and in its reader's language.

A mail may be read by others than its reader: it names the letter, and of a restricted one the
reference only. The text itself never leaves the desk.
"""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parseaddr
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import punycode
from django.utils.translation import get_language_info, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from letters import dates
from letters.deliveries import calls
from letters.deliveries.concerned import People
from letters.models import (
    Clearance,
    Delivery,
    Event,
    Examination,
    Office,
    Preferences,
    Stage,
    State,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.utils.functional import _StrPromise


class Saying(NamedTuple):
    """How a mail of a kind begins: its subject, and one sentence."""

    subject: _StrPromise
    sentence: _StrPromise


SAYINGS = {
    "submit": Saying(_("Waiting for your approval"), _("%(name)s asks you to approve a text.")),
    "send_back": Saying(
        pgettext_lazy("subject of a mail", "Sent back"),
        _("%(name)s sent a text of yours back. It is a draft again."),
    ),
    "approve": Saying(
        pgettext_lazy("subject of a mail", "Approved"),
        _("%(name)s approved a text. It can be published."),
    ),
    "publish": Saying(
        pgettext_lazy("subject of a mail", "Scheduled"), _("%(name)s scheduled a text.")
    ),
    "live": Saying(
        pgettext_lazy("subject of a mail", "Public"),
        _("A text is public now. %(name)s published it."),
    ),
    "recall": Saying(
        pgettext_lazy("subject of a mail", "Recalled"),
        _("%(name)s recalled a text. It does not go live."),
    ),
    "emergency": Saying(
        _("Published without approval"),
        _(
            "%(name)s published a text in an emergency, without approval. Another person has to"
            " review it."
        ),
    ),
    "review": Saying(
        _("Reviewed after the emergency"),
        _("%(name)s reviewed the text that you published in an emergency."),
    ),
    "withdraw": Saying(
        pgettext_lazy("subject of a mail", "Withdrawn"),
        _("%(name)s withdrew a text. The public sees a notice."),
    ),
    "restore": Saying(
        pgettext_lazy("subject of a mail", "Restored"),
        _("%(name)s ended the withdrawal of a text. The public reads it again."),
    ),
    "follow": Saying(
        _("The original was corrected"),
        _(
            "%(name)s published a correction of the original. Your translation does not follow"
            " it yet."
        ),
    ),
    "note": Saying(
        _("Public words wait for approval"),
        _("%(name)s asks for approval of words that the public is to read."),
    ),
    "approve_note": Saying(
        _("Public words approved"),
        _("%(name)s approved words about a text. The public reads them now."),
    ),
    "ask_redaction": Saying(
        _("Removal of personal data to be confirmed"),
        _(
            "%(name)s asks for the removal of personal data from a text that was public. Another"
            " person has to confirm it."
        ),
    ),
    "drop_redaction": Saying(
        _("Personal data stays"),
        _(
            "%(name)s dropped the request to remove personal data from a text that was public."
            " Nothing was removed."
        ),
    ),
    "redact": Saying(
        _("Personal data removed"),
        _(
            "%(name)s confirmed that personal data be removed from a text that was public. Its"
            " words are gone from the site and from the desk."
        ),
    ),
    "restrict": Saying(
        _("Who may see this letter"),
        _("%(name)s decided who may see this letter. You are one of them."),
    ),
    "off_list": Saying(
        _("Who may see this letter"),
        _("%(name)s decided who may see this letter. You no longer may."),
    ),
    "open": Saying(
        _("Open to all staff"),
        _("%(name)s opened this letter, restricted until now, to all staff."),
    ),
    "cleared": Saying(pgettext_lazy("subject of a mail", "Cleared"), _("%(name)s cleared a text.")),
    "change": Saying(_("A change is asked for"), _("%(name)s asks for a change in a text.")),
    "wanted": Saying(
        _("Reminder: waiting for your approval"), _("A text still waits for your approval.")
    ),
    "planned": Saying(
        _("Reminder: not approved yet"), _("A text is planned, and it is not approved yet.")
    ),
}

# What the list of deliveries calls every kind of them.
KINDS = (
    {what: saying.subject for what, saying in SAYINGS.items()}
    | calls.KINDS
    | {
        "off_list": _("No longer on the list of a letter"),
        "daily": _("Daily mail"),
        "failure": _("A mail could not be sent"),
        "faults": _("The record does not fit"),
        "clearance": _("Link for clearance"),
    }
)

# What would end a header: each header of a mail is one line, whatever a headline holds.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def compose(delivery: Delivery, at: datetime) -> EmailMultiAlternatives | None:
    """The mail as of that moment; None when nobody needs it any more."""
    if delivery.what == "clearance":
        return _clearance(delivery, at)
    person = delivery.to
    if person is None or not person.is_active or not person.email:
        return None
    there = Preferences.objects.filter(user=person).first() or Preferences()
    if there.mail == Preferences.Mail.NONE:
        return None
    with _language(there.language):
        match delivery.what:
            case "daily":
                return _daily(delivery, person, at)
            case "failure":
                return _failure(delivery, person)
            case "faults":
                return _faults(delivery, person)
        moment = delivery.context.get("moment", "")
        told = told_of(delivery.event, delivery.what, person, at, moment)
        if told is None or delivery.event is None:
            return None
        thread = f"letter:{delivery.event.letter.reference}"
        return _mail(delivery, person.email, told["subject"], "notice", {"told": told}, thread)


def message_id(delivery: Delivery) -> str:
    """The same whenever the delivery is sent: a reader who gets it twice sees it once."""
    return _identity(delivery.key + (delivery.event.hash if delivery.event else ""))


# --- One thing to tell --------------------------------------------------------------------------


def told_of(
    event: Event | None, what: str, person: User, at: datetime, moment: str = ""
) -> dict[str, Any] | None:
    """Of an event, what this person is told; None when it is not for them, or not so any more."""
    if event is None or what not in SAYINGS:
        return None
    edition, letter = event.edition, event.letter
    if what != "off_list" and not letter.is_open_to(person):
        return None
    stage = edition.stage(at)
    if what in ("live", "follow") and (stage != Stage.LIVE or edition.live_from != event.moment):
        return None  # recalled, moved or withdrawn since
    if what == "ask_redaction" and not hasattr(edition, "redaction"):
        return None  # dropped since
    if moment and not _still(event, what, person, at, moment):
        return None
    saying, closed = SAYINGS[what], letter.restricted or what == "off_list"
    facts = [(gettext("Letter"), letter.reference, "")]
    if not closed:
        language = str(get_language_info(edition.language)["name_translated"])
        number = gettext("edition %(number)s") % {"number": edition.number}
        facts = [(gettext("Letter"), f"{letter.reference} · {language} · {number}", "")]
        if edition.headline:
            facts.append((gettext("Headline"), edition.headline, edition.language))
    if what not in ("wanted", "planned"):
        facts.append((gettext("When"), dates.in_words(event.at), ""))
    submission = getattr(edition, "submission", None)
    if what in ("submit", "wanted") and submission and submission.wanted_by:
        facts.append((gettext("Wanted by"), dates.in_words(submission.wanted_by), ""))
    if what == "planned" and edition.planned_for:
        facts.append((gettext("Planned for"), dates.in_words(edition.planned_for), ""))
    if what in ("publish", "emergency", "live", "recall") and event.moment:
        label = gettext("Was to go live") if what == "recall" else gettext("Goes live")
        label = gettext("Public since") if event.moment <= at and what != "recall" else label
        facts.append((label, dates.in_words(event.moment), ""))
    if what not in ("restrict", "off_list", "open"):
        facts.append((gettext("Now"), str(stage.label), ""))
    subject = f"[{letter.reference}] {saying.subject}"
    if not closed and edition.headline:
        subject += f": {edition.headline}"
    return {
        "subject": subject,
        "sentence": saying.sentence % {"name": event.by_name},
        "facts": facts,
        "remark": "" if closed or moment else event.remark,
        "link": _link(event, what, stage),
    }


def _still(event: Event, what: str, person: User, at: datetime, moment: str) -> bool:
    """Whether the text still waits, for the same moment, and for this person."""
    edition, wanted = event.edition, datetime.fromisoformat(moment)
    people = People(edition, at)
    if what == "planned":
        waits = edition.state in (State.DRAFT, State.SUBMITTED)
        return waits and edition.planned_for == wanted and person.pk in people.who_can_press
    waits = edition.state == State.SUBMITTED
    same = people.submission is not None and people.submission.wanted_by == wanted
    return waits and same and person.pk in people.asked


def _link(event: Event, what: str, stage: Stage) -> str:
    """The one place where the person does what there is to do."""
    edition = event.edition
    if what == "off_list":
        path = reverse("admin:index")
    elif what == "live" and not event.letter.restricted:
        path = edition.get_absolute_url()
    elif what == "note":
        path = reverse("admin:letters_edition_note", args=[edition.pk])
    elif what == "ask_redaction" and stage == Stage.SUPERSEDED:
        path = reverse("admin:letters_edition_verb", args=[edition.pk, "redact"])
    elif what in ("submit", "wanted") and stage == Stage.SUBMITTED:
        path = reverse("admin:letters_edition_verb", args=[edition.pk, "approve"])
    elif what == "send_back" and stage == Stage.DRAFT:
        path = reverse("admin:letters_edition_change", args=[edition.pk])
    else:
        path = reverse("admin:letters_letter_change", args=[event.letter_id])
    return settings.PRESSOFFICE_SITE_URL + path


# --- The other mails ----------------------------------------------------------------------------


def _daily(delivery: Delivery, person: User, at: datetime) -> EmailMultiAlternatives | None:
    items = delivery.context["items"]
    events = Event.objects.select_related("letter", "edition__letter", "edition__submission")
    found = events.in_bulk([item["event"] for item in items])
    told = [told_of(found.get(item["event"]), item["what"], person, at) for item in items]
    notices = [notice for notice in told if notice is not None]
    if not notices:
        return None
    many = ngettext(
        "%(number)s message from the press office desk",
        "%(number)s messages from the press office desk",
        len(notices),
    ) % {"number": len(notices)}
    link = settings.PRESSOFFICE_SITE_URL + reverse("admin:index")
    context = {"notices": notices, "link": link}
    return _mail(delivery, person.email, many, "daily", context)


def _failure(delivery: Delivery, person: User) -> EmailMultiAlternatives | None:
    """To an administrator. No letter is named: they may be restricted."""
    given_up = Delivery.objects.filter(done_at=None, given_up_at__isnull=False)
    failed = list(given_up.exclude(what="failure").select_related("to").order_by("-given_up_at"))
    if not failed:
        return None
    for one in failed:
        one.kind = KINDS.get(one.what, one.what)  # type: ignore[attr-defined]
    link = f"{settings.PRESSOFFICE_SITE_URL}{reverse('admin:letters_delivery_changelist')}"
    context = {"failed": failed[:20], "number": len(failed), "link": f"{link}?state=given-up"}
    return _mail(delivery, person.email, str(KINDS["failure"]), "failure", context)


def _faults(delivery: Delivery, person: User) -> EmailMultiAlternatives | None:
    """To an administrator: what the walk of that day found first."""
    found = Examination.objects.filter(day=delivery.context["day"]).first()
    if found is None:
        return None
    link = settings.PRESSOFFICE_SITE_URL + reverse("admin:index")
    context = {"found": found, "link": link}
    return _mail(delivery, person.email, str(KINDS["faults"]), "faults", context)


def _clearance(delivery: Delivery, at: datetime) -> EmailMultiAlternatives | None:
    """To a person without an account: the link, which is their key to one text."""
    pk = delivery.key.partition(":")[2]
    if not delivery.address or "link" not in delivery.context:
        return None
    if not Clearance.objects.open(at).filter(pk=pk).exists():
        return None
    context = dict(delivery.context)
    with _language(context.pop("language", "")):
        context["until"] = dates.in_words(datetime.fromisoformat(context["until"]))
        subject = gettext("[%(reference)s] A text for you to read") % context
        return _mail(delivery, delivery.address, subject, "clearance", context)


# --- The mail itself ----------------------------------------------------------------------------


def _language(chosen: str) -> translation.override:
    known = chosen in dict(settings.LANGUAGES)
    return translation.override(chosen if known else settings.LANGUAGE_CODE)


def _mail(
    delivery: Delivery, to: str, subject: str, name: str, more: dict[str, Any], thread: str = ""
) -> EmailMultiAlternatives:
    office = Office.objects.current()
    subject = " ".join(CONTROLS.sub(" ", subject).split())
    language = translation.get_language() or settings.LANGUAGE_CODE
    context = {**more, "subject": subject, "office": office.name, "language": language}
    context["dir"] = "rtl" if translation.get_language_bidi() else "ltr"
    headers = {"Message-ID": message_id(delivery), "Auto-Submitted": "auto-generated"}
    if thread:
        headers |= {"In-Reply-To": _identity(thread), "References": _identity(thread)}
    mail = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"mail/{name}.txt", context),
        to=[to],
        headers=headers,
    )
    mail.attach_alternative(render_to_string(f"mail/{name}.html", context), "text/html")
    return mail


def _identity(of: str) -> str:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{sha256(of.encode()).hexdigest()[:40]}@{punycode(domain)}>"
