"""The addresses of the public site (docs/design: they do not change)."""

from django.conf import settings
from django.urls import include, path, register_converter

from letters.digits import ascii_digits
from letters.models import OfficePage
from letters.public import (
    api,
    as_files,
    clearance,
    correspondents,
    feeds,
    files,
    machines,
    office,
    readiness,
    seals,
    suggesting,
    verify,
    views,
)


class Language:
    """One of the deployment's languages."""

    regex = "|".join(sorted((code for code, _name in settings.LANGUAGES), key=len, reverse=True))

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Slug:
    """The decoration at the end of a letter's address: words in any script."""

    regex = r"[-\w]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Reference(Slug):
    """Of a letter. What cannot be one is at no address, and is not looked for."""

    regex = "[0-9]{4}-[0-9]{1,9}"


class Typed(Slug):
    """A reference with the digits of any keyboard, at addresses that lead to the letter's own."""

    regex = r"\d{4}-\d{1,9}"

    def to_python(self, value: str) -> str:
        return ascii_digits(value)


class Name(Slug):
    """Of a country or file: nothing that a database or a disk would stumble over."""

    regex = r"[-\w.]{1,200}"


class Anything(Slug):
    """What is at no other address, a line break included."""

    regex = r"[\s\S]+"


class Stray(Slug):
    """What gets behind an address that is typed from paper, or copied from a sentence."""

    regex = r"[^-\w]{1,9}"


register_converter(Anything, "anything")
register_converter(Language, "language")
register_converter(Reference, "ref")
register_converter(Typed, "typed")
register_converter(Name, "name")
register_converter(Slug, "words")
register_converter(Stray, "stray")

pages = [
    path("", views.front, name="front"),
    path("letters/", views.archive, name="archive"),
    path("search/", views.search_page, name="search"),
    path("search/suggestions/", suggesting.suggestions, name="suggestions"),
    path("letters/<typed:reference>/", views.letter, name="letter-by-reference"),
    path("letters/<ref:reference>/files/<name:name>", files.file, name="letter-file"),
    path("letters/<ref:reference>/<words:slug>/", views.letter, name="letter"),
    path("letters/<ref:reference>/<words:slug>/letter.pdf", as_files.letter_pdf, name="letter-pdf"),
    path(
        "letters/<ref:reference>/<words:slug>/letter.txt",
        as_files.letter_text,
        name="letter-text",
    ),
    path(
        "letters/<ref:reference>/<words:slug>/letter.json",
        as_files.letter_json,
        name="letter-json",
    ),
    path("letters/<ref:reference>/<words:slug>/card.png", as_files.letter_card, name="letter-card"),
    path("letters/<ref:reference>/<words:slug>/editions/", views.editions, name="editions"),
    path(
        "letters/<ref:reference>/<words:slug>/editions/<int:number>/",
        views.edition,
        name="edition",
    ),
    path("correspondents/", correspondents.correspondents, name="correspondents"),
    path("correspondents/<slug:slug>/", correspondents.correspondent, name="correspondent"),
    path("countries/", correspondents.countries, name="countries"),
    path("countries/<name:code>/", correspondents.country, name="country"),
    path("record.atom", seals.seals, name="record"),
    path("verify/", verify.verify, name="verify"),
    path("feed.atom", feeds.atom, name="feed"),
    path("feed.json", feeds.json, name="feed-json"),
    *[
        path(f"{kind}/", office.office_page, {"kind": kind}, name=kind)
        for kind in OfficePage.Kind.values
    ],
]
if settings.PRESSOFFICE_DESK:  # answers to these are written down
    pages += [
        path("clearance/<name:token>/", clearance.clearance, name="clearance"),
        path("clearance/<name:token>/files/<name:name>", clearance.file, name="clearance-file"),
    ]

urlpatterns = [
    path("", views.choose_language, name="root"),
    path("<language:language>/", include(pages)),
    path("api/v1/", api.addresses()),
    path("r/<typed:reference>", views.short_link, name="short-link"),
    path("r/<typed:reference><stray:signs>", views.short_link, name="short-link-in-a-sentence"),
    path("emblem/<slug:digest>.webp", office.emblem, name="emblem"),
    path("portrait/<slug:digest>.webp", office.portrait, name="portrait"),
    path("office.css", office.colours, name="colours"),
    path("favicon.ico", machines.icon, name="icon"),
    path("robots.txt", machines.robots, name="robots"),
    path("humans.txt", machines.humans, name="humans"),
    path(".well-known/security.txt", machines.security, name="security"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path(".well-known/jwks.json", machines.jwks, name="jwks"),
    path("sitemap-pages.xml", machines.pages_sitemap, name="sitemap-pages"),
    path("sitemap-news.xml", machines.news_sitemap, name="sitemap-news"),
    path(
        "sitemap-<language:language>-<int:year>.xml",
        machines.letters_sitemap,
        name="sitemap-letters",
    ),
    path("healthz", machines.alive, name="healthz"),
    path("readyz", readiness.ready, name="readyz"),
]
