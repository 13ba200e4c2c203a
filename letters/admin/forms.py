"""The forms in which a letter is begun and a draft's text is written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminDateWidget, AdminSplitDateTime, AdminTextInputWidget
from django.db.models import Max
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property, lazy
from django.utils.translation import gettext_lazy as _
from tinymce.widgets import AdminTinyMCE

from letters import markup, record
from letters.models import Correspondent, CountryName, Direction, Edition, Kind, Letter, Party


def _zone_help() -> str:
    """Says beside a moment which time zone it is typed in."""
    now = timezone.localtime()
    return _("Time zone: %(zone)s (%(offset)s). It is now %(now)s there.") % {
        "zone": settings.TIME_ZONE,
        "offset": now.strftime("UTC%:z"),
        "now": now.strftime("%Y-%m-%d %H:%M"),
    }


zone_help = lazy(_zone_help, str)


class MomentField(forms.SplitDateTimeField):
    """A date and a time in the office's zone. One that was never there, or twice, is refused."""

    widget = AdminSplitDateTime
    YEARS = range(2000, 2101)  # others are slips of the keyboard; some have no moment in UTC

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, help_text=zone_help(), **kwargs)

    def compress(self, data_list: Any) -> datetime | None:
        moment: datetime | None = super().compress(data_list)
        if moment is not None and moment.year not in self.YEARS:
            raise forms.ValidationError(
                _("Give a year from %(first)s to %(last)s."),
                params={"first": str(self.YEARS[0]), "last": str(self.YEARS[-1])},
            )
        return moment


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
        choices=[("", "—"), *settings.LANGUAGE_NAMES.items()],
        help_text=_("The language it was written in, which may not be that of this text."),
    )
    not_before = MomentField(label=_("Embargo: not before"))

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
            "headline": forms.Textarea(attrs={"rows": 2}),
            "summary": forms.Textarea(attrs={"rows": 3}),
            "closing": forms.Textarea(attrs={"rows": 2}),
            "notes": forms.Textarea(attrs={"rows": 3}),
            "press_contact": forms.Textarea(attrs={"rows": 3}),
            "correction_note": forms.Textarea(attrs={"rows": 3}),
            "not_placed": forms.Textarea(attrs={"rows": 6}),
            "dated": AdminDateWidget,
            "first_published": AdminDateWidget,
        }
        help_texts = {
            "summary": _("One sentence: who writes to whom, and on what occasion."),
            "place": _("Where the letter was written."),
            "notes": _("Printed below the letter."),
            "correction_note": _("What this correction changes, and why. Everyone will read it."),
            "not_placed": _("For you only: it is not published. Empty it when nothing is missing."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
        language = self.instance.language
        if "kind" in self.fields:
            self.fields["kind"].queryset = Kind.objects.named()  # type: ignore[attr-defined]
        if "body" in self.fields:
            self.fields["body"].widget = AdminTinyMCE(content_language=language)
        for name in record.TEXTS:
            if isinstance(getattr(self.fields.get(name), "widget", None), TEXT_WIDGETS):
                self.fields[name].widget.attrs |= {"lang": language, "dir": self.instance.bidi}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in record.TEXTS:
            if isinstance(cleaned.get(name), str):
                cleaned[name] = markup.plain(cleaned[name])
        return cleaned

    def clean_headline(self) -> str:
        return " ".join(self.cleaned_data["headline"].split())  # its field has lines, it has none

    def clean_body(self) -> str:
        return markup.clean(markup.as_html(self.cleaned_data["body"]))


TEXT_WIDGETS = (forms.TextInput, forms.Textarea)


class PartyForm(forms.ModelForm):
    """A line of the letter's parties: as typed, and as the correspondent is known where not."""

    country = forms.ChoiceField(label=_("Country"), required=False)

    class Meta:
        model = Party
        fields = ["role", "correspondent", "name", "title", "country"]
        widgets = {
            "name": AdminTextInputWidget(attrs={"dir": "auto"}),
            "title": AdminTextInputWidget(attrs={"dir": "auto"}),
        }
        help_texts = {
            "name": _("Left empty: the correspondent's name in this language."),
            "title": _("Left empty: the title held on the date of the letter."),
        }

    def has_changed(self) -> bool:
        """A name or a title still empty may be known by now: the letter has got its date."""
        party = self.instance
        waiting = party.pk and party.correspondent_id and not (party.name and party.title)
        return bool(waiting) or super().has_changed()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.instance.pk and not (cleaned.get("name") or cleaned.get("correspondent")):
            self.add_error("name", _("Type a name, or choose a correspondent."))
        return cleaned

    def save(self, commit: bool = True) -> Party:
        """What is left empty is taken from the appointment held on the letter's date."""
        party: Party = super().save(commit=False)
        if party.pk is None:  # below those that are there
            last = party.edition.parties.aggregate(last=Max("position"))["last"]
            party.position = 0 if last is None else last + 1
        elif "correspondent" in self.changed_data:  # somebody else's name and title go with them
            for name in {"name", "title", "country"} - set(self.changed_data):
                setattr(party, name, "")
        language = party.edition.language
        held = Party.of(
            party.correspondent, party.role, language, party.edition.dated, country=party.country
        )
        party.name = markup.plain(party.name or held.name)
        party.title = markup.plain(party.title or held.title)
        party.country = party.country or held.country
        party.country_name = (
            CountryName.objects.name_of(party.country, language) if party.country else ""
        )
        if commit:
            party.save()
        return party


MOST = 40


class Bounded:
    """An inline of no more lines than anyone types: a crafted form may ask for thousands."""

    max_num: int | None = MOST

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        formset.absolute_max = MOST
        return formset


class PartyFormSet(BaseInlineFormSet):
    """Asks once, not once a line, for the countries and correspondents to choose from."""

    @cached_property
    def _countries(self) -> list[tuple[str, str]]:
        return [("", "—"), *CountryName.objects.choices()]

    @cached_property
    def _correspondents(self) -> list[tuple[Any, str]]:
        people = Correspondent.objects.by_name()
        return [("", "—"), *((person.pk, str(person)) for person in people)]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["correspondent"].widget.choices = self._correspondents
        form.fields["country"].choices = self._countries
        party = form.instance
        if party.country and party.country not in dict(self._countries):  # named no more: keep it
            form.fields["country"].choices += [(party.country, party.country_name or party.country)]
