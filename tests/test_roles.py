"""The groups of staff, across versions."""

import pytest
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
