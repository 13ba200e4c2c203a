"""What may be asked of the API, and of which moment its answer is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Path
from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from letters.models import Listing
from letters.public.answers import Wrong
from letters.public.archive import LANGUAGE, PAGE
from letters.public.reading import LANGUAGES
from letters.public.views import past_moment

MOST = 100  # letters on a page


def _ours(language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"is not one of {', '.join(LANGUAGES)}")
    return language


Language = Annotated[
    str, AfterValidator(_ours), WithJsonSchema({"type": "string", "enum": LANGUAGES})
]
Reference = Annotated[
    str, Path(pattern=r"^[0-9]{4}-[0-9]{1,9}$", description="Permanent, such as `2026-117`.")
]
SLUG = r"^[-a-zA-Z0-9_]{1,120}$"
Slug = Annotated[str, Path(pattern=SLUG)]
Code = Annotated[str, Path(pattern=r"^[A-Z]{2}$")]


Absent = SkipJsonSchema[None]


class Then(BaseModel):
    at: str | Absent = Field(
        None,
        description="A past moment with its time zone (RFC 3339), such as"
        " 2026-11-09T09:30:00Z: the answer as it was then.",
        json_schema_extra={"format": "date-time"},
    )


class Where(Then):
    language: Language = Field(
        settings.LANGUAGE_CODE, description="Of the texts, and of names in the answer."
    )


class Filters(Where):
    """The archive's filters, which combine."""

    q: str | Absent = Field(None, max_length=200, description="Words, or a phrase in quotes.")
    kind: str | Absent = Field(None, pattern=SLUG, description="As in `/kinds`.")
    country: str | Absent = Field(None, pattern=r"^[A-Z]{2}$", description="As in `/countries`.")
    correspondent: str | Absent = Field(None, pattern=SLUG, description="As in `/correspondents`.")
    direction: Literal["sent", "received"] | Absent = None
    letter_language: str | Absent = Field(
        None,
        pattern=LANGUAGE,
        description="The language the letter itself was written in; its text may be a translation.",
    )
    year: int | Absent = Field(None, ge=1, le=9999, description="Of the date of the letter.")
    month: int | Absent = Field(None, ge=1, le=12, description="Of that year.")
    before: str | Absent = Field(
        None,
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9]{1,18}$",
        description="A place in the list, from the address in `next`.",
    )
    size: int = Field(PAGE, ge=1, le=MOST, description="How many letters at most.")


class Asked(NamedTuple):
    """What an answer is of: everything in it is bounded by these."""

    language: str
    at: datetime
    now: datetime
    query: str  # to be added to addresses of this API that go on with the same

    @property
    def listed(self) -> Any:
        return Listing.objects.listed(self.at).not_removed(self.now)


class Refused(Exception):
    def __init__(self, *wrong: tuple[str, str]) -> None:
        self.wrong = [Wrong(name=name, why=why) for name, why in wrong]


def asked_of(request: HttpRequest, where: Then, language: str = "") -> Asked:
    known = type(where).model_fields
    if unknown := sorted(set(request.GET) - set(known)):
        raise Refused(*((name, "There is no such parameter.") for name in unknown))
    now, query, at = timezone.now(), {}, None
    if isinstance(where, Where):
        language = query["language"] = where.language
    if where.at is not None:
        query["at"] = where.at
        at = past_moment(where.at, now)
        if at is None:
            why = "This is not a past moment with its time zone, such as 2026-11-09T09:30:00Z."
            raise Refused(("at", why))
    return Asked(language, at or now, now, f"?{urlencode(query)}" if query else "")
