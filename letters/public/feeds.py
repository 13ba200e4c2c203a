"""The Atom feed of the site, or of any filter of the archive."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from letters.models import Office
from letters.public.archive import Archive
from letters.public.views import page

ENTRIES = 50


class Feed(Atom1Feed):
    def latest_post_date(self) -> datetime:
        """The moment of its newest letter; an empty feed always says the same."""
        return super().latest_post_date() if self.items else datetime.fromtimestamp(0, UTC)


@page
def atom(request: HttpRequest, language: str, at: datetime, **kwargs: Any) -> HttpResponse:
    """The newest letters the archive's parameters let through, whole."""
    archive = Archive(request.GET, language, at)
    if not archive.form.is_valid():
        return HttpResponseBadRequest(_("A filter of this feed makes no sense."))
    office = Office.objects.current()
    feed = Feed(
        title=str(office.name),
        link=request.build_absolute_uri(reverse("archive", args=[language]) + archive.feed_query),
        description=office.tagline,
        language=language,
        feed_url=request.build_absolute_uri(),
    )
    for edition in archive.editions(ENTRIES):
        feed.add_item(
            title=edition.headline,
            link=request.build_absolute_uri(edition.get_absolute_url()),
            description=edition.summary,
            content=edition.body,
            unique_id=request.build_absolute_uri(
                reverse("letter-by-reference", args=[language, edition.letter.reference])
            ),
            pubdate=edition.live_from,
            updateddate=edition.live_from,
            categories=(edition.kind_name,),  # type: ignore[attr-defined]
        )
    return HttpResponse(
        feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )
