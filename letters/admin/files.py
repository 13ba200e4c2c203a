"""The photographs and facsimiles of a draft, in its form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from letters.admin.fields import DayField, DayInput
from letters.admin.forms import Bounded, LineFormSet
from letters.files import Taken, take
from letters.models import Edition, File

MOST = 20


def files_at(edition: Edition) -> str:
    """Where the desk finds the files of an edition: a name follows."""
    return reverse("admin:letters_edition_file", args=[edition.pk, "-"])[:-1]


class FileForm(forms.ModelForm):
    """A file and what is said about it. What was uploaded is kept while the rest is put right."""

    upload = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
        help_text=_(
            "JPEG, PNG or WebP, and PDF for a facsimile, up to 20 MB. Where and with what it was"
            " taken is removed from it."
        ),
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = File
        fields = ["role", "alt", "caption", "credit", "focal_x", "focal_y", "expires"]
        widgets = {
            "alt": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            "caption": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            "credit": admin.widgets.AdminTextInputWidget(attrs={"dir": "auto"}),
            "expires": DayInput,
        }
        field_classes = {"expires": DayField}
        help_texts = {
            "alt": _("Say what there is to see, for those who do not see it."),
            "credit": _("Who took it, and whose it is."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self._hide("upload", "kept")
            if not self.instance.is_image:  # a PDF is a facsimile, and is shown whole
                self._hide("role", "focal_x", "focal_y")
        elif self.is_bound:
            self._say_it_is_kept()

    def _hide(self, *names: str) -> None:
        for name in names:
            self.fields[name].widget = forms.HiddenInput()
            self.fields[name].label = self.fields[name].help_text = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk is not None:
            return cleaned
        try:
            if cleaned.get("upload"):
                taken = take(cleaned["upload"], cleaned.get("role", ""))
                self._keep(taken, cleaned["upload"].name)
            elif cleaned.get("kept"):
                taken = Taken(*signing.loads(cleaned["kept"], salt=self._salt())[:-1])
            else:
                raise ValidationError(_("Choose a file."))
            for name, value in taken._asdict().items():
                setattr(self.instance, name, value)
        except signing.BadSignature:
            self.add_error("upload", _("Choose the file again."))
        except ValidationError as error:
            self.add_error("upload", error)
        return cleaned

    def _salt(self) -> str:
        return f"letters.files.{self.instance.edition_id}"

    def _keep(self, taken: Taken, name: str) -> None:
        """A browser does not fill a file in again: the form carries what was taken."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("kept")] = signing.dumps([*taken, name[:100]], salt=self._salt())
        self.data = data
        self._say_it_is_kept()

    def _say_it_is_kept(self) -> None:
        try:
            found = signing.loads(self.data.get(self.add_prefix("kept"), ""), salt=self._salt())
        except signing.BadSignature:
            return
        kept = gettext("%(name)s is kept. Choose another only to put it in its place.")
        self["upload"].help_text = kept % {"name": found[-1]}

    def save(self, commit: bool = True) -> File:
        file: File = super().save(commit=False)
        if file.pk is None:
            last = file.edition.files.aggregate(last=Max("position"))["last"]
            file.position = 0 if last is None else last + 1
        if commit:
            file.save()
        return file


class FileFormSet(LineFormSet):
    pass


class Files(Bounded, admin.StackedInline):
    model = File
    form = FileForm
    formset = FileFormSet
    max_num = MOST
    extra = 0
    fields = [
        "shown",
        ("role", "upload"),
        "kept",
        "alt",
        "caption",
        ("credit", "expires"),
        ("focal_x", "focal_y"),
    ]
    readonly_fields = ["shown"]
    verbose_name = _("photograph or facsimile")
    verbose_name_plural = _("Photographs and the signed original")

    @admin.display(description=_("As it is kept"))
    def shown(self, file: File) -> str:
        """The picture itself, on which the focal point is chosen; or a link to the PDF."""
        if file.pk is None:
            return ""
        at = files_at(file.edition) + file.name
        if not file.is_image:
            return format_html('<a href="{}">{}</a>', at, _("The signed original (PDF)"))
        return format_html(
            '<img class="file-shown" src="{}" width="{}" height="{}" alt="{}" loading="lazy">',
            files_at(file.edition) + file.small,
            file.width,
            file.height,
            file.alt,
        )

    def _is_open(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.is_draft) and request.user.has_perm("letters.change_edition")

    has_add_permission = has_change_permission = has_delete_permission = _is_open
    has_view_permission = _is_open
