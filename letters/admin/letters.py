"""The desk's list of letters, and each letter's page: a hub from which its texts are reached."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.db.models import Prefetch, QuerySet
from django.db.models.expressions import RawSQL
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from letters import dates, search, workflow
from letters.admin import access, beginnings, fields, hub, pasting, reading, schedule, series
from letters.admin.filters import FILTERS, Letters, remembered
from letters.admin.forms import NewLetterForm
from letters.admin.hub import NAMES
from letters.digits import ascii_digits
from letters.models import Direction, Edition, Kind, Letter, Party, Role, Stage, State


@admin.register(Letter)
class LetterAdmin(admin.ModelAdmin):
    list_display = ["as_a_letter", "dated", "where_it_stands"]
    list_display_links = None  # the letter's own line is the link
    list_filter = FILTERS
    search_fields = ["reference"]  # the box is shown; get_search_results says what is searched
    search_help_text = gettext_lazy("Reference, headline or name")
    list_per_page = 30
    show_full_result_count = False
    actions = None
    change_list_template = "admin/letters/letter/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Letter]:
        editions = Edition.objects.in_brief().prefetch_related("parties").order_by("language")
        by: Any = request.user
        letters = Letter.objects.open_to(by)
        return letters.select_related("in_reply_to").prefetch_related(
            Prefetch("editions", editions), "withdrawals"
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Letter], search_term: str
    ) -> tuple[QuerySet[Letter], bool]:
        """By the beginning of a reference, or by words, each of which may be only begun.

        The words of published texts are indexed; the few others are looked through.
        """
        typed = search_term.replace("\0", "").strip()
        if not typed:
            return queryset, False
        found = Letter.objects.filter(reference__startswith=ascii_digits(typed)).values("pk")
        asked = search.Question.of(typed).begun()
        if asked.terms:
            there = connections[queryset.db].vendor
            published = RawSQL(*search.matching_any(there, asked, NAMES))  # noqa: S611
            by_index = Edition.objects.filter(pk__in=published, state=State.PUBLISHED)
            found = found.union(
                by_index.values("letter"),
                Edition.objects.unpublished().mentioning(typed.split()).values("letter"),
            )
        return queryset.filter(pk__in=found), False

    @admin.display(description=gettext_lazy("letter"), ordering="reference")
    def as_a_letter(self, letter: Letter) -> SafeString:
        return render_to_string("admin/letters/letter/as_a_letter.html", _as_known(letter))

    @admin.display(description=gettext_lazy("dated"))
    def dated(self, letter: Letter) -> Any:
        edition = reading.foremost(letter)
        return dates.day(edition.dated) if edition and edition.dated else None

    @admin.display(description=gettext_lazy("where it stands"))
    def where_it_stands(self, letter: Letter) -> SafeString:
        at = timezone.now()
        marks = []
        for edition in letter.editions.all():
            edition.letter = letter
            stage = edition.stage(at)
            if stage not in (Stage.DISCARDED, Stage.SUPERSEDED):
                marks.append((edition, stage))
        return render_to_string("admin/letters/letter/where_it_stands.html", {"marks": marks})

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Letters]:
        return Letters

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if query := remembered(request):
            return HttpResponseRedirect(f"?{query}")
        return super().changelist_view(request, {"title": _("Letters")})

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        # Nothing but the filters narrows the list: a column named in the address is refused.
        return lookup in {narrow.parameter_name for narrow in FILTERS}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("letters.change_edition")

    def has_change_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        def staff(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        return [
            path("paste/", staff(self.paste), name="letters_letter_paste"),
            path(
                "<int:pk>/translate/<str:language>/",
                staff(require_POST(self.translate)),
                name="letters_letter_translate",
            ),
            *access.urls(self.admin_site),
            *beginnings.urls(self.admin_site),
            *fields.urls(self.admin_site),
            *schedule.urls(self.admin_site),
            *series.urls(self.admin_site),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Begin a letter: only what must be known first, then straight to its text."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        reference = request.GET.get("in_reply_to", "").replace("\0", "")
        by: Any = request.user
        answered = Letter.objects.open_to(by).filter(reference=reference).first()
        initial = {}
        if answered is not None:
            received = answered.direction == Direction.RECEIVED
            initial = {
                "in_reply_to": answered.reference,
                "direction": Direction.SENT if received else Direction.RECEIVED,
                "kind": Kind.objects.filter(code="reply").first(),
            }
        data = request.POST if request.method == "POST" else None
        form = NewLetterForm(data, initial=initial, by=by)
        if request.method == "POST" and form.is_valid():
            chosen = form.cleaned_data
            if earlier := chosen.pop("repeats"):
                edition = beginnings.repeat(earlier, by=by, in_reply_to=chosen["in_reply_to"])[0]
            else:
                edition = workflow.start(
                    by=by,
                    direction=chosen["direction"],
                    language=chosen["language"],
                    in_reply_to=chosen["in_reply_to"],
                    facts={"kind": chosen["kind"], "letter_language": chosen["language"]},
                    parties=_answering(chosen["in_reply_to"], chosen["language"]),
                )
            return HttpResponseRedirect(reverse("admin:letters_edition_change", args=[edition.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("New letter"),
            "opts": self.opts,
            "form": form,
        }
        status = 400 if form.errors else 200
        return TemplateResponse(request, "admin/letters/letter/add.html", context, status=status)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The hub: no form, a line per language, and the letter's story."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        letter = self.get_object(request, object_id)
        if letter is None:
            raise Http404
        by: Any = request.user
        workflow.viewed(letter, by=by)
        at = timezone.now()
        drafts = by.has_perm("letters.change_edition")
        there = hub.lines(letter, by, at)
        known = {line.language for line in there}
        story, views = hub.story(letter)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Letter %(reference)s") % {"reference": letter.reference},
            "opts": self.opts,
            **_as_known(letter),
            "lines": there,
            "languages_to_add": [c for c in settings.LANGUAGES if drafts and c[0] not in known],
            "can_draft": drafts,
            "answers": hub.answered(letter, by),
            "replies": letter.replies.open_to(by),
            "readers": access.readers(letter) if letter.restricted else [],
            "may_restrict": access.may_restrict(by),
            "thread_form": beginnings.thread_form(letter, by),
            "events": story,
            "views": views,
            "now": at,
        }
        return TemplateResponse(request, "admin/letters/letter/hub.html", context)

    def translate(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """Begin the letter's text in another language, with the common facts copied."""
        letter = get_object_or_404(self.get_queryset(request), pk=pk)
        model = reading.foremost(letter)
        if model is None or language not in NAMES:
            return HttpResponseRedirect(reverse("admin:letters_letter_change", args=[pk]))
        try:
            edition = workflow.translate(model, language, by=request.user)  # type: ignore[arg-type]
        except workflow.NotAllowed:
            raise PermissionDenied from None
        except workflow.Refused as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(reverse("admin:letters_letter_change", args=[pk]))
        return HttpResponseRedirect(reverse("admin:letters_edition_change", args=[edition.pk]))

    def paste(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return pasting.paste(request, self.admin_site.each_context(request), self.opts)


def _as_known(letter: Letter) -> dict[str, Any]:
    """The edition a letter is known by, and from whom to whom it goes."""
    edition = reading.foremost(letter)
    parties = list(edition.parties.all()) if edition else []
    return {
        "letter": letter,
        "edition": edition,
        "senders": [party for party in parties if party.role == Role.SENDER],
        "addressees": [party for party in parties if party.role == Role.ADDRESSEE],
    }


def _answering(letter: Letter | None, language: str) -> list[Party]:
    """The parties of a reply: the other letter's sender and addressees, changed over."""
    edition = reading.foremost(letter) if letter else None
    if edition is None:
        return []
    swapped = {Role.SENDER: Role.ADDRESSEE, Role.ADDRESSEE: Role.SENDER}
    today = timezone.localdate()
    parties = []
    for party in edition.parties.select_related("correspondent"):
        if party.role in swapped:
            role = swapped[Role(party.role)]
            made = Party.of(party.correspondent, role, language, today, country=party.country)
            if party.correspondent is None and edition.language == language:
                made.name, made.title = party.name, party.title
            parties.append(made)
    return parties
