"""The sample office: an invented state, its staff and some forty letters at every stage."""

import os
import secrets
import tomllib
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from letters import markup, workflow
from letters.files import Taken, take
from letters.models import (
    Appointment,
    Correspondent,
    CountryName,
    Delivery,
    Edition,
    File,
    Kind,
    Letter,
    Office,
    OfficePage,
    Party,
)

SAMPLE = Path(__file__).parent.parent / "sample_office"
STAFF = {
    "drafter": ("Livia", "Brandt", "Drafters"),
    "approver": ("Marek", "Solheim", "Approvers"),
    "publisher": ("Odile", "Verhane", "Publishers"),
    "admin": ("Idris", "Calloway", "Administrators"),
}
TRIAL_PASSWORD = "press-office-demo"  # noqa: S105 (of a trial, which is on one machine)
TEXTS = ("standing", "letter_language", "form", "headline", "summary", "salutation", "closing")
OPTIONAL = ("place", "notes", "first_published")


class Command(BaseCommand):
    help = "Load the sample office, once: its names, its staff accounts and its letters."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--trial",
            action="store_true",
            help="Do so on a server too, where PRESSOFFICE_DEBUG is off.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEBUG or options["trial"]):
            raise CommandError(
                "This server is no trial: nothing was changed. The sample office is an invented"
                " state with accounts of its own; to load it here all the same, add --trial."
            )
        office = tomllib.loads((SAMPLE / "office.toml").read_text(encoding="utf-8"))
        letters = [
            letter
            for file in sorted(SAMPLE.glob("letters*.toml"))
            for letter in tomllib.loads(file.read_text(encoding="utf-8"))["letters"]
        ]
        letters.sort(key=lambda letter: letter["dated"])
        with transaction.atomic():
            if Office.objects.exists() or Letter.objects.exists():
                self.stdout.write("The office is there already; nothing was changed.")
                self.stdout.write(self._addresses())
                if settings.DEBUG:
                    self.stdout.write(
                        f"Staff accounts: {', '.join(STAFF)}\n"
                        f"Password: what DEMO_PASSWORD was then ({TRIAL_PASSWORD} if unset)"
                    )
                return
            password = os.environ.get("DEMO_PASSWORD") or (
                TRIAL_PASSWORD if settings.DEBUG else secrets.token_urlsafe(12)
            )
            staff = make_staff(password)
            load_names(office)
            load_pages(tomllib.loads((SAMPLE / "pages.toml").read_text(encoding="utf-8")))
            progress = tqdm(letters, desc="Letters", disable=not self.stderr.isatty())
            load_letters(progress, staff)
            # Nobody did any of this just now: only what is yet to go live is told.
            Delivery.objects.due(timezone.now()).delete()
        self.stdout.write(f"{Letter.objects.count()} letters loaded.")
        self.stdout.write(self._addresses())
        self.stdout.write(f"Staff accounts: {', '.join(STAFF)}\nPassword: {password}")

    def _addresses(self) -> str:
        root = settings.PRESSOFFICE_SITE_URL
        if settings.DEBUG:  # where make run serves it
            root = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
        pages = [f"  {root}/{code}/" for code, _name in settings.LANGUAGES]
        return "\n".join(["The public site:", *pages, f"The desk: {root}/admin/"])


def make_staff(password: str) -> dict[str, User]:
    """The sample accounts by name, with that password; what is there already keeps its own."""
    staff = {}
    for username, (first, last, group) in STAFF.items():
        user, made = User.objects.get_or_create(
            username=username,
            defaults={
                "first_name": first,
                "last_name": last,
                "email": f"{username}@president.valdora.example",
                "is_staff": True,
            },
        )
        if made:
            user.set_password(password)
            user.save()
            user.groups.add(Group.objects.get(name=group))
        staff[username] = user
    return staff


def ours(by_language: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """What the sample has in the languages of this deployment."""
    languages = dict(settings.LANGUAGES)
    return [(language, value) for language, value in by_language.items() if language in languages]


def load_names(office: dict[str, Any]) -> None:
    country = office["office"].pop("country")
    for language, own in ours(office["office"]):
        Office.objects.create(language=language, country=country, **own)
    for code, names in office["countries"].items():
        for language, name in ours(names):
            CountryName.objects.update_or_create(
                code=code, language=language, defaults={"name": name}
            )
    people = {
        row["slug"]: Correspondent.objects.create(slug=row["slug"])
        for row in office["correspondents"]
    }
    for row in office["correspondents"]:
        person = people[row["slug"]]
        for language, name in ours(row["names"]):
            person.names.create(language=language, name=name)
        for name in row.get("also_known_as", ()):
            person.names.create(language=settings.LANGUAGE_CODE, name=name, is_display=False)
        for held in row.get("appointments", ()):
            appointment = Appointment.objects.create(
                correspondent=person,
                country=held.get("country", ""),
                body=people[held["body"]] if "body" in held else None,
                since=held.get("since"),
                until=held.get("until"),
            )
            for language, title in ours(held["titles"]):
                appointment.titles.create(language=language, title=title)


def load_pages(pages: dict[str, dict[str, str]]) -> None:
    for language, _name in settings.LANGUAGES:
        for kind, body in pages.get(language, {}).items():
            OfficePage.objects.create(language=language, kind=kind, body=markup.clean(body))


def load_letters(letters: Iterable[dict[str, Any]], staff: dict[str, User]) -> None:
    """Walk every letter through the workflow to where the sample wants it."""
    people = {
        person.slug: person
        for person in Correspondent.objects.prefetch_related("names", "appointments__titles")
    }
    kinds = {kind.code: kind for kind in Kind.objects.all()}
    loaded: dict[str, Letter] = {}
    taken: dict[str, Taken] = {}
    for row in letters:
        first: Edition | None = None
        for language, text in ours(row["editions"]):
            facts = {
                "kind": kinds[row["kind"]],
                "dated": row["dated"],
                "body": markup.clean(text["body"]),
                "not_before": _in_days(text.get("embargo_days")),
                **{name: text[name] for name in TEXTS if name in text},
                **{name: text[name] for name in OPTIONAL if text.get(name)},
            }
            parties = [
                Party.of(people[party["correspondent"]], party["role"], language, row["dated"])
                for party in row["parties"]
            ]
            if first is None:
                first = edition = workflow.start(
                    by=staff["drafter"],
                    direction=row["direction"],
                    language=language,
                    in_reply_to=loaded.get(row.get("in_reply_to", "")),
                    source=f"sample:{row['key']}",
                    facts=facts,
                    parties=parties,
                )
                loaded[row["key"]] = first.letter
            else:
                edition = workflow.translate(first, language, by=staff["drafter"])
                _revise(edition, facts, staff["drafter"])
            if files := text.get("files"):
                _put(files, taken, edition, staff["drafter"])
            _bring_to(edition, text, staff)


def _in_days(days: int | None) -> Any:
    if days is None:
        return None
    moment = timezone.localtime() + timedelta(days=days)
    return moment.replace(hour=9, minute=0, second=0, microsecond=0)


def _revise(edition: Edition, facts: dict[str, Any], by: User) -> None:
    with workflow.drafting(edition, by=by) as draft:
        for name, value in facts.items():
            setattr(draft, name, value)
        draft.save()


def _put(files: list[dict[str, Any]], taken: dict[str, Taken], edition: Edition, by: User) -> None:
    """Give the draft its photographs and facsimiles, described in its language."""
    with workflow.drafting(edition, by=by) as draft:
        draft.files.all().delete()  # a translation comes with those of the first text, undescribed
        for position, file in enumerate(files):
            name, told = file["name"], {key: file[key] for key in file if key != "name"}
            if name not in taken:
                with (SAMPLE / name).open("rb") as picture:
                    taken[name] = take(picture, told["role"])
            File.objects.create(edition=draft, position=position, **told, **taken[name]._asdict())


def _bring_to(edition: Edition, text: dict[str, Any], staff: dict[str, User]) -> None:
    state = text.get("state", "published")
    drafter, approver, publisher = staff["drafter"], staff["approver"], staff["publisher"]
    if state == "draft":
        return
    edition = workflow.submit(edition, by=drafter)
    if state == "submitted":
        return
    if state == "sent back":
        workflow.send_back(edition, by=approver, remark=text["remark"])
        return
    edition = workflow.approve(edition, by=approver)
    if state == "approved":
        return
    (edition,) = workflow.publish(
        edition, by=publisher, moment=_in_days(text.get("scheduled_days"))
    )
    if correction := text.get("correction"):
        corrected = workflow.correct(edition, by=drafter)
        changes = {name: value for name, value in correction.items() if name != "note"}
        if "body" in changes:
            changes["body"] = markup.clean(changes["body"])
        _revise(corrected, {**changes, "correction_note": correction["note"]}, drafter)
        corrected = workflow.submit(corrected, by=drafter)
        corrected = workflow.approve(corrected, by=approver)
        (edition,) = workflow.publish(corrected, by=publisher)
    if withdrawal := text.get("withdrawal"):
        workflow.withdraw(
            edition, by=publisher, kind=withdrawal["kind"], words=withdrawal["reason"]
        )
        live = Edition.objects.select_related("letter").get(pk=edition.pk)
        if words := workflow.waiting_note(live, timezone.now()):
            workflow.approve_note(words, by=approver)
