"""What a verb's page asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from letters import checks, dates, workflow
from letters.admin import approvers
from letters.admin.fields import MomentField
from letters.admin.forms import ReferenceField
from letters.models import Edition, Letter, StandIn, Submission, Withdrawal

if TYPE_CHECKING:
    from django.contrib.auth.models import Group, User

NOT_WHOLE = gettext_lazy("This form arrived incomplete. Open the page again.")


class VerbForm(forms.Form):
    """Every verb: the version the person saw. Its other fields are the verb's own arguments."""

    version = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": NOT_WHOLE, "invalid": NOT_WHOLE}
    )

    def arguments(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def others(self) -> list[Edition]:
        """Further texts the verb is for, in the same step."""
        return []

    def place(self, problem: checks.Problem) -> str | None:
        """The field of this form beside which a problem of the text is told, if it has one."""
        return None

    def seen(self, edition: Edition) -> None:
        """The page now shows the edition as it is: the next press is about that one."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data["version"], data["digest"] = edition.version, edition.digest
        self.data = data


class RemarkForm(VerbForm):
    remark = forms.CharField(
        label=gettext_lazy("Remark"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For colleagues. It stays in the record."),
    )


class DecisionForm(RemarkForm):
    """Approve, or send back: one remark and one press, about one digest."""

    use_required_attribute = False  # the same remark is needed for the one, not for the other
    digest = forms.CharField(widget=forms.HiddenInput, error_messages={"required": NOT_WHOLE})
    remark = forms.CharField(
        label=gettext_lazy("Reason or remark"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Needed when you send the text back: say what should be changed. It stays in the"
            " record."
        ),
    )

    def arguments(self) -> dict[str, Any]:
        return {"remark": self.cleaned_data["remark"]}


class SendBackForm(DecisionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["digest"].required = False
        self.fields["remark"].required = True
        self.fields["remark"].error_messages["required"] = _("Say what should be changed.")


class ReviewForm(DecisionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remark"].help_text = RemarkForm.base_fields["remark"].help_text


class SubmitForm(RemarkForm):
    asked = forms.ChoiceField(label=gettext_lazy("Who should approve it"), required=False)
    wanted_by = MomentField(label=gettext_lazy("Wanted by"))
    field_order = ["version", "asked", "wanted_by", "remark"]

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = approvers.of(edition)
        groups = approvers.groups()
        self._known: dict[str, tuple[str, User | Group]] = {
            **{f"person-{person.pk}": ("asked_of", person) for person in people},
            **{f"group-{group.pk}": ("asked_group", group) for group in groups},
        }
        away = approvers.away(people, timezone.localdate())
        self.fields["asked"].choices = [  # type: ignore[attr-defined]
            ("", _("Anyone who may approve it")),
            (_("A person"), [(f"person-{p.pk}", _called(p, away.get(p.pk))) for p in people]),
            (_("A group"), [(f"group-{group.pk}", _(group.name)) for group in groups]),
        ]

    @staticmethod
    def chosen(submission: Submission | None) -> str:
        """Whoever was asked the last time is proposed again."""
        if submission is None or not (submission.asked_of_id or submission.asked_group_id):
            return ""
        if submission.asked_of_id:
            return f"person-{submission.asked_of_id}"
        return f"group-{submission.asked_group_id}"

    def clean_wanted_by(self) -> Any:
        moment = self.cleaned_data["wanted_by"]
        if moment and moment <= timezone.now():
            raise forms.ValidationError(_("This moment is past."))
        return moment

    def arguments(self) -> dict[str, Any]:
        chosen = self._known.get(self.cleaned_data["asked"])
        return {
            "remark": self.cleaned_data["remark"],
            "wanted_by": self.cleaned_data["wanted_by"],
            **({chosen[0]: chosen[1]} if chosen else {}),
        }


def _called(person: User, absence: StandIn | None) -> str:
    name = person.get_full_name() or person.get_username()
    if absence is None:
        return name
    return _("%(name)s – away until %(day)s, %(stand_in)s stands in") % {
        "name": name,
        "day": dates.day(absence.until),
        "stand_in": absence.stand_in.get_full_name() or absence.stand_in.get_username(),
    }


class RedactionForm(VerbForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Name the law or the order, not the data: the reason stays in the record."
        ),
    )


class DropForm(VerbForm):
    remark = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Do not repeat the data: the reason stays in the record, and whoever asked reads it."
        ),
    )


class WithdrawForm(VerbForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("What becomes of the text"),
        choices=Withdrawal.Kind.choices,
        widget=forms.RadioSelect,
    )
    moved_to = ReferenceField(
        label=gettext_lazy("The other letter"),
        required=False,
        help_text=gettext_lazy(
            "Only when it moved: the reference of the letter that takes its place."
        ),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Public reason"),
        required=False,
        help_text=gettext_lazy("Everyone reads it at once on the letter's page."),
    )
    words = forms.CharField(
        label=gettext_lazy("In your own words"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "They take the place of the standard reason when another person has approved them."
            " Write them in the language of the letter's page."
        ),
    )
    field_order = ["version", "kind", "moved_to", "reason", "words"]

    def __init__(self, *args: Any, edition: Edition, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._standard = {
            kind: workflow.standard_reasons(edition.language, kind)
            for kind in Withdrawal.Kind.values
        }
        choices: list[Any] = [("", _("The standard reason"))]
        for kind, label in Withdrawal.Kind.choices:
            choices.append((capfirst(label), [(text, text) for text in self._standard[kind]]))
        self.fields["reason"].choices = choices  # type: ignore[attr-defined]
        field: Any = self.fields["moved_to"]
        public = Edition.objects.listed(timezone.now()).values("letter")
        field.among = Letter.objects.open_to(by) | Letter.objects.filter(pk__in=public)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        moved = cleaned.get("kind") == Withdrawal.Kind.MOVED
        if "moved_to" in cleaned and moved != (cleaned["moved_to"] is not None):
            self.add_error("moved_to", _("Name the letter it has moved to, and only then."))
        kind, reason = cleaned.get("kind"), cleaned.get("reason")
        if kind and reason and reason not in self._standard[kind]:
            self.add_error("reason", _("This reason is for another kind of withdrawal."))
        return cleaned
