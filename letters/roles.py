"""The four groups of staff, made on migrate, and what each may do."""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext_noop

DRAFT = "letters.change_edition"
APPROVE = "letters.approve_edition"
PUBLISH = "letters.publish_edition"
EMERGENCY = "letters.emergency_edition"
RESTRICT = "letters.restrict_edition"
REDACT = "letters.redact_edition"

# Who checks a letter reads the names and titles of those it names.
READ = {
    f"letters.view_{model}"
    for model in (
        "letter",
        "edition",
        "event",
        "correspondent",
        "correspondentname",
        "appointment",
        "kind",
    )
}
# Whoever adds a correspondent says at once who it is.
NEW_CORRESPONDENT = {
    f"letters.add_{model}" for model in ("correspondent", "correspondentname", "appointment")
}
KEEP = {
    f"letters.{action}_{model}"
    for action in ("add", "change", "delete", "view")
    for model in (
        "correspondent",
        "correspondentname",
        "appointment",
        "appointmenttitle",
        "countryname",
        "kind",
        "kindname",
        "office",
        "officepage",
        "noticebar",
        "appearance",
        "phrase",
        "sentence",
        "standin",
    )
} | {f"auth.{action}_user" for action in ("add", "change", "view")}

GROUPS = {
    gettext_noop("Drafters"): READ | NEW_CORRESPONDENT | {DRAFT},
    gettext_noop("Approvers"): READ | {DRAFT, APPROVE, REDACT, "letters.view_sentence"},
    gettext_noop("Publishers"): READ | {PUBLISH, EMERGENCY},
    gettext_noop("Administrators"): READ
    | KEEP
    | {RESTRICT, REDACT, "auth.view_group", "letters.view_delivery"},
}


def make_groups(*, using: str, **kwargs: Any) -> None:
    """Make the groups once; what administrators change in them afterwards stays.

    A permission that is new with this version is given to the groups that are there already.
    """
    known = list(Permission.objects.using(using).values_list("pk", flat=True))
    for label in ("auth", "letters"):  # permissions may not be made yet: same signal
        create_permissions(apps.get_app_config(label), using=using, verbosity=0)
    for name, wanted in GROUPS.items():
        group, made = Group.objects.using(using).get_or_create(name=name)
        codenames = {permission.split(".")[1] for permission in wanted}
        granted = Permission.objects.using(using).filter(
            codename__in=codenames, content_type__app_label__in=("letters", "auth")
        )
        group.permissions.add(*(granted if made else granted.exclude(pk__in=known)))
