"""What differs between two texts of a letter, and is to be approved: every part of it, shown."""

from __future__ import annotations

import json
import unicodedata
from datetime import date, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from letters import dates, record
from letters.differences import lines, words
from letters.models import Direction, Edition, File, Form, Role, Standing, State

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Unchanged words shown on each side of a change.
AROUND = 120


class Change(NamedTuple):
    """A fact that differs: its key in the canonical form, its name, and its pieces in order.

    Each piece is "same", "gone" or "new". Those of a list are whole lines.
    """

    name: str
    label: str
    pieces: list[tuple[str, str]]
    is_list: bool = False
    in_text: bool = False  # written in the language of the text


def earlier(edition: Edition, by: User) -> Edition | None:
    """What the text takes the place of, or else what it was begun from, if this person sees that.

    A correction takes the place of the edition before it, whichever that was when it was begun.
    """
    before = (
        Edition.objects.filter(
            letter=edition.letter_id,
            language=edition.language,
            number__lt=edition.number,
            state=State.PUBLISHED,
        )
        .unredacted()
        .select_related("letter__in_reply_to", "kind")
        .order_by("-number")
        .first()
    )
    if before is not None or edition.begun_from_id is None:
        return before
    return (
        Edition.objects.open_to(by)
        .select_related("letter__in_reply_to", "kind")
        .filter(pk=edition.begun_from_id)
        .first()
    )


def compare(before: Edition | None, after: Edition, by: User | None = None) -> list[Change]:
    """Everything in which what is to be approved differs, in the order of the letter.

    Read off the canonical form, of which the digest is made: what is not told here is the same.
    Nothing is told of a text that has none before it. Which letter it answers is not said where
    that one is not open to `by`.
    """
    if before is None:
        return []
    was, now = record.canonical(before), record.canonical(after)
    order = [*LABELS, *sorted((was.keys() | now.keys()) - LABELS.keys())]
    differing = [name for name in order if was.get(name) != now.get(name)]
    for facts, edition in ((was, before), (now, after)):
        answered = edition.letter.in_reply_to
        if answered is not None and by is not None and not answered.is_open_to(by):
            facts["in_reply_to"] = _("a letter that is not open to you")
    return [_change(name, was.get(name), now.get(name)) for name in differing]


def _labels() -> dict[str, Any]:
    label = {field.name: getattr(field, "verbose_name", "") for field in Edition._meta.get_fields()}
    order = (
        "direction in_reply_to kind form letter_language dated place parties headline summary"
        " salutation body closing notes press_contact files standing not_before first_published"
        " correction_note"
    )
    own = {
        "direction": gettext_lazy("direction"),
        "in_reply_to": gettext_lazy("answers"),
        "parties": gettext_lazy("From, to and signed by"),
        "files": gettext_lazy("files"),
    }
    return {name: own.get(name) or label[name] for name in order.split()}


LABELS = _labels()


def _change(name: str, was: Any, now: Any) -> Change:
    label = capfirst(str(LABELS.get(name, name)))
    if name in LINES:
        old, new = ([LINES[name](row) for row in rows or ()] for rows in (was, now))
        if old == new:
            old, new = ([_raw(row) for row in rows or ()] for rows in (was, now))
        return Change(name, label, _shown(lines(old, new)), is_list=True, in_text=True)
    tell = TOLD.get(name, str)
    before, after = ("" if value is None else str(tell(value)) for value in (was, now))
    if before == after:  # nothing that a reader would see: shown as it is stored
        before, after = _raw(was), _raw(now)
    whole = name not in record.TEXTS or name in CHOSEN
    pieces = words(before, after) if not whole else lines([before], [after])
    pieces = [piece for piece in pieces if piece[1]]
    return Change(name, label, _shortened(_shown(pieces)), in_text=not whole)


def _raw(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# --- Each fact in words -------------------------------------------------------------------------


def _party(party: dict[str, Any]) -> str:
    parts = [party["name"] or "—", party["title"], party["country_name"]]
    known = " ".join(part for part in (party["country"], party["correspondent"]) if part)
    told = ", ".join(part for part in parts if part)
    role = capfirst(str(Role(party["role"]).label))
    return f"{role}: {told} [{known}]" if known else f"{role}: {told}"


def _file(file: dict[str, Any]) -> str:
    across, down = file["focal_point"]
    parts = [
        capfirst(str(File.Role(file["role"]).label)),
        file["alt"] or _("no description"),
        file["caption"],
        file["credit"],
        _("focal point %(across)s%% / %(down)s%%") % {"across": across, "down": down},
        file["type"],
        file["sha256"],
    ]
    return " · ".join(part for part in parts if part)


def _moment(written: str) -> str:
    return dates.moment(datetime.fromisoformat(written))


def _day(written: str) -> str:
    return dates.day(date.fromisoformat(written))


LINES: dict[str, Any] = {"parties": _party, "files": _file}
CHOSEN: dict[str, Any] = {
    "form": lambda value: Form(value).label,
    "standing": lambda value: Standing(value).label,
    "letter_language": lambda code: settings.LANGUAGE_NAMES.get(code, code),
}
TOLD: dict[str, Any] = CHOSEN | {
    "direction": lambda value: Direction(value).label,
    "dated": _day,
    "first_published": _day,
    "not_before": _moment,
    "body": lambda html: reading_of(html),
}


class _Reading(HTMLParser):
    """HTML as its words, with what is set apart named in brackets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.told = ""
        self.names = {
            "strong": pgettext("formatting", "bold"),
            "em": pgettext("formatting", "italic"),
            "sup": pgettext("formatting", "raised"),
            "sub": pgettext("formatting", "lowered"),
            "a": pgettext("formatting", "link"),
            "span": pgettext("formatting", "passage"),
            "p": pgettext("formatting", "paragraph"),
            "h2": pgettext("formatting", "heading"),
            "h3": pgettext("formatting", "smaller heading"),
            "blockquote": pgettext("formatting", "quotation"),
            "ul": pgettext("formatting", "list"),
            "ol": pgettext("formatting", "numbered list"),
            "li": pgettext("formatting", "item"),
        }

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.told += "\n"
            return
        if tag in BLOCKS and self.told and not self.told.endswith("\n"):
            self.told += "\n\n"
        if tag != "p" or attrs:
            of = "".join(f" {v}" if n == "href" else f" {n}={v}" for n, v in attrs)
            self.told += f"⟨{self.names.get(tag, tag)}{of}⟩"

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("p", "li", "br"):
            self.told += f"⟨/{self.names.get(tag, tag)}⟩"
        if tag in BLOCKS:
            self.told += "\n\n"

    def handle_data(self, data: str) -> None:
        self.told += data if data.strip() or not self.told.endswith("\n") else ""


BLOCKS = {"p", "h2", "h3", "blockquote", "ul", "ol", "li"}


def reading_of(html: str) -> str:
    """The words of clean HTML, paragraph by paragraph, with its formatting named: ⟨bold⟩…⟨/bold⟩.

    What a reader could see, two texts that differ in it have different readings.
    """
    parser = _Reading()
    parser.feed(html)
    parser.close()
    return parser.told.strip()


# --- Nothing that changed is invisible ----------------------------------------------------------


def _shown(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(kind, text if kind == "same" else visible(text)) for kind, text in pieces]


def visible(text: str) -> str:
    """The text with its paragraphs and lines marked, and what cannot be seen named."""
    ends = text.replace("\n\n", "¶\0").replace("\n", "↵\n").replace("\0", "\n")
    shown = "".join(_visible(sign) for sign in ends)
    return shown if shown.strip() else shown.replace(" ", "␣")


def _visible(sign: str) -> str:
    if sign not in " \n" and unicodedata.category(sign) in ("Cf", "Cc", "Zs", "Zl", "Zp"):
        return f"[{unicodedata.name(sign, f'U+{ord(sign):04X}').lower()}]"
    return sign


def _shortened(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of what is the same only the words around each change."""
    found = []
    for place, (kind, text) in enumerate(pieces):
        if kind == "same" and len(text) > 3 * AROUND:
            start = "" if place == 0 else text[:AROUND].rsplit(None, 1)[0]
            end = "" if place == len(pieces) - 1 else text[-AROUND:].split(None, 1)[-1]
            text = f"{start} … {end}"
        found.append((kind, text))
    return found
