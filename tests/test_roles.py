"""The groups of staff, across versions."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from letters import roles

pytestmark = pytest.mark.django_db


def codenames(group: str) -> set[str]:
    return set(Group.objects.get(name=group).permissions.values_list("codename", flat=True))


@pytest.mark.parametrize("group", roles.GROUPS)
def test_a_group_may_what_the_table_says(group):
    assert codenames(group) == {name.split(".")[1] for name in roles.GROUPS[group]}


def test_what_administrators_took_from_a_group_is_not_given_back():
    group = Group.objects.get(name="Publishers")
    group.permissions.remove(Permission.objects.get(codename="emergency_edition"))
    roles.make_groups(using="default")
    assert "emergency_edition" not in codenames("Publishers")


def test_a_permission_of_a_new_version_is_given_to_the_groups_that_are_there():
    Permission.objects.get(codename="emergency_edition").delete()
    roles.make_groups(using="default")
    assert "emergency_edition" in codenames("Publishers")
    assert "emergency_edition" not in codenames("Drafters")


def test_the_groups_of_an_office_in_use_read_names_and_drafters_give_them():
    named = {"view_correspondentname", "view_appointment"}
    added = {"add_correspondentname", "add_appointment"}
    for group in Group.objects.all():
        group.permissions.remove(*Permission.objects.filter(codename__in=named | added))
    roles.make_groups(using="default")
    assert not named & codenames("Approvers")
    import_module("letters.migrations.0014_names_to_read").give(apps, None)
    assert all(named <= codenames(name) for name in roles.GROUPS)
    assert added <= codenames("Drafters")
    assert not added & codenames("Approvers")
