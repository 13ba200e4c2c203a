"""Feeds of the site, or of any filter of the archive: Atom and JSON, walked page by page.

What was listed last comes first: a correction brings a letter back to the front. What has been
withdrawn of late is told as well, by its reference and reason and no word more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.http.request import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from letters.models import Edition, Office, Withdrawal
from letters.public.archive import Archive
from letters.public.reading import absolute
from letters.public.views import page

ENTRIES = 50
TOLD = timedelta(days=30)  # so long a feed tells of a withdrawal


class Moment(forms.RegexField):
    """A place in a feed, `1763978400000000.117`: when the entry before was listed, and its key."""

    def __init__(self) -> None:
        super().__init__(regex=r"^\d{1,16}\.\d{1,18}$", required=False)

    def clean(self, value: Any) -> tuple[datetime, int] | None:
        text = super().clean(value)
        if not text:
            return None
        since, key = text.split(".")
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(since)), int(key)


class MomentForm(forms.Form):
    older = Moment()


@dataclass
class Entry:
    key: str  # the letter's permanent address
    url: str
    title: str
    summary: str
    content: str
    published: datetime
    updated: datetime
    kind: str = ""


def _moment(day: date | datetime) -> datetime:
    """As feeds have it, which know no day without a time."""
    return day if isinstance(day, datetime) else timezone.make_aware(datetime.combine(day, time()))


class Feed:
    """One page of entries, and the address of the next."""

    def __init__(self, request: HttpRequest, language: str, at: datetime) -> None:
        self.request, self.language, self.at = request, language, at
        self.archive = Archive(request.GET, language, at)
        self.form = MomentForm(request.GET)
        self.is_valid = self.archive.form.is_valid() and self.form.is_valid()

    @cached_property
    def office(self) -> Office:
        return Office.objects.current()

    @cached_property
    def _rows(self) -> list[tuple[int, datetime]]:
        rows = self.archive.matching().last_listed_first()
        if place := self.form.cleaned_data["older"]:
            rows = rows.listed_before(*place)
        return list(rows.values_list("edition", "since")[: ENTRIES + 1])

    @cached_property
    def entries(self) -> list[Entry]:
        since = dict(self._rows[:ENTRIES])
        editions: Any = Edition.objects.filter(pk__in=since).in_brief().defer(None).with_beginning()
        letters = [
            Entry(
                key=self._permanent(edition.letter.reference),
                url=absolute(edition.get_absolute_url()),
                title=edition.headline,
                summary=edition.summary,
                content=edition.body,
                published=_moment(edition.first_public),
                updated=since[edition.pk],
                kind=edition.kind_name,
            )
            for edition in sorted(editions, key=lambda e: (since[e.pk], e.pk), reverse=True)
        ]
        return letters if self.form.cleaned_data["older"] else [*self._withdrawn(), *letters]

    def _withdrawn(self) -> list[Entry]:
        """On the first page, of letters that these filters would let through."""
        withdrawn = Withdrawal.objects.covering(self.at).filter(
            language=self.language, since__gt=self.at - TOLD
        )
        ended = self.archive.ended().filter(since__lte=self.at)
        ended = ended.filter(until=OuterRef("since"), edition__letter=OuterRef("letter"))
        found = withdrawn.filter(Exists(ended))
        return [
            Entry(
                key=self._permanent(withdrawal.letter.reference),
                url=self._permanent(withdrawal.letter.reference),
                title=_("Withdrawn: letter %(reference)s")
                % {"reference": withdrawal.letter.reference},
                summary=withdrawal.public_reason,
                content="",
                published=withdrawal.since,
                updated=withdrawal.since,
            )
            for withdrawal in found.select_related("letter")
            .with_notes()
            .order_by("-since", "-pk")[:ENTRIES]
        ]

    def _permanent(self, reference: str) -> str:
        address = reverse("letter-by-reference", args=[self.language, reference])
        return absolute(address)

    def address(self, **changed: str) -> str:
        """This feed from its first page on, or from another."""
        query: QueryDict = self.request.GET.copy()
        query.pop("older", None)
        query.update(changed)
        address = self.request.path + (f"?{query.urlencode()}" if query else "")
        return absolute(address)

    @property
    def following(self) -> str:
        """The address of the next page, or an empty text."""
        if len(self._rows) <= ENTRIES:
            return ""
        key, since = self._rows[ENTRIES - 1]
        microseconds = (since - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
        return self.address(older=f"{microseconds}.{key}")

    @property
    def home(self) -> str:
        address = reverse("archive", args=[self.language]) + self.archive.feed_query
        return absolute(address)


class Atom(Atom1Feed):
    """Atom as Django writes it, with the text of letters and the links of RFC 5005."""

    def latest_post_date(self) -> datetime:
        """The moment of its newest entry; an empty feed always says the same."""
        return super().latest_post_date() if self.items else datetime.fromtimestamp(0, UTC)

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        for rel in ("first", "next"):
            if self.feed[rel]:
                handler.addQuickElement("link", "", {"rel": rel, "href": self.feed[rel]})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if item["content"]:
            handler.addQuickElement("content", item["content"], {"type": "html"})


@page
def atom(request: HttpRequest, language: str, at: datetime, **kwargs: Any) -> HttpResponse:
    feed = Feed(request, language, at)
    if not feed.is_valid:
        return HttpResponseBadRequest(
            _("A filter of this feed makes no sense."), content_type="text/plain; charset=utf-8"
        )
    written = Atom(
        title=str(feed.office.name),
        link=feed.home,
        description=feed.office.tagline,
        language=language,
        author_name=str(feed.office.name),
        feed_url=absolute(request.get_full_path()),
        first=feed.address(),
        next=feed.following,
    )
    for entry in feed.entries:
        written.add_item(
            title=entry.title,
            link=entry.url,
            description=entry.summary,
            content=entry.content,
            unique_id=entry.key,
            pubdate=entry.published,
            updateddate=entry.updated,
            categories=(entry.kind,) if entry.kind else (),
        )
    return HttpResponse(
        written.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )


@page
def json(request: HttpRequest, language: str, at: datetime, **kwargs: Any) -> HttpResponse:
    """JSON Feed 1.1."""
    feed = Feed(request, language, at)
    if not feed.is_valid:
        return HttpResponseBadRequest(
            _("A filter of this feed makes no sense."), content_type="text/plain; charset=utf-8"
        )
    written: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": str(feed.office.name),
        "home_page_url": feed.home,
        "feed_url": feed.address(),
        "language": language,
        "authors": [{"name": str(feed.office.name)}],
    }
    if feed.office.tagline:
        written["description"] = feed.office.tagline
    if feed.following:
        written["next_url"] = feed.following
    written["items"] = [
        {
            "id": entry.key,
            "url": entry.url,
            "title": entry.title,
            **({"summary": entry.summary} if entry.summary else {}),
            **(
                {"content_html": entry.content}
                if entry.content
                else {"content_text": entry.summary}
            ),
            "date_published": entry.published.isoformat(),
            "date_modified": entry.updated.isoformat(),
            **({"tags": [entry.kind]} if entry.kind else {}),
        }
        for entry in feed.entries
    ]
    return JsonResponse(
        written,
        content_type="application/feed+json; charset=utf-8",
        json_dumps_params={"ensure_ascii": False},
    )
