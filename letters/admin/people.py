"""Who works at the desk: invited by mail, put into groups, shut out. Never deleted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, count
from typing import Any

from allauth.account import admin as _account_admin
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa import admin as _mfa_admin
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as _sessions_admin
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import admin as _auth_admin
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from letters import roles
from letters.admin.asking_again import ask_again, recently_signed_in
from letters.models import Office

# These modules register what the desk shows in its own way, or not at all.
_stock = [_auth_admin, _account_admin, _mfa_admin, _sessions_admin]
for _model in (User, Group, EmailAddress, Authenticator, UserSession):
    admin.site.unregister(_model)

OURS = Q(name__in=roles.GROUPS)


def invite(person: User) -> None:
    """Mail a link, good once and for some days, with which the person chooses a password."""
    token = default_token_generator.make_token(person)
    address = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(person), token])
    office = Office.objects.filter(language=settings.LANGUAGE_CODE).first()
    context = {
        "person": person,
        "office": office.name if office else admin.site.site_header,
        "link": f"{settings.PRESSOFFICE_SITE_URL}{address}",
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
    }
    mail = EmailMultiAlternatives(
        subject=render_to_string("mail/invitation_subject.txt", context).strip(),
        body=render_to_string("mail/invitation.txt", context),
        to=[person.email],
    )
    mail.attach_alternative(render_to_string("mail/invitation.html", context), "text/html")
    mail.send()


def end_sessions(person: User) -> None:
    """Sign the person out everywhere. Only staff have sessions: there are few to look through."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()):
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()
    UserSession.objects.filter(user=person).delete()


def remove_second_factor(person: User) -> None:
    """For a lost phone. The person sets up another before they see the desk again."""
    Authenticator.objects.filter(user=person).delete()
    end_sessions(person)


class GroupsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Group) -> str:
        return _(obj.name)


class PersonForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["first_name", "last_name", "email", "username", "groups"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"first_name", "last_name", "email"} & self.fields.keys():
            self.fields[name].required = True

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        others = User.objects.exclude(pk=self.instance.pk)
        if others.filter(Q(email__iexact=email) | Q(username__iexact=email)).exists():
            raise forms.ValidationError(_("Somebody has this address already."))
        return email

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"])
        others = User.objects.exclude(pk=self.instance.pk)
        if others.filter(Q(email__iexact=username) | Q(username__iexact=username)).exists():
            raise forms.ValidationError(_("Somebody has this user name already."))
        return username


def _new_username(email: str) -> str:
    """Made from the address; it can be changed, and the address signs in as well."""
    name = slugify(email.partition("@")[0].replace(".", "-"))[:140] or "person"
    users = User.objects.filter(username__istartswith=name).values_list("username", flat=True)
    taken = {username.lower() for username in users}
    return next(n for n in chain([name], (f"{name}{i}" for i in count(2))) if n not in taken)


# What an administrator can do to an account: its button, what happens, and how it is told.
STEPS: dict[str, tuple[Any, Any, Any, Callable[[User], None]]] = {
    "invite": (
        gettext_lazy("Send the invitation"),
        gettext_lazy(
            "They get a mail with a link to choose a password. It works once, and for three days."
        ),
        gettext_lazy("The invitation is sent to %(email)s."),
        invite,
    ),
    "end-sessions": (
        gettext_lazy("End all sessions"),
        gettext_lazy("They are signed out on every device, and can sign in again."),
        gettext_lazy("%(name)s is signed out everywhere."),
        end_sessions,
    ),
    "remove-second-factor": (
        gettext_lazy("Remove the second factor"),
        gettext_lazy(
            "For a lost phone. Be sure that it is really them who asks. Their authenticator app,"
            " passkeys and recovery codes stop working, they are signed out everywhere, and set"
            " up a new second factor when they sign in."
        ),
        gettext_lazy("%(name)s has no second factor any more, and is signed out everywhere."),
        remove_second_factor,
    ),
}


class GroupFilter(admin.RelatedFieldListFilter):
    def field_choices(self, *args: Any) -> list[tuple[str, Any]]:
        return [(key, _(str(name))) for key, name in super().field_choices(*args)]


class PersonAdmin(admin.ModelAdmin):
    form = PersonForm
    list_display = ["name", "username", "email", "in_groups", "factor", "last_login", "is_active"]
    list_filter = ["is_active", ("groups", GroupFilter)]
    list_display_links = ["name"]
    search_fields = ["first_name", "last_name", "username", "email"]
    ordering = ["last_name", "first_name", "username"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = Authenticator.objects.filter(user=OuterRef("pk"))
        people: QuerySet[User] = super().get_queryset(request).prefetch_related("groups")
        return people.annotate(factor=Exists(factors))

    @admin.display(description=gettext_lazy("name"), ordering="last_name")
    def name(self, person: User) -> str:
        return person.get_full_name() or person.username

    @admin.display(description=gettext_lazy("groups"))
    def in_groups(self, person: User) -> str:
        return ", ".join(_(group.name) for group in person.groups.all())

    @admin.display(description=gettext_lazy("second factor"), boolean=True, ordering="factor")
    def factor(self, person: User) -> bool:
        return bool(getattr(person, "factor", False))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        who: list[Any] = [("first_name", "last_name"), "email"]
        if obj is None:
            return [(None, {"fields": [*who, "groups"]})]
        may = ["groups", "is_active"]
        if request.user.is_superuser:
            may += ["is_staff", "is_superuser"]
        seen = ["factor", "last_login", "date_joined"]
        return [
            (None, {"fields": [*who, "username"]}),
            (pgettext_lazy("of a person", "At the desk"), {"fields": may}),
            (gettext_lazy("Signing in"), {"fields": seen}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        seen = ["factor", "last_login", "date_joined"]
        if obj is not None and obj == request.user:
            # Nobody raises or locks out themselves; another administrator can.
            return [*seen, "groups", "is_active", "is_staff", "is_superuser"]
        return seen

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        groups = Group.objects.order_by("pk")
        return GroupsField(
            queryset=groups if request.user.is_superuser else groups.filter(OURS),
            widget=forms.CheckboxSelectMultiple,
            required=False,
            label=_("Groups"),
            help_text=_("Someone in no group can read nothing."),
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "is_active" and field is not None:
            field.help_text = _("Without this mark they cannot sign in. What they did stays.")
        return field

    # --- Who may -------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and (
            obj is None or _within_reach(request.user, obj)  # type: ignore[arg-type]
        )

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # the record names them

    # --- Saving --------------------------------------------------------------------------------

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.has_change_permission(request) and not recently_signed_in(request):
            ask_again(request)
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.username = _new_username(obj.email)
            obj.is_staff = True
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            # allauth's own copy of the former address would still receive links to this account.
            EmailAddress.objects.filter(user=obj).delete()
        if change and not obj.is_active:
            end_sessions(obj)

    def response_add(self, request: HttpRequest, obj: User, *args: Any) -> HttpResponse:
        transaction.on_commit(lambda: self._take(request, obj, "invite"))
        return HttpResponseRedirect(reverse("admin:auth_user_changelist"))

    # --- The steps -----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        step = self.admin_site.admin_view(self.step)
        return [path("<int:pk>/do/<slug:step>/", step, name="auth_user_step"), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kw: Any) -> Any:
        person = self.get_object(request, object_id)
        steps = []
        if person is not None and self.has_change_permission(request, person):
            steps = [(step, STEPS[step][0]) for step in _steps(request.user, person)]  # type: ignore[arg-type]
        kw["extra_context"] = {**(kw.get("extra_context") or {}), "steps": steps}
        return super().change_view(request, object_id, *args, **kw)

    def step(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        """A step to take with an account: a page that says what happens, and one button."""
        person = self.get_object(request, str(pk))
        if (
            person is None
            or not self.has_change_permission(request, person)
            or step not in _steps(request.user, person)  # type: ignore[arg-type]
        ):
            raise Http404
        if not recently_signed_in(request):
            ask_again(request)
        if request.method == "POST":
            self._take(request, person, step)
            return HttpResponseRedirect(reverse("admin:auth_user_change", args=[pk]))
        label, what_happens, _done, _do = STEPS[step]
        context = {
            **self.admin_site.each_context(request),
            "title": label,
            "subtitle": person.get_full_name(),
            "person": person,
            "what_happens": what_happens,
        }
        return TemplateResponse(request, "admin/auth/user/step.html", context)

    def _take(self, request: HttpRequest, person: User, step: str) -> None:
        label, _what, done, do = STEPS[step]
        try:
            do(person)
        except OSError:  # which those of mail servers are as well
            told = _("The mail to %(email)s could not be sent. Try again from the person's page.")
            messages.error(request, told % {"email": person.email})
            return
        self.log_change(request, person, str(label))
        told = str(done) % {"email": person.email, "name": person.get_full_name()}
        messages.success(request, told)


def _within_reach(who: User, person: User) -> bool:
    """An administrator keeps the accounts of the four groups, and none with other rights."""
    if who.is_superuser:
        return True
    beyond = person.groups.exclude(OURS).exists() or person.user_permissions.exists()
    return not (person.is_superuser or beyond)


def _steps(who: User, person: User) -> list[str]:
    if who == person:
        return []  # one's own are on “Your account”
    steps = ["end-sessions"]
    if person.is_active and person.email and not person.has_usable_password():
        steps.insert(0, "invite")
    if Authenticator.objects.filter(user=person).exists():
        steps.append("remove-second-factor")
    return steps


@admin.register(Group)
class GroupAdmin(admin.ModelAdmin):
    """What each group may do, to read."""

    fields = ["name", "permissions"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return False


admin.site.register(User, PersonAdmin)
