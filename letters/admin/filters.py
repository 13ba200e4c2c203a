"""What narrows the list of letters, and how each person's own choice of it is remembered."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, SEARCH_VAR, ChangeList
from django.db.models import Max, Min, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from letters.admin.hub import NAMES
from letters.models import Direction, Edition, Kind, Letter, Stage, State


class Narrow(admin.SimpleListFilter):
    """Letters with an edition of which one thing holds. A value that is no choice narrows nothing.

    Stage and language are of the same edition: what is live, and in French.
    """

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        value = self.value()
        if value not in {str(choice) for choice, _name in self.lookup_choices}:
            return queryset
        language = request.GET.get(LanguageFilter.parameter_name, "")
        editions = self.editions(str(value))
        if language in NAMES:
            editions = editions.filter(language=language)
        return queryset.filter(pk__in=editions.values("letter"))

    def editions(self, value: str) -> QuerySet[Edition]:
        raise NotImplementedError


class StageFilter(Narrow):
    title = gettext_lazy("stage")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(stage.value, stage.label) for stage in Stage]

    def editions(self, value: str) -> QuerySet[Edition]:
        at = timezone.now()
        match Stage(value):
            case Stage.SCHEDULED:
                return Edition.objects.filter(live_from__gt=at)
            case Stage.LIVE:
                return Edition.objects.listed(at)
            case Stage.WITHDRAWN:
                listed = Edition.objects.listed(at).values("pk")
                return Edition.objects.live(at).exclude(pk__in=listed)
            case Stage.SUPERSEDED:
                return Edition.objects.filter(live_until__lte=at)
        return Edition.objects.filter(state=value)


class LanguageFilter(Narrow):
    title = gettext_lazy("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(settings.LANGUAGES)

    def editions(self, value: str) -> QuerySet[Edition]:
        return Edition.objects.exclude(state=State.DISCARDED)


class KindFilter(Narrow):
    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.code, str(kind)) for kind in Kind.objects.named()]

    def editions(self, value: str) -> QuerySet[Edition]:
        return Edition.objects.filter(kind__code=value)


class DirectionFilter(Narrow):
    title = gettext_lazy("direction")
    parameter_name = "direction"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(direction.value, direction.label) for direction in Direction]

    def editions(self, value: str) -> QuerySet[Edition]:
        return Edition.objects.filter(letter__direction=value)


class YearFilter(Narrow):
    title = gettext_lazy("year begun")
    parameter_name = "begun"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        # The first and the last, by the index: to find each year that has letters reads them all.
        by: Any = request.user
        years = Letter.objects.open_to(by).aggregate(first=Min("year"), last=Max("year"))
        if years["last"] is None:
            return []
        return [(str(year), str(year)) for year in range(years["last"], years["first"] - 1, -1)]

    def editions(self, value: str) -> QuerySet[Edition]:
        return Edition.objects.filter(letter__year=value)


class RestrictedFilter(Narrow):
    title = gettext_lazy("who sees it")
    parameter_name = "restricted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("0", gettext_lazy("all staff")), ("1", gettext_lazy("only those named"))]

    def editions(self, value: str) -> QuerySet[Edition]:
        return Edition.objects.filter(letter__restricted=value == "1")


FILTERS = (
    StageFilter,
    LanguageFilter,
    KindFilter,
    DirectionFilter,
    YearFilter,
    RestrictedFilter,
)

REMEMBERED = (*(narrow.parameter_name for narrow in FILTERS), SEARCH_VAR, ORDER_VAR)
KEY = "letters narrowed"


class Letters(ChangeList):
    """The stock list. Without any filter its address still says so, and is not the bare one."""

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        query: str = super().get_query_string(new_params, remove)
        return query if query != "?" else f"?{PAGE_VAR}=1"

    def chosen(self) -> list[dict[str, Any]]:
        """What narrows the list now, each with the address without it."""
        found: list[dict[str, Any]] = []
        if self.query:
            found.append(
                {"name": f"“{self.query}”", "without": self.get_query_string(remove=[SEARCH_VAR])}
            )
        specs: list[Any] = self.filter_specs
        for spec in specs:
            for choice in spec.choices(self):
                if choice["selected"] and spec.value() is not None:
                    without = self.get_query_string(remove=spec.expected_parameters())
                    found.append({"name": choice["display"], "without": without})
        return found


def remembered(request: HttpRequest) -> str:
    """The query to go back to when the list is asked for as such; also notes the present one."""
    if not request.GET:
        query: str = request.session.get(KEY, "")
        return query
    chosen = request.GET.copy()
    for name in list(chosen):
        if name not in REMEMBERED or not chosen[name]:
            del chosen[name]
    if request.session.get(KEY, "") != chosen.urlencode():
        request.session[KEY] = chosen.urlencode()
    return ""
