"""What is there for crawlers and for whoever watches the service."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from letters import signing
from letters.models import Edition, triggers

# A sitemap holds at most this many addresses (sitemaps.org).
SITEMAP = 50_000


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    text = f"User-agent: *\nDisallow: /admin/\nDisallow: /*/clearance/\n\nSitemap: {sitemap}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    codes = [code for code, _name in settings.LANGUAGES]
    listed = Edition.objects.listed(timezone.now()).filter(language__in=codes).newest_first()
    context = {
        "root": request.build_absolute_uri("/").rstrip("/"),
        "editions": listed.in_brief()[:SITEMAP].iterator(),
    }
    return render(request, "sitemap.xml", context, content_type="application/xml")


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """The public keys, the retired ones too, as a JWK set (RFC 7517)."""
    response = JsonResponse(signing.keys())
    response["Content-Type"] = "application/jwk-set+json"
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether this process can serve: 503 with what is wrong when it cannot."""
    wrong = []
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            wrong.append("migrations are missing")
        if missing := triggers.missing(connection):
            wrong.append(f"triggers are missing: {', '.join(sorted(missing))}")
        signing.keys()
    except signing.NoKey as error:
        wrong.append(str(error))
    except DatabaseError:
        wrong.append("the database does not answer")
    return JsonResponse({"ready": not wrong, "wrong": wrong}, status=503 if wrong else 200)
