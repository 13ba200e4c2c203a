"""What is there for crawlers, and for other machines that read the site."""

from datetime import date, timedelta

from django.conf import settings
from django.db.models import Max
from django.db.models.functions import ExtractYear
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from letters import signing
from letters.models import Correspondent, Edition, Listing, Office, OfficePage
from letters.models.listing import CORRESPONDENT, COUNTRY, EVERY, ListingQuerySet
from letters.public.caching import public
from letters.public.choices import letters_of_each
from letters.public.reading import LANGUAGES, absolute

# A sitemap holds at most this many addresses (sitemaps.org).
SITEMAP = 50_000
NEWS_SITEMAP = 1000
NEWS = timedelta(days=2)


@require_safe
@public
def robots(request: HttpRequest) -> HttpResponse:
    sitemap = absolute(reverse("sitemap"))
    text = f"User-agent: *\nDisallow: /admin/\nDisallow: /*/clearance/\n\nSitemap: {sitemap}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """For browsers and feed readers that ask for this whatever a page says."""
    return HttpResponseRedirect(static("favicon.ico"), headers={"Cache-Control": "max-age=86400"})


@require_safe
@public
def sitemap(request: HttpRequest) -> HttpResponse:
    """The index of the others: pages, the news, and letters by language and year."""
    listed = Listing.objects.listed(timezone.now()).filter(facet=EVERY, language__in=LANGUAGES)
    years = listed.values("language", year=ExtractYear("dated")).annotate(last=Max("since"))
    context = {"root": settings.PRESSOFFICE_SITE_URL, "years": years.order_by("language", "-year")}
    return render(request, "sitemap_index.xml", context, content_type="application/xml")


@require_safe
@public
def letters_sitemap(request: HttpRequest, language: str, year: int) -> HttpResponse:
    if not 1 <= year <= 9999:
        raise Http404
    listed = Listing.objects.listed(timezone.now()).under(language)
    found = listed.filter(dated__range=(date(year, 1, 1), date(year, 12, 31)))
    return _letters(request, "sitemap.xml", found.newest_first(), SITEMAP)


@require_safe
@public
def news_sitemap(request: HttpRequest) -> HttpResponse:
    """What was first public in the last two days, as the makers of news searches ask for it."""
    at = timezone.now()
    new = Edition.objects.first_public_after(at - NEWS).values("pk")
    listed = Listing.objects.listed(at).filter(facet=EVERY, language__in=LANGUAGES, edition__in=new)
    return _letters(request, "sitemap_news.xml", listed.last_listed_first(), NEWS_SITEMAP)


def _letters(request: HttpRequest, template: str, rows: ListingQuerySet, most: int) -> HttpResponse:
    found = dict(rows.values_list("edition", "since")[:most])
    editions = Edition.objects.filter(pk__in=rows.values("edition")[:most]).with_beginning()
    lines = [
        {"edition": edition, "since": found[edition.pk]}
        for edition in editions.select_related("letter")
        .only("language", "headline", "letter__reference", "first_published")
        .newest_first()
    ]
    offices = dict(Office.objects.values_list("language", "name"))
    context = {"root": settings.PRESSOFFICE_SITE_URL, "lines": lines, "offices": offices}
    return render(request, template, context, content_type="application/xml")


@require_safe
@public
def pages_sitemap(request: HttpRequest) -> HttpResponse:
    """The pages that lead to letters, in each language where they have any."""
    at = timezone.now()
    addresses = []
    pages = OfficePage.objects.filter(language__in=LANGUAGES).order_by("kind")
    for office_page in pages.defer("body"):
        addresses.append(office_page.get_absolute_url())
    people = dict(Correspondent.objects.values_list("pk", "slug"))
    for language in LANGUAGES:
        for name in ("front", "archive", "correspondents", "countries"):
            addresses.append(reverse(name, args=[language]))
        for code in sorted(letters_of_each(COUNTRY, language, at)):
            addresses.append(reverse("country", args=[language, code]))
        for pk in letters_of_each(CORRESPONDENT, language, at):
            addresses.append(reverse("correspondent", args=[language, people[int(pk)]]))
    context = {"root": settings.PRESSOFFICE_SITE_URL, "addresses": addresses[:SITEMAP]}
    return render(request, "sitemap_pages.xml", context, content_type="application/xml")


@require_safe
@public
def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a hole in this site (RFC 9116)."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.PRESSOFFICE_SECURITY_CONTACT}",
        f"Expires: {(today + timedelta(days=180)).isoformat()}",
        f"Preferred-Languages: {', '.join(LANGUAGES)}",
        f"Canonical: {absolute(request.path)}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@public
def humans(request: HttpRequest) -> HttpResponse:
    """Who is behind the site, for people who look there."""
    offices = {office.language: office for office in Office.objects.all()}
    lines = []
    for language in LANGUAGES:
        if office := offices.get(language):
            lines += [str(office.name), office.press_contact, ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@public
def jwks(request: HttpRequest) -> HttpResponse:
    """The public keys, the retired ones too, as a JWK set (RFC 7517)."""
    response = JsonResponse(signing.keys())
    response["Content-Type"] = "application/jwk-set+json"
    return response


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})
