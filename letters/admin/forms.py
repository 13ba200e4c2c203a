"""The forms of the desk: a new letter, a draft's text, and what a verb asks for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminDateWidget, AdminSplitDateTime
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from tinymce.widgets import AdminTinyMCE

from letters import markup, record
from letters.models import (
    Correspondent,
    CountryName,
    Direction,
    Edition,
    Kind,
    Letter,
    Party,
    Withdrawal,
)


def zone_help() -> str:
    """Says beside a moment which time zone it is typed in."""
    now = timezone.localtime()
    return _("Time zone: %(zone)s (%(offset)s). It is now %(now)s there.") % {
        "zone": settings.TIME_ZONE,
        "offset": now.strftime("UTC%:z"),
        "now": now.strftime("%Y-%m-%d %H:%M"),
    }


class ReferenceField(forms.CharField):
    """A letter, named by its reference."""

    def clean(self, value: Any) -> Letter | None:
        reference = super().clean(value).strip()
        if not reference:
            return None
        letter = Letter.objects.filter(reference=reference).first()
        if letter is None:
            raise forms.ValidationError(
                _("There is no letter %(reference)s."), params={"reference": reference}
            )
        return letter


class NewLetterForm(forms.Form):
    direction = forms.ChoiceField(
        label=_("Direction"), choices=Direction.choices, widget=forms.RadioSelect, initial="sent"
    )
    language = forms.ChoiceField(label=_("First text in"), choices=settings.LANGUAGES)
    kind = forms.ModelChoiceField(Kind.objects.none(), label=_("Kind of letter"), required=False)
    in_reply_to = ReferenceField(
        label=_("Answers the letter"),
        required=False,
        help_text=_("Its reference, such as 2026-117. Leave empty when it answers none."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = Kind.objects.named()  # type: ignore[attr-defined]


class DraftForm(forms.ModelForm):
    version = forms.IntegerField(widget=forms.HiddenInput)
    letter_language = forms.ChoiceField(
        label=_("Language of the letter"),
        required=False,
        help_text=_("The language it was written in, which may not be that of this text."),
    )

    class Meta:
        model = Edition
        fields = [
            "kind",
            "headline",
            "summary",
            "form",
            "standing",
            "letter_language",
            "dated",
            "place",
            "salutation",
            "body",
            "closing",
            "notes",
            "press_contact",
            "first_published",
            "correction_note",
            "not_before",
            "not_placed",
        ]
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 3}),
            "closing": forms.Textarea(attrs={"rows": 2}),
            "notes": forms.Textarea(attrs={"rows": 3}),
            "press_contact": forms.Textarea(attrs={"rows": 3}),
            "correction_note": forms.Textarea(attrs={"rows": 3}),
            "not_placed": forms.Textarea(attrs={"rows": 6}),
            "dated": AdminDateWidget,
            "first_published": AdminDateWidget,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
        language = self.instance.language
        if "kind" in self.fields:
            self.fields["kind"].queryset = Kind.objects.named()  # type: ignore[attr-defined]
        if "letter_language" in self.fields:
            choices = [("", "—"), *settings.LANGUAGE_NAMES.items()]
            self.fields["letter_language"].choices = choices  # type: ignore[attr-defined]
        if "body" in self.fields:
            self.fields["body"].widget = AdminTinyMCE(content_language=language)
        if "not_before" in self.fields:
            self.fields["not_before"].help_text = zone_help()
        for name in ("headline", "summary", "salutation", "closing", "place", "notes"):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"lang": language, "dir": self.instance.bidi}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in record.TEXTS:
            if isinstance(cleaned.get(name), str):
                cleaned[name] = markup.plain(cleaned[name])
        return cleaned

    def clean_body(self) -> str:
        return markup.clean(markup.as_html(self.cleaned_data["body"]))


class PartyForm(forms.ModelForm):
    country = forms.ChoiceField(label=_("Country"), required=False)

    class Meta:
        model = Party
        fields = ["role", "correspondent", "name", "title", "country", "position"]
        widgets = {"position": forms.NumberInput(attrs={"class": "vSmallIntegerField"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "country" in self.fields:
            choices = [("", "—"), *CountryName.objects.choices()]
            self.fields["country"].choices = choices  # type: ignore[attr-defined]
        if "correspondent" in self.fields:
            people = Correspondent.objects.by_name()
            self.fields["correspondent"].queryset = people  # type: ignore[attr-defined]

    def save(self, commit: bool = True) -> Party:
        """What is left empty is taken from the appointment held on the letter's date."""
        party: Party = super().save(commit=False)
        edition = party.edition
        held = Party.of(
            party.correspondent, party.role, edition.language, edition.dated, country=party.country
        )
        party.name = markup.plain(party.name or held.name)
        party.title = markup.plain(party.title or held.title)
        party.country = party.country or held.country
        party.country_name = (
            CountryName.objects.name_of(party.country, edition.language) if party.country else ""
        )
        if commit:
            party.save()
        return party


# --- What each verb asks for --------------------------------------------------------------------


class VerbForm(forms.Form):
    """Every verb: the version the person saw. Its other fields are the verb's own arguments."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def arguments(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class RemarkForm(VerbForm):
    remark = forms.CharField(
        label=_("Remark"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For colleagues. It stays in the record."),
    )


class SendBackForm(VerbForm):
    remark = forms.CharField(
        label=_("What should be changed?"), widget=forms.Textarea(attrs={"rows": 4})
    )


class PublishForm(RemarkForm):
    when = forms.ChoiceField(
        label=_("When"),
        choices=[("now", _("Now")), ("moment", _("At this moment:"))],
        widget=forms.RadioSelect,
        initial="now",
    )
    moment = forms.SplitDateTimeField(label=_("Moment"), required=False, widget=AdminSplitDateTime)
    field_order = ["version", "when", "moment", "remark"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["moment"].help_text = zone_help()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("when") == "moment" and not cleaned.get("moment"):
            if "moment" not in self.errors:
                self.add_error("moment", _("Give the date and the time."))
        elif cleaned.get("when") == "now" and cleaned.get("moment"):
            self.add_error("when", _("You gave a moment, but chose “Now”. Which is it?"))
        return cleaned

    def arguments(self) -> dict[str, Any]:
        moment: datetime | None = self.cleaned_data["moment"]
        return {"moment": moment, "remark": self.cleaned_data["remark"]}


class WithdrawForm(VerbForm):
    kind = forms.ChoiceField(
        label=_("What becomes of the text"),
        choices=Withdrawal.Kind.choices,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Public reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everyone will read it on the letter's page."),
    )
    moved_to = ReferenceField(
        label=_("The other letter"),
        required=False,
        help_text=_("Only when it moved: the reference of the letter that takes its place."),
    )


VERB_FORMS: dict[str, type[VerbForm]] = {
    "submit": RemarkForm,
    "discard": RemarkForm,
    "approve": RemarkForm,
    "send_back": SendBackForm,
    "publish": PublishForm,
    "recall": RemarkForm,
    "correct": VerbForm,
    "withdraw": WithdrawForm,
    "restore": RemarkForm,
}
