from typing import Any

from django.apps import AppConfig
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

# Words of the stock desk that Django has in neither Spanish nor Arabic.
STOCK = (
    gettext_noop("Run"),
    gettext_noop("Pagination %(name)s"),
    gettext_noop("Pagination %(name)s entries"),
)


class LettersConfig(AppConfig):
    name = "letters"
    verbose_name = _("Letters")

    def ready(self) -> None:
        from django.db.models import fields

        from letters import listing, roles
        from letters.models import public_reader, schema, triggers

        fields.BLANK_CHOICE_LABEL = "—"  # Django's own label is there in few languages
        pre_migrate.connect(schema.refuse_before_migrate, sender=self)
        pre_migrate.connect(triggers.remove_before_migrate, sender=self)
        pre_migrate.connect(public_reader.make_way_before_migrate, sender=self)
        post_migrate.connect(triggers.install_after_migrate, sender=self)
        post_migrate.connect(roles.make_groups, sender=self)
        post_migrate.connect(listing.rebuild_after_migrate, sender=self)
        post_migrate.connect(public_reader.grant_after_migrate, sender=self)


# Not in letters/admin: importing that registers models with the site, which must be there first.
class Desk(AdminSite):
    site_title = _("Press office")
    site_header = _("Press office desk")
    index_title = _("The desk")
    enable_nav_sidebar = False

    def get_urls(self) -> list[Any]:
        # The stock way to an object's public address asks no one whether it is open to them.
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        from letters.admin import front

        return super().index(request, front.context(request.user, timezone.now()))  # type: ignore[arg-type]


class DeskConfig(AdminConfig):
    default_site = "letters.apps.Desk"
