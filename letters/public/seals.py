"""The end of the record, day by day, signed: with it outsiders notice a past written anew."""

from datetime import UTC, date, datetime, time

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from letters import record
from letters.models import Office, Seal
from letters.public.feeds import Atom
from letters.public.reading import absolute
from letters.public.views import page

ENTRIES = 100


@page
def seals(request: HttpRequest, language: str, at: datetime) -> HttpResponse:
    """An entry a day (UTC), the newest first: number and hash of its last line, and a signature.

    `?before=` a day continues further back.
    """
    found = Seal.objects.all()
    if before := request.GET.get("before"):
        try:
            found = found.filter(day__lt=date.fromisoformat(before))
        except ValueError:
            return HttpResponseBadRequest(
                _("This is not a day, such as 2026-11-09."),
                content_type="text/plain; charset=utf-8",
            )
    rows = list(found[: ENTRIES + 1])
    here = reverse("record", args=[language])
    more = f"{here}?before={rows[ENTRIES - 1].day}" if len(rows) > ENTRIES else ""
    office = Office.objects.current()
    feed = Atom(
        title=_("The record of %(office)s") % {"office": office.name},
        link=absolute(reverse("verify", args=[language])),
        description=_("The end of the record at the end of each day, signed."),
        language=language,
        author_name=str(office.name),
        feed_url=absolute(request.get_full_path()),
        first=absolute(here),
        next=more and absolute(more),
    )
    for seal in rows[:ENTRIES]:
        moment = datetime.combine(seal.day, time.max, UTC)
        said = record.sealed(seal)
        feed.add_item(
            title=_("%(day)s: line %(number)s") % said,
            link=absolute(f"{here}?before={seal.day}"),
            description=f"{said['day']} {said['number']} {said['hash']} {seal.jws}",
            content="",
            unique_id=absolute(f"{here}#{seal.day}"),
            pubdate=moment,
            updateddate=moment,
        )
    return HttpResponse(
        feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )
