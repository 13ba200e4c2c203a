"""The moment of a publication, chosen: now or later, and which texts appear in that instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language_info, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from letters import checks, dates, workflow
from letters.admin.fields import ZONES, MomentField
from letters.admin.ticking import in_lines, tick, ticked
from letters.admin.verb_forms import RemarkForm
from letters.models import Edition, State

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class WhenForm(forms.Form):
    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[("now", gettext_lazy("Now")), ("moment", gettext_lazy("At the moment below"))],
        widget=forms.RadioSelect,
        initial="now",
    )
    moment = MomentField(label=gettext_lazy("Moment"))

    def clean_moment(self) -> Any:
        moment = self.cleaned_data["moment"]
        if moment and moment < timezone.now() + workflow.LEAD:
            raise forms.ValidationError(_("This moment is past. Choose one to come, or “Now”."))
        return moment

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("when") == "moment" and not cleaned.get("moment"):
            if "moment" not in self.errors:
                self.add_error("moment", _("Give the date and the time."))
        elif cleaned.get("when") == "now" and cleaned.get("moment"):
            self.add_error("when", _("You gave a moment, but chose “Now”. Which is it?"))
        return cleaned


class PublishForm(WhenForm, RemarkForm):
    """Of one text, and of others ready to appear with it."""

    also = forms.MultipleChoiceField(
        label=gettext_lazy("Also publish at the same instant"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("All of them appear, or none."),
    )
    field_order = ["version", "when", "moment", "also", "remark"]

    def __init__(self, *args: Any, edition: Edition, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kin = Q(letter=edition.letter_id)
        if edition.letter.series_id:
            kin |= Q(letter__series=edition.letter.series_id)
        self._kin = Edition.objects.open_to(by).filter(kin).exclude(pk=edition.pk)
        ready = in_lines(self._kin.filter(state=State.APPROVED)).order_by("letter_id", "language")
        also = self.fields["also"]
        also.choices = [(tick(other), _named(other, edition)) for other in ready]  # type: ignore[attr-defined]
        also.valid_value = lambda _value: True  # type: ignore[attr-defined]  # the workflow says what is stale
        if not also.choices and not self.data.get("also"):  # type: ignore[attr-defined]
            del self.fields["also"]

    def clean_also(self) -> list[Edition]:
        try:
            return ticked(self.cleaned_data["also"], self._kin)
        except Http404:
            raise forms.ValidationError(
                _("One of these texts is not there any more. Open the page again.")
            ) from None

    def others(self) -> list[Edition]:
        found: list[Edition] = self.cleaned_data.get("also", [])
        return found

    def arguments(self) -> dict[str, Any]:
        return {"moment": self.cleaned_data["moment"], "remark": self.cleaned_data["remark"]}

    def place(self, problem: checks.Problem) -> str | None:
        return "moment" if self.cleaned_data["moment"] else "when"


def _named(other: Edition, edition: Edition) -> str:
    language = get_language_info(other.language)["name_translated"]
    if other.letter_id == edition.letter_id:
        return f"{language}: {other}"
    to = ", ".join(party.name for party in other.addressees)  # type: ignore[attr-defined]
    return f"{other.letter.reference} ({language}), {to}: {other}"


def proposed(*editions: Edition) -> dict[str, Any]:
    """What the form begins with: the moment planned, but not before any embargo, if to come."""
    moments = [
        moment
        for edition in editions
        for moment in (edition.planned_for, edition.not_before)
        if moment is not None
    ]
    latest = max(moments, default=None)
    if latest is None or latest < timezone.now() + workflow.LEAD:
        return {}
    return {"when": "moment", "moment": latest}


# --- Said when it is done -------------------------------------------------------------------------


def told_of(edition: Edition, language: str, *, at_once: bool) -> str:
    """That one text was published or scheduled, and for which moment."""
    text = (
        _("“%(headline)s” (%(language)s) is published. It is now live, since %(moment)s.")
        if at_once
        else _("“%(headline)s” (%(language)s) is now scheduled. It goes live on %(moment)s.")
    )
    moment = _in_all_zones(edition.live_from)
    return text % {"headline": edition, "language": language, "moment": moment}


def told_of_all(editions: list[Edition], *, at_once: bool) -> str:
    """The same of several, which have one moment."""
    n = len(editions)
    text = (
        ngettext(
            "%(n)s text is published. It is now live, since %(moment)s.",
            "%(n)s texts are published. They are now live, since %(moment)s.",
            n,
        )
        if at_once
        else ngettext(
            "%(n)s text is now scheduled. It goes live on %(moment)s.",
            "%(n)s texts are now scheduled. They go live on %(moment)s.",
            n,
        )
    )
    return text % {"n": n, "moment": _in_all_zones(editions[0].live_from)}


def _in_all_zones(moment: Any) -> str:
    """In words, in the zone of the office and then those of its readers."""
    elsewhere = "; ".join(f"{zone}: {dates.in_words(moment, ZoneInfo(zone))}" for zone in ZONES[1:])
    return f"{dates.in_words(moment)} ({elsewhere})" if elsewhere else dates.in_words(moment)
