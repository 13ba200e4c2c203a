"""The words and phrases the office avoids, kept by administrators per language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin

from letters import markup
from letters.admin.names import LanguageFilter, PerLanguage
from letters.models import Phrase


class PhraseForm(forms.ModelForm):
    class Meta:
        model = Phrase
        fields = ["language", "phrase", "suggestion"]

    def clean(self) -> dict[str, Any]:
        """As it will be looked for: in any capitals, with one space between words."""
        cleaned = super().clean() or self.cleaned_data
        for name in {"phrase", "suggestion"} & cleaned.keys():
            cleaned[name] = " ".join(markup.plain(cleaned[name]).split())
        return cleaned


@admin.register(Phrase)
class PhraseAdmin(PerLanguage, admin.ModelAdmin):
    form = PhraseForm
    list_display = ["phrase", "suggestion", "language"]
    list_filter = [LanguageFilter]
    search_fields = ["phrase", "suggestion"]
