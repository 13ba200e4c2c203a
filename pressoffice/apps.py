from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.management import call_command
from django.db.models.signals import post_migrate


class HostConfig(AppConfig):
    name = "pressoffice"

    def ready(self) -> None:
        if not settings.PRESSOFFICE_DESK:
            return
        from allauth.mfa.signals import authenticator_added, authenticator_removed
        from django.contrib.auth.signals import user_logged_in

        from pressoffice import kept, signing_in

        # Once per migrate: this app has no models, and is told nothing itself.
        post_migrate.connect(make_cache_table, sender=apps.get_app_config("sessions"))
        authenticator_added.connect(signing_in.a_new_factor_was_used)
        authenticator_removed.connect(signing_in.a_factor_was_removed)
        user_logged_in.connect(kept.ones_own_alone)


def make_cache_table(*, using: str, **kwargs: Any) -> None:
    call_command("createcachetable", database=using, verbosity=0)
