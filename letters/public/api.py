"""The read-only API: what the pages show, for machines, also as it stood at a past moment.

For everybody, from every site. It never shows what is removed now, whatever the moment asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, Prefetch, Subquery, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import path, reverse
from django.utils import translation
from ninja import NinjaAPI, Query
from ninja.errors import ValidationError
from ninja.operation import Operation
from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder

from letters.models import (
    Correspondent,
    CountryName,
    Direction,
    Edition,
    Kind,
    Tally,
    Withdrawal,
)
from letters.models.listing import ANY, CORRESPONDENT, COUNTRY, of_correspondent, of_country
from letters.public import answers, reading
from letters.public.archive import Archive
from letters.public.asking import (
    Asked,
    Code,
    Filters,
    Language,
    Reference,
    Refused,
    Slug,
    Then,
    Where,
    asked_of,
)
from letters.public.choices import letters_of_each
from letters.public.reading import LANGUAGES, absolute

KEPT = Withdrawal.Kind.KEPT
DESCRIPTION = """\
Official letters as this office published them: what its pages show, and no more.

Everybody may read, from every site, without a key. All of it can be asked for as it stood at a \
past moment, with `?at=`; names of people, countries and kinds are always those of today. What is \
removed from the site is never shown, whatever the moment. Errors are in English (RFC 9457).\
"""


class Encoder(NinjaJSONEncoder):
    def default(self, o: Any) -> Any:
        # To the microsecond: asked for `?at=` a moment cut short, an edition is not there yet.
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


class Renderer(JSONRenderer):
    encoder_class = Encoder
    json_dumps_params = {"ensure_ascii": False}


class Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        schema = super().get_openapi_schema(*args, **kwargs)
        for operations in schema["paths"].values():
            for status, response in operations["get"]["responses"].items():
                if status >= 400:
                    content = response["content"]
                    content["application/problem+json"] = content.pop("application/json")
        return schema


api = Api(
    title="Letters",
    version="1",
    description=DESCRIPTION,
    docs_url=None,
    urls_namespace="api",
    renderer=Renderer(),
)


class Gone(Exception):
    def __init__(self, *withdrawals: Withdrawal) -> None:
        self.withdrawals = withdrawals


# --- Letters --------------------------------------------------------------------------------------


class Found(Archive):
    """A page of the archive, of the size asked for."""

    def __init__(self, params: QueryDict, asked: Asked, size: int) -> None:
        super().__init__(params, asked.language, asked.at)
        self.now, self.size = asked.now, size

    def rows(self, facet: str, *, cursor: bool = False) -> Any:
        return super().rows(facet, cursor=cursor).not_removed(self.now)


REFUSED = {400: answers.Problem}
NOTHING = {**REFUSED, 404: answers.Problem}
GONE = {**NOTHING, 410: answers.Problem}


@api.get("/letters", response={200: answers.Letters, **REFUSED}, url_name="letters")
def letters(request: HttpRequest, filters: Query[Filters]) -> Any:
    """Letters that have a text in a language, the newest first."""
    asked = asked_of(request, filters)
    found = Found(request.GET, asked, filters.size)
    if not found.form.is_valid():
        with translation.override("en"):
            raise Refused(*((n, str(e[0])) for n, e in found.form.errors.items()))
    prefetch_related_objects(found.letters, "kind", "parties__correspondent")
    return answers.Letters(
        items=[
            answers.Brief.of(edition, **answers.Brief.facts(edition)) for edition in found.letters
        ],
        next=absolute(request.path + found.older) if found.older else None,
    )


@api.get("/letters/{reference}", response={200: answers.Letter, **GONE}, url_name="letter")
def letter(request: HttpRequest, reference: Reference, then: Query[Then]) -> Any:
    """A letter, and the languages it is in."""
    asked = asked_of(request, then)
    notices = Withdrawal.objects.select_related("moved_to").with_notes()
    live = Edition.objects.live(asked.at).filter(letter__reference=reference)
    live = live.filter(language__in=LANGUAGES).order_by("language").in_brief()
    texts = list(live.prefetch_related(Prefetch("letter__withdrawals", notices)))
    if not texts:
        raise Http404
    withdrawn = {text.language: over for text in texts if (over := _over(text, asked))}
    removed = {language for language, over in withdrawn.items() if over.kind != KEPT}
    if len(removed) == len(texts):
        raise Gone(*withdrawn.values())
    return answers.Letter(
        reference=reference,
        direction=Direction(texts[0].letter.direction).value,
        texts=[answers.Text.of(t) for t in texts if t.language not in removed],
        withdrawn=[answers.Notice.of(over) for over in withdrawn.values()],
    )


@api.get(
    "/letters/{reference}/{language:language}",
    response={200: answers.WholeText, 302: None, **GONE},
    url_name="text",
)
def text(request: HttpRequest, reference: Reference, language: Language, then: Query[Then]) -> Any:
    """All that a reader sees of a letter in one language, and what proves it.

    A letter that was moved answers with the address of the other.
    """
    asked = asked_of(request, then, language)
    history = Edition.objects.once_live(asked.at)
    history = history.filter(letter__reference=reference, language=language)
    edition = history.live(asked.at).first_in_full()
    if edition is None:
        raise Http404
    over = _over(edition, asked)
    if over is not None and over.moved_to is not None:
        there = reverse("api:text", args=[over.moved_to.reference, language])
        return HttpResponseRedirect(there)
    if over is not None and over.kind != KEPT:
        raise Gone(over)
    prefetch_related_objects([edition], "kind")
    ever = history.in_brief().with_notes().select_related("statement").order_by("-number")
    context = reading.letter_context(edition, asked.at, asked.now)
    context |= {"withdrawal": over, "history": list(ever), "at": asked.at}
    return answers.WholeText.of(edition, **answers.WholeText.facts(context))


def _over(text: Edition, asked: Asked) -> Withdrawal | None:
    """The withdrawal that counts: what is removed now is so at every moment."""
    now = text.letter.withdrawal(text.language, asked.now)
    return now if now and now.kind != KEPT else text.letter.withdrawal(text.language, asked.at)


# --- Who, where and what kind ---------------------------------------------------------------------


def _with_letters(prefix: str, asked: Asked) -> dict[str, int | None]:
    """By their key, those that have any letters; how many, where the moment is now.

    Of a past moment no tally is kept, and counting is not worth reading every letter since.
    """
    if asked.at == asked.now:
        counts = letters_of_each(prefix, asked.language, asked.at)
        return {key: n[""] for key, n in counts.items()}
    facets = Tally.objects.filter(
        language=asked.language, facet__startswith=prefix, kind=ANY, direction="", period=ANY
    )
    of_facet = asked.listed.under(asked.language, OuterRef("facet")).newest_first()
    found = facets.alias(any=Subquery(of_facet.values("edition")[:1])).filter(any__isnull=False)
    return {facet.removeprefix(prefix): None for facet in found.values_list("facet", flat=True)}


def _places(asked: Asked, name: str, value: str) -> dict[str, str]:
    """The page for readers of a correspondent or country, and its letters here."""
    query = urlencode({name: value})
    return {
        "address": absolute(reverse(name, args=[asked.language, value])),
        "letters_at": absolute(f"{reverse('api:letters')}{asked.query}&{query}"),
    }


@api.get(
    "/correspondents",
    response={200: list[answers.Correspondent], **REFUSED},
    url_name="correspondents",
)
def correspondents(request: HttpRequest, where: Query[Where]) -> Any:
    """Who writes and receives the letters that have a text in a language."""
    asked = asked_of(request, where)
    counts = _with_letters(CORRESPONDENT, asked)
    people: Any = Correspondent.objects.by_name(asked.language).filter(pk__in=map(int, counts))
    return [
        answers.Correspondent(
            slug=person.slug,
            name=person.name,
            letters=counts[str(person.pk)],
            **_places(asked, "correspondent", person.slug),
        )
        for person in people
    ]


@api.get(
    "/correspondents/{slug}",
    response={200: answers.CorrespondentInFull, **NOTHING},
    url_name="correspondent",
)
def correspondent(request: HttpRequest, slug: Slug, where: Query[Where]) -> Any:
    """A correspondent, and the offices they held."""
    asked = asked_of(request, where)
    people: Any = Correspondent.objects.named(asked.language).filter(slug=slug)
    person = people.prefetch_related("appointments__titles").first()
    if person is None or not _is_listed(of_correspondent(person.pk), asked):
        raise Http404
    return answers.CorrespondentInFull(
        slug=slug,
        name=person.name,
        offices=[answers.Office(**held) for held in reading.offices(person, asked.language)],
        **_places(asked, "correspondent", slug),
    )


@api.get("/countries", response={200: list[answers.Country], **REFUSED}, url_name="countries")
def countries(request: HttpRequest, where: Query[Where]) -> Any:
    """The countries of those who write and receive the letters."""
    asked = asked_of(request, where)
    counts = _with_letters(COUNTRY, asked)
    with translation.override(asked.language):
        names = CountryName.objects.choices(asked.language)
    return [
        answers.Country(
            code=code,
            name=name,
            letters=counts[code],
            **_places(asked, "country", code),
        )
        for code, name in names
        if code in counts
    ]


@api.get("/countries/{code}", response={200: answers.CountryInFull, **NOTHING}, url_name="country")
def country(request: HttpRequest, code: Code, where: Query[Where]) -> Any:
    """A country of those who write and receive the letters."""
    asked = asked_of(request, where)
    if not _is_listed(of_country(code), asked):
        raise Http404
    with translation.override(asked.language):
        name = CountryName.objects.name_of(code, asked.language)
    return answers.CountryInFull(code=code, name=name, **_places(asked, "country", code))


def _is_listed(facet: str, asked: Asked) -> bool:
    found = asked.listed.under(asked.language, facet).newest_first()
    return found.values("edition").first() is not None


@api.get("/kinds", response={200: list[answers.Kind], **REFUSED}, url_name="kinds")
def kinds(request: HttpRequest, where: Query[Where]) -> Any:
    """The kinds of letters there are."""
    asked = asked_of(request, where)
    of_kind = asked.listed.under(asked.language).filter(kind=OuterRef("pk")).newest_first()
    found: Any = Kind.objects.named(asked.language)
    found = found.alias(any=Subquery(of_kind.values("edition")[:1])).filter(any__isnull=False)
    return [answers.Kind(code=kind.code, name=kind.name) for kind in found]


# --- Answers that are none ------------------------------------------------------------------------


def _problem(
    status: int,
    detail: str,
    wrong: list[answers.Wrong] | None = None,
    withdrawn: tuple[Withdrawal, ...] = (),
) -> HttpResponse:
    problem = answers.Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=wrong or [],
        withdrawn=[answers.Notice.of(withdrawal) for withdrawal in withdrawn],
    )
    return HttpResponse(
        problem.model_dump_json(), status=status, content_type="application/problem+json"
    )


@api.exception_handler(Http404)
def _nothing(request: HttpRequest, error: Any) -> HttpResponse:
    return _problem(404, "There is nothing public at this address, or was not at that moment.")


@api.exception_handler(Gone)
def _gone(request: HttpRequest, error: Any) -> HttpResponse:
    return _problem(410, "This letter has been withdrawn.", withdrawn=error.withdrawals)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    return _problem(400, "Something in the query makes no sense.", error.wrong)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    if any(one["loc"][0] == "path" for one in error.errors):
        return _nothing(request, error)
    why: dict[str, str] = {}
    for one in error.errors:
        # ("query", "filters", "year", "int")
        name = next((n for n in one["loc"] if n in Filters.model_fields), one["loc"][-1])
        why.setdefault(str(name), one["msg"])
    wrong = [answers.Wrong(name=name, why=reason) for name, reason in why.items()]
    return _problem(400, "Something in the query makes no sense.", wrong)


# --- Its addresses --------------------------------------------------------------------------------


def _door(view: Any) -> Callable[..., HttpResponse]:
    """What every address of the API has in common: it is read, by anybody, and not kept."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            response = _problem(405, "This API is only read.")
            response["Allow"] = "GET, HEAD"
        else:
            asked, request.method = request.method, "GET"  # which is all that ninja knows
            try:
                response = view(request, **kwargs)
            except Http404 as error:
                response = _nothing(request, error)
            finally:
                request.method = asked
        response["Access-Control-Allow-Origin"] = "*"
        response["Cache-Control"] = "no-cache" if response.status_code == 200 else "no-store"
        response["Content-Language"] = kwargs.get("language") or "en"
        return response

    return answer


def _nowhere(request: HttpRequest, unknown: str) -> HttpResponse:
    raise Http404


def addresses() -> tuple[list[Any], str, str]:
    """What `urls.py` mounts: ninja's own, and an answer to every other."""
    patterns, app, namespace = api.urls
    patterns.append(path("<anything:unknown>", _nowhere, name="nowhere"))
    for pattern in patterns:
        pattern.callback = _door(pattern.callback)
    return patterns, app, namespace
