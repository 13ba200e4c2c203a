"""Publishing without approval: what its page asks for, and how often it happens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from letters.admin.moments import WhenForm
from letters.admin.verb_forms import VerbForm
from letters.models import Edition

YEAR = timedelta(days=365)


class EmergencyForm(WhenForm, VerbForm):
    reason = forms.CharField(
        label=_("Why it cannot wait for approval"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For colleagues. It stays in the record."),
    )
    field_order = ["version", "when", "moment", "reason"]

    def arguments(self) -> dict[str, Any]:
        return {"moment": self.cleaned_data["moment"], "reason": self.cleaned_data["reason"]}


def share(at: datetime) -> tuple[int, int]:
    """Of the texts that went live in the year before that moment: in an emergency, and in all."""
    counted = (
        Edition.objects.once_live(at)
        .filter(live_from__gt=at - YEAR)
        .aggregate(all=Count("pk"), unapproved=Count("pk", filter=~Q(emergency="")))
    )
    return counted["unapproved"], counted["all"]
