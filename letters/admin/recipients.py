"""The list of those to whom a draft goes as a letter each: typed in rows, or pasted as a table."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from letters import markup
from letters.models import CorrespondentName, CountryName, Edition, Party, Recipient, Role

MOST = 300
# Empty rows offered; "Save and add rows" offers as many again.
EXTRA = 3
COLUMNS = ("name", "title", "country", "salutation", "sentence")


@dataclass(frozen=True)
class Known:
    """Names that are known in the language of the text, asked for once for all rows."""

    countries: dict[str, str]  # by any of their names, and by code
    names: dict[str, str]  # of a country, by code
    people: dict[str, int | None]  # the correspondent of a name; None when several have it

    @classmethod
    def of(cls, edition: Edition) -> Known:
        language = edition.language
        here, there = CountryName.objects.choices(), CountryName.objects.choices(language)
        countries = {name.casefold(): code for code, name in [*here, *there]}
        countries |= {code.casefold(): code for code, _name in here}
        people: dict[str, int | None] = {}
        shown = CorrespondentName.objects.filter(language=language, is_display=True)
        for name, pk in shown.order_by("name").values_list("name", "correspondent"):
            people[name] = None if name in people else pk
        for to in addressees(edition):  # as they are in the text, by whatever code and name
            countries.setdefault(to.country.casefold(), to.country)
            if to.correspondent_id:
                people[to.name] = to.correspondent_id
        return cls(countries, dict(there), people)


def addressees(edition: Edition) -> list[Party]:
    return list(edition.parties.filter(role=Role.ADDRESSEE).select_related("correspondent"))


def left_out(edition: Edition, stored: list[Recipient]) -> list[str]:
    """To whom the text is addressed and, by the list that is stored, no letter goes."""
    listed = {recipient.name for recipient in stored}
    named = [to.name or str(to.correspondent) for to in addressees(edition)]
    return [name for name in named if stored and name not in listed]


class RecipientForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=300, required=False)
    country = forms.CharField(label=gettext_lazy("Country"), max_length=120, required=False)
    salutation = forms.CharField(label=gettext_lazy("Salutation"), max_length=300, required=False)
    sentence = forms.CharField(
        label=gettext_lazy("A sentence of its own"),
        max_length=2000,
        required=False,
        widget=forms.Textarea,
    )

    def __init__(self, *args: Any, known: Known, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in COLUMNS:
            if name in cleaned:
                cleaned[name] = markup.plain(cleaned[name])
        return cleaned

    def clean_country(self) -> str:
        typed = " ".join(self.cleaned_data["country"].split())
        if typed and typed.casefold() not in self.known.countries:
            raise forms.ValidationError(
                _("No country is called “%(name)s”. Give its name or its two letters."),
                params={"name": typed},
            )
        return self.known.countries.get(typed.casefold(), "")

    def recipient(self) -> Recipient:
        """Known by name: the correspondent's title and country are filled in on the letter."""
        made = Recipient(correspondent_id=self.known.people.get(self.cleaned_data["name"]))
        for name in COLUMNS:
            setattr(made, name, self.cleaned_data[name])
        return made


class Rows(BaseFormSet):
    """A row that was emptied, or marked to be taken off, is not one of the list any more."""

    def recipients(self) -> list[Recipient]:
        return [
            form.recipient()
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.empty_permitted = True  # in any row, not the new ones alone


def rows(data: Any, edition: Edition, known: Known, *, extra: int = EXTRA) -> Any:
    """The formset: what was posted, or else the list as it is stored.

    It begins with whom the text is addressed to already.
    """
    made = forms.formset_factory(
        RecipientForm,
        formset=Rows,
        extra=extra,
        can_delete=True,
        max_num=MOST,
        absolute_max=MOST,
        validate_max=True,
    )
    initial = [
        {name: getattr(recipient, name) for name in COLUMNS}
        | {"country": known.names.get(recipient.country, recipient.country)}
        for recipient in edition.recipients.all() or _present(edition)
    ]
    return made(data, initial=None if data else initial, prefix="to", form_kwargs={"known": known})


def _present(edition: Edition) -> list[Recipient]:
    return [
        Recipient(name=to.name, title=to.title, country=to.country) for to in addressees(edition)
    ]


def version(recipients: Iterable[Recipient]) -> str:
    """Of the list as somebody saw it: another when a row, or their order, is another."""
    lines = [recipient.line for recipient in recipients]
    return sha256(repr(lines).encode()).hexdigest()[:16]


class PasteForm(forms.Form):
    table = forms.CharField(
        label=gettext_lazy("Paste a table"),
        required=False,
        max_length=500_000,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Copied from a spreadsheet, or with semicolons or commas. The columns, in this order:"
            " name; title; country; salutation; sentence of its own. Only the name is needed."
        ),
    )


def pasted(text: str, known: Known) -> tuple[list[Recipient], list[str]]:
    """The recipients of a pasted table, and what is wrong with it, line by line."""
    found: list[Recipient] = []
    wrong: list[str] = []
    for line, cells in _lines(text):
        if cells is None:
            wrong.append(_("Line %(line)s: a quotation mark is not closed.") % {"line": line})
            continue
        if len(cells) > len(COLUMNS):
            wrong.append(
                _("Line %(line)s has %(n)s columns; at most five are read.")
                % {"line": line, "n": len(cells)}
            )
            continue
        form = RecipientForm(dict(zip(COLUMNS, cells, strict=False)), known=known)
        if form.is_valid():
            found.append(form.recipient())
        for name, errors in form.errors.items():
            where = {
                "line": line,
                "field": form.fields[name].label,
                "error": " ".join(map(str, errors)),
            }
            wrong.append(_("Line %(line)s, %(field)s: %(error)s") % where)
    return found, wrong


def _lines(text: str) -> Iterator[tuple[int, list[str] | None]]:
    """Each row with the line it begins in; empty rows and a heading are left out.

    A row that does not end is None, and the last.
    """
    text = markup.plain(text)
    first = next((line for line in text.split("\n") if re.search("[\t;,]", line)), "")
    separator = next((s for s in ("\t", ";") if s in first), ",")
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for row in reader:
            cells = [" ".join(cell.split()) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells and not (line == 1 and _is_heading(cells)):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        yield line, None


def _is_heading(cells: list[str]) -> bool:
    fields = RecipientForm.base_fields
    heads = {"name", "title", "country"} | {str(fields[name].label).casefold() for name in COLUMNS}
    return len(cells) > 1 and all(cell.casefold() in heads for cell in cells[:2])
