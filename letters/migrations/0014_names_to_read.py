"""Everyone on the desk reads names and appointments; a drafter who adds a correspondent names them.

The groups of an office that is in use have these rights from here: they are not new, so that
`roles.make_groups` would take them for withheld.
"""

from django.conf import settings
from django.db import migrations

READ = ("view_correspondentname", "view_appointment")
ADD = ("add_correspondentname", "add_appointment")
GIVEN = {
    "Drafters": READ + ADD,
    "Approvers": READ,
    "Publishers": READ,
    "Administrators": READ,
}


def give(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    permission = apps.get_model("auth", "Permission")
    for name, codenames in GIVEN.items():
        there = permission.objects.filter(codename__in=codenames, content_type__app_label="letters")
        for one in group.objects.filter(name=name):
            one.permissions.add(*there)


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0013_unpublished_editions"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
