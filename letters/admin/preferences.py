"""“Mails”: each person's own choice of when mails come, and in which language."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from letters.models import Preferences


class PreferencesForm(forms.ModelForm):
    language = forms.ChoiceField(
        label=gettext_lazy("Language of mails"), choices=settings.LANGUAGES
    )
    mail = forms.ChoiceField(
        label=gettext_lazy("Mails come"),
        choices=Preferences.Mail.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Once a day: at 7 in the morning, what came since in one mail. Reminders and"
            " emergencies still come at once."
        ),
    )

    class Meta:
        model = Preferences
        fields = ["mail", "language"]


def page(request: HttpRequest) -> HttpResponse:
    """The person's own, and nobody else's."""
    there = Preferences.objects.filter(user=request.user.pk).first()
    mine = there or Preferences(user=request.user)  # type: ignore[misc]
    if mine.language not in dict(settings.LANGUAGES):
        mine.language = settings.LANGUAGE_CODE
    form = PreferencesForm(request.POST if request.method == "POST" else None, instance=mine)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved. It counts from the next mail on."))
        return HttpResponseRedirect(request.path)
    context = {
        **admin.site.each_context(request),
        "title": _("Mails"),
        "form": form,
    }
    status = 400 if form.errors else 200
    return TemplateResponse(request, "admin/letters/mails.html", context, status=status)
