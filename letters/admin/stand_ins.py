"""Who is asked in place of an absent approver: each names their own, administrators anybody's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from letters import roles
from letters.admin import approvers
from letters.admin.fields import AS_TYPED
from letters.models import StandIn


class Approver(forms.ModelChoiceField):
    def label_from_instance(self, obj: User) -> str:
        return obj.get_full_name() or obj.get_username()


class StandInForm(forms.ModelForm):
    class Meta:
        model = StandIn
        fields = ["absent", "stand_in", "since", "until"]
        help_texts = {"until": gettext_lazy("The last day included.")}

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise forms.ValidationError(_("This day is past."))
        return until


@admin.register(StandIn)
class StandInAdmin(admin.ModelAdmin):
    form = StandInForm
    formfield_overrides = AS_TYPED
    list_display = ["away", "in_place", "since", "until"]
    list_display_links = ["away"]
    list_select_related = ["absent", "stand_in"]
    ordering = ["-until", "pk"]

    @admin.display(description=gettext_lazy("absent"))
    def away(self, row: StandIn) -> str:
        return row.absent.get_full_name() or row.absent.get_username()

    @admin.display(description=gettext_lazy("stand-in"))
    def in_place(self, row: StandIn) -> str:
        return row.stand_in.get_full_name() or row.stand_in.get_username()

    def get_queryset(self, request: HttpRequest) -> QuerySet[StandIn]:
        rows = super().get_queryset(request)
        return rows if self._keeps(request) else rows.filter(absent=request.user)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        names = ["absent", "stand_in", "since", "until"]
        return names if self._keeps(request) else names[1:]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Both are among those who may approve."""
        people = [person.pk for person in approvers.everyone()]
        kwargs["queryset"] = User.objects.filter(pk__in=people).order_by("first_name", "username")
        kwargs["form_class"] = Approver
        if db_field.name == "stand_in" and not self._keeps(request):
            kwargs["queryset"] = kwargs["queryset"].exclude(pk=request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in ("absent", "stand_in") and field is not None:
            field.widget = getattr(field.widget, "widget", field.widget)  # accounts are kept apart
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"since": timezone.localdate()}

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if self._keeps(request):
            return form

        class Own(form):  # type: ignore[misc, valid-type]
            """One's own absence: who is absent is known before the constraints are checked."""

            def __init__(self, *args: Any, **more: Any) -> None:
                super().__init__(*args, **more)
                self.instance.absent = request.user

        return Own

    # --- Who reaches it -----------------------------------------------------------------------

    def _keeps(self, request: HttpRequest) -> bool:
        return request.user.has_perm("letters.change_standin")

    def _may(self, request: HttpRequest, obj: StandIn | None) -> bool:
        if self._keeps(request):
            return True
        mine = obj is None or obj.absent_id == request.user.pk
        return mine and request.user.has_perm(roles.APPROVE)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, None)

    def has_view_permission(self, request: HttpRequest, obj: StandIn | None = None) -> bool:
        return self._may(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, None)

    def has_change_permission(self, request: HttpRequest, obj: StandIn | None = None) -> bool:
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: StandIn | None = None) -> bool:
        return self._may(request, obj)
