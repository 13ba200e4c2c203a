"""“Paste a release”: the text, then its fields beside the source to correct, then the drafts."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.forms.formsets import BaseFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from letters import markup, workflow
from letters.admin.forms import MOST, DraftForm
from letters.importing import drafts
from letters.importing.release import Release, Unreadable, read
from letters.models import (
    Correspondent,
    CountryName,
    Direction,
    Edition,
    Party,
    Role,
)

LONGEST = 1_000_000
RECOGNISE = ("", gettext_lazy("Recognise it"))


class PasteForm(forms.Form):
    """The release as issued. A script puts what was copied as HTML beside its plain text."""

    source = forms.CharField(
        label=gettext_lazy("The release"),
        widget=forms.Textarea(attrs={"rows": 18, "dir": "auto"}),
        help_text=gettext_lazy("Everything you copied: headline, letter, signature and all."),
    )
    html = forms.CharField(required=False, widget=forms.HiddenInput)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=[RECOGNISE, *settings.LANGUAGES], required=False
    )

    class Media:
        js = ["paste.js"]

    def clean_source(self) -> str:
        source: str = self.cleaned_data["source"]
        if len(source) > LONGEST:
            raise forms.ValidationError(
                gettext_lazy("This is too long to be read: %(n)s characters, of at most %(most)s."),
                params={"n": f"{len(source):,}", "most": f"{LONGEST:,}"},
            )
        return source

    @property
    def text(self) -> str:
        """The HTML, unless it is too long: its plain text need not be."""
        html, source = self.cleaned_data["html"], self.cleaned_data["source"]
        text: str = html if 0 < len(html) <= LONGEST else source
        return text


class ReviewForm(DraftForm):
    """One letter of the release: the draft's own fields, and which way it went."""

    version = not_before = consent = None  # type: ignore[assignment]  # of the draft's form only
    direction = forms.ChoiceField(label=gettext_lazy("Direction"), choices=Direction.choices)

    class Meta(DraftForm.Meta):
        fields = [
            "kind",
            "headline",
            "summary",
            "dated",
            "place",
            "form",
            "letter_language",
            "salutation",
            "body",
            "closing",
            "not_placed",
        ]

    field_order = ["direction", *Meta.fields]


class ReviewPartyForm(forms.Form):
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=300, required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    correspondent = forms.ModelChoiceField(
        Correspondent.objects.none(), label=gettext_lazy("Known correspondent"), required=False
    )
    is_new = forms.BooleanField(label=gettext_lazy("Add to the correspondents"), required=False)

    def __init__(self, *args: Any, may_add: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_add:
            del self.fields["is_new"]
        country, person = self.fields["country"], self.fields["correspondent"]
        country.choices = [("", "—"), *CountryName.objects.choices()]  # type: ignore[attr-defined]
        person.queryset = Correspondent.objects.by_name()  # type: ignore[attr-defined]

    def party(self, language: str, day: date | None) -> Party:
        """As typed; what was left empty, as the correspondent is known on that day."""
        chosen = self.cleaned_data
        name, title = markup.plain(chosen["name"]), markup.plain(chosen["title"])
        person = chosen["correspondent"]
        if person is None and name and chosen.get("is_new"):
            # The letter before this one may have added the same person.
            person = drafts.person_called(name) or drafts.new_correspondent(name, language)
        party = Party.of(person, chosen["role"], language, day, country=chosen["country"])
        party.name, party.title = name or party.name, title or party.title
        if chosen["country"] != party.country and chosen["country"]:
            party.country = chosen["country"]
            party.country_name = CountryName.objects.name_of(party.country, language)
        return party


PartyForms = forms.formset_factory(ReviewPartyForm, extra=1, max_num=MOST, absolute_max=MOST)


class Review:
    """One letter found in a release, with the forms that correct it."""

    def __init__(self, place: int, release: Release, by: Any, data: Any = None) -> None:
        self.place, self.release, self.by = place, release, by
        edition = Edition(language=release.language)
        facts = drafts.facts_of(release)
        initial = {**facts, "direction": release.direction}
        prefix = f"letter-{place}"
        self.form = ReviewForm(data, instance=edition, initial=initial, prefix=prefix)
        parties = [
            {
                "role": party.role,
                "name": party.name,
                "title": party.title,
                "country": party.country,
                "correspondent": party.correspondent,
                "is_new": bool(party.name and not party.correspondent),
            }
            for party in drafts.parties_of(release)
        ]
        self.parties: BaseFormSet[ReviewPartyForm] = PartyForms(
            data,
            initial=parties,
            prefix=f"{prefix}-parties",
            form_kwargs={"may_add": by.has_perm("letters.add_correspondent")},
        )

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.parties.is_valid()])

    def save(self, source: str) -> Edition:
        facts = {name: self.form.cleaned_data[name] for name in ReviewForm.Meta.fields}
        language = self.release.language
        return workflow.start(
            by=self.by,
            direction=self.form.cleaned_data["direction"],
            language=language,
            source=source,
            facts=facts,
            parties=[
                form.party(language, facts["dated"])
                for form in self.parties
                if any(form.cleaned_data.get(k) for k in ("name", "title", "correspondent"))
            ],
        )


def paste(request: HttpRequest, context: dict[str, Any], opts: Any) -> HttpResponse:
    """Both steps: a first POST shows what was read, one with `save` makes the drafts."""
    form = PasteForm(request.POST if request.method == "POST" else None)
    context |= {"title": _("Paste a release"), "opts": opts, "form": form, "media": form.media}
    if request.method != "POST":
        return _ask(request, context)
    if not form.is_valid():
        return _ask(request, context, status=400)
    try:
        releases = read(form.text, known=drafts.known(), language=form.cleaned_data["language"])
    except Unreadable as error:
        form.add_error("source", str(error))
        return _ask(request, context, status=400)
    names = dict(settings.LANGUAGES)
    if foreign := [r.language for r in releases if r.language not in names]:
        message = _("This looks like a text in “%(language)s”. Choose one of the site's languages.")
        form.add_error("language", message % {"language": foreign[0]})
        return _ask(request, context, status=400)

    saving = "save" in request.POST
    data = request.POST if saving else None
    reviews = [
        Review(place, release, request.user, data)
        for place, release in enumerate(releases, start=1)
    ]
    if saving and min([review.is_valid() for review in reviews]):  # all forms say what is wrong
        return _save(request, reviews, form.text.encode())
    already = [
        letter
        for review in reviews
        if (letter := drafts.imported(drafts.source_of(form.text.encode(), review.place)))
        and letter.is_open_to(request.user)  # type: ignore[arg-type]
    ]
    context |= {
        "reviews": reviews,
        "already": already,
        "refused": saving,
        "media": form.media + reviews[0].form.media,
    }
    status = 400 if saving else 200
    return TemplateResponse(request, "admin/letters/letter/review.html", context, status=status)


def _ask(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return TemplateResponse(request, "admin/letters/letter/paste.html", context, status=status)


def _save(request: HttpRequest, reviews: list[Review], text: bytes) -> HttpResponse:
    made = []
    with transaction.atomic():
        for review in reviews:
            source = drafts.source_of(text, review.place)
            there = drafts.imported(source)
            if there is None:
                made.append(review.save(source))
            elif not there.is_open_to(request.user):  # type: ignore[arg-type]
                made.append(review.save(""))  # what is not open to them does not exist
    if len(made) == 1:
        messages.success(request, _("The draft is saved. Nothing of it is public."))
        return HttpResponseRedirect(reverse("admin:letters_edition_change", args=[made[0].pk]))
    references = ", ".join(edition.letter.reference for edition in made)
    if made:
        messages.success(request, _("Drafts saved: %(references)s.") % {"references": references})
    else:
        messages.warning(request, _("This release was imported already; nothing was added."))
    return HttpResponseRedirect(reverse("admin:letters_letter_changelist"))
