"""The mails that went out, are to go out, or could not: a list for administrators."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import BooleanField, Case, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from letters import deliveries
from letters.admin import preferences
from letters.models import Delivery
from letters.models.letter import open_to

# A mail that is due for so long was never tried: nothing sends mails.
OVERDUE = timedelta(minutes=5)

STATES = {
    "waiting": pgettext_lazy("of a mail", "waiting"),
    "failing": pgettext_lazy("of a mail", "failed, tried again later"),
    "given-up": pgettext_lazy("of a mail", "given up"),
    "sent": pgettext_lazy("of a mail", "sent"),
    "dropped": pgettext_lazy("of a mail", "no longer needed"),
}


def state(delivery: Delivery) -> str:
    if delivery.done_at is not None:
        return "dropped" if delivery.context.get("dropped") else "sent"
    if delivery.given_up_at is not None:
        return "given-up"
    return "failing" if delivery.error else "waiting"


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        dropped = Q(context__has_key="dropped")
        conditions = {
            "waiting": Q(done_at=None, given_up_at=None, error=""),
            "failing": Q(done_at=None, given_up_at=None) & ~Q(error=""),
            "given-up": Q(done_at=None, given_up_at__isnull=False),
            "sent": Q(done_at__isnull=False) & ~dropped,
            "dropped": Q(done_at__isnull=False) & dropped,
        }
        return queryset.filter(conditions.get(self.value() or "", Q()))


class KindFilter(admin.SimpleListFilter):
    title = gettext_lazy("what it says")
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(deliveries.KINDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        # Of a letter that is not open to this person, nothing says what was done to it.
        known = self.value() in deliveries.KINDS
        return queryset.filter(Q(open=True), what=self.value()) if known else queryset


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin):
    """To read, and to try again. A mail has no page of its own: one may hold a link to a text."""

    list_display = ["addressee", "kind", "letter", "stands", "due_at", "attempts", "problem"]
    list_display_links = None
    list_filter = [StateFilter, KindFilter]
    list_select_related = ["to", "event__letter"]
    search_fields = ["to__username", "to__first_name", "to__last_name", "to__email", "address"]
    search_help_text = gettext_lazy("Name or address of a person")
    ordering = ["-due_at", "-pk"]
    actions = ["try_again"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Of a letter that is not open to this person: that a mail failed, and nothing else."""
        there = Q(event=None) | open_to(request.user, "event__letter")  # type: ignore[arg-type]
        is_open = Case(When(there, then=True), default=False, output_field=BooleanField())
        failing = Delivery.objects.failing().values("pk")
        everything: Any = super().get_queryset(request).annotate(open=is_open)
        found: QuerySet[Delivery] = everything.filter(Q(open=True) | Q(pk__in=failing))
        return found

    def get_urls(self) -> list[URLPattern]:
        changelist = self.admin_site.admin_view(self.changelist_view)
        return [
            path("", changelist, name="letters_delivery_changelist"),
            path("mine/", self.admin_site.admin_view(preferences.page), name="letters_mails"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "GET" and self.has_view_permission(request):
            overdue = Delivery.objects.due(timezone.now() - OVERDUE).filter(attempts=0)
            if overdue.exists():
                messages.warning(
                    request,
                    _("Mails wait for more than five minutes: ask an operator for the worker."),
                )
        return super().changelist_view(request, {"title": _("Deliveries")})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Try again now"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        number = deliveries.try_again(queryset)
        if not number:
            messages.warning(request, _("None of these mails failed: nothing was changed."))
            return
        told = ngettext(
            "%(number)s mail is sent again now.", "%(number)s mails are sent again now.", number
        )
        messages.success(request, told % {"number": number})

    # --- Columns -------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("recipient"), ordering="to__last_name")
    def addressee(self, delivery: Delivery) -> str:
        person = delivery.to
        if person is None:
            return delivery.address
        name = person.get_full_name() or person.get_username()
        return format_html('{} <span class="letter-facts">{}</span>', name, person.email)

    @admin.display(description=gettext_lazy("what it says"))
    def kind(self, delivery: Delivery) -> Any:
        is_open = getattr(delivery, "open", False)
        return deliveries.KINDS.get(delivery.what, delivery.what) if is_open else "–"

    @admin.display(description=gettext_lazy("letter"))
    def letter(self, delivery: Delivery) -> str:
        if delivery.event is None:
            return "–"
        if not getattr(delivery, "open", False):
            return _("a restricted letter")
        letter = delivery.event.letter
        page = reverse("admin:letters_letter_change", args=[letter.pk])
        return format_html('<a href="{}">{}</a>', page, letter.reference)

    @admin.display(description=gettext_lazy("state"))
    def stands(self, delivery: Delivery) -> Any:
        return STATES[state(delivery)]

    @admin.display(description=gettext_lazy("last error"))
    def problem(self, delivery: Delivery) -> str:
        return format_html('<bdi dir="ltr">{}</bdi>', delivery.error)
