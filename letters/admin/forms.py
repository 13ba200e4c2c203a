"""The forms in which a letter is begun and a draft's text is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import Max, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from tinymce.widgets import AdminTinyMCE

from letters import markup, record
from letters.admin.fields import DayField, DayInput, MomentField
from letters.digits import ascii_digits
from letters.models import (
    Correspondent,
    CountryName,
    Direction,
    Edition,
    Kind,
    Letter,
    Party,
    State,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class ReferenceField(forms.CharField):
    """A letter, named by its reference: one of all, or of those that a form puts in `among`."""

    among: QuerySet[Letter] | None = None

    def clean(self, value: Any) -> Letter | None:
        reference = ascii_digits(super().clean(value)).strip()
        if not reference:
            return None
        among = Letter.objects.all() if self.among is None else self.among
        letter = among.filter(reference=reference).first()
        if letter is None:
            raise forms.ValidationError(
                _("There is no letter %(reference)s."), params={"reference": reference}
            )
        return letter


class ThreadForm(forms.Form):
    """Which way a letter goes, and which one it answers."""

    direction = forms.ChoiceField(
        label=_("Direction"), choices=Direction.choices, widget=forms.RadioSelect, initial="sent"
    )
    in_reply_to = ReferenceField(
        label=_("Answers the letter"),
        required=False,
        help_text=_("Its reference, such as 2026-117. Leave empty when it answers none."),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, ReferenceField):
                field.among = Letter.objects.open_to(by)


class NewLetterForm(ThreadForm):
    language = forms.ChoiceField(label=_("First text in"), choices=settings.LANGUAGES)
    kind = forms.ModelChoiceField(Kind.objects.none(), label=_("Kind of letter"), required=False)
    repeats = ReferenceField(
        label=_("Start from the letter"),
        required=False,
        help_text=_(
            "The reference of an earlier one, such as last year's. Its direction, languages,"
            " texts, correspondents and files are copied; dates, embargo and approvals are not."
        ),
    )
    field_order = ["repeats", "direction", "language", "kind", "in_reply_to"]

    def clean_repeats(self) -> Letter | None:
        letter: Letter | None = self.cleaned_data["repeats"]
        if letter and not letter.editions.exclude(state=State.DISCARDED).exists():
            raise forms.ValidationError(_("All its texts were discarded."))
        return letter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = Kind.objects.named()  # type: ignore[attr-defined]


# How much of a text is shown in a list of search results.
SHOWN = {"headline": 60, "summary": 155}


class DraftForm(forms.ModelForm):
    """The text of an edition, and the consent of who wrote the letter, which is the letter's."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    consent = forms.CharField(
        label=_("Consent of the sender"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("How and when the sender agreed to publication. It is not published."),
    )
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
            "dated": DayInput,
            "first_published": DayInput,
        }
        field_classes = {"dated": DayField, "first_published": DayField}
        help_texts = {
            "headline": _("Search results show about 60 characters, a card about 110."),
            "summary": _(
                "One sentence: who writes to whom, and on what occasion. Search results show"
                " about 155 characters."
            ),
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
        if "consent" in self.fields:
            self.initial["consent"] = self.instance.letter.consent
        if "body" in self.fields:
            self.fields["body"].widget = AdminTinyMCE(
                content_language=language,
                mce_attrs={"iframe_aria_text": str(capfirst(self.fields["body"].label))},
            )
        for name in record.TEXTS:
            if isinstance(getattr(self.fields.get(name), "widget", None), TEXT_WIDGETS):
                self.fields[name].widget.attrs |= {"lang": language, "dir": self.instance.bidi}
        for name in SHOWN.keys() & self.fields.keys():
            self.fields[name].widget.attrs["data-shown"] = SHOWN[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in (*record.TEXTS, "not_placed", "consent"):
            if isinstance(cleaned.get(name), str):
                cleaned[name] = markup.plain(cleaned[name])
        return cleaned

    def clean_headline(self) -> str:
        return " ".join(self.cleaned_data["headline"].split())  # its field has lines, it has none

    def clean_body(self) -> str:
        return markup.clean(markup.as_html(self.cleaned_data["body"]))

    def changed_aside(self) -> set[str]:
        """What was changed of the fields that no reader sees, of which the digest knows nothing."""
        aside = {"not_placed", "consent"} & self.cleaned_data.keys()
        return {name for name in aside if self.cleaned_data[name] != self.initial[name]}


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
KEY = re.compile(r"[0-9]{1,18}")


class Bounded:
    """An inline of no more lines than anyone types: a crafted form may ask for thousands."""

    max_num: int | None = MOST

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        formset.absolute_max = MOST
        return formset


class LineFormSet(BaseInlineFormSet):
    """Lines of a draft, some of which may have been stored since the page was opened.

    A line that an autosave has stored carries its key from then on: it is one of those that are
    there, wherever it stands.
    """

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        if self.is_bound and i >= self.initial_form_count():
            key = str(self.data.get(f"{self.add_prefix(i)}-id", ""))
            stored = self._existing_object(int(key)) if KEY.fullmatch(key) else None  # type: ignore[attr-defined]
            if stored is not None:
                kwargs["instance"] = stored
        return super()._construct_form(i, **kwargs)  # type: ignore[misc]

    @property
    def initial_forms(self) -> list[Any]:
        return [form for form in self.forms if form.instance.pk]

    @property
    def extra_forms(self) -> list[Any]:
        return [form for form in self.forms if not form.instance.pk]

    def save_what_is_right(self) -> None:
        """Lines with an error, or marked to be deleted, stay as they are stored."""
        for form in self.forms:
            if form.errors or self._should_delete_form(form) or not form.has_changed():  # type: ignore[attr-defined]
                continue
            if form.instance.pk:
                self.save_existing(form, form.instance)
            else:
                self.save_new(form)


class PartyFormSet(LineFormSet):
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
