"""The desk's list of letters, and each letter's page: a hub from which its texts are reached."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
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

from letters import workflow
from letters.admin import pasting
from letters.admin.forms import NewLetterForm
from letters.models import Direction, Edition, Kind, Letter, Party, Role, Stage, State, Withdrawal
from letters.models.edition import IN_PROGRESS

NAMES = dict(settings.LANGUAGES)


class Line(NamedTuple):
    """One language of a letter, as the hub shows it."""

    language: str
    name: str
    public: Edition | None  # what the public reads, or would but for a withdrawal
    coming: Edition | None  # in progress or scheduled
    stages: dict[int, Stage]
    withdrawal: Withdrawal | None
    past: list[Edition]
    verbs: list[tuple[Edition, str, Any]]


def lines(letter: Letter, by: Any, at: datetime) -> list[Line]:
    """A line for each language the letter has, in the deployment's order."""
    found: dict[str, list[Edition]] = {}
    for edition in sorted(letter.editions.all(), key=lambda e: -e.number):
        edition.letter = letter  # which has the withdrawals
        if edition.state != State.DISCARDED:
            found.setdefault(edition.language, []).append(edition)
    order = list(NAMES)
    made = []
    for language in sorted(found, key=lambda c: order.index(c) if c in order else len(order)):
        editions = found[language]
        stages = {edition.pk: edition.stage(at) for edition in editions}
        shown = (Stage.LIVE, Stage.WITHDRAWN)
        made.append(
            Line(
                language=language,
                name=NAMES.get(language, language),
                public=next((e for e in editions if stages[e.pk] in shown), None),
                coming=next(
                    (
                        e
                        for e in editions
                        if e.state in IN_PROGRESS or stages[e.pk] == Stage.SCHEDULED
                    ),
                    None,
                ),
                stages=stages,
                withdrawal=letter.withdrawal(language, at),
                past=[e for e in editions if stages[e.pk] == Stage.SUPERSEDED],
                verbs=[
                    (edition, verb, workflow.TRANSITIONS[verb].label)
                    for edition in editions
                    for verb in workflow.open_verbs(edition, by=by, at=at)
                ],
            )
        )
    return made


class StageFilter(admin.SimpleListFilter):
    """Where a letter stands, in any of its languages."""

    title = gettext_lazy("where it stands")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(stage.value, stage.label) for stage in Stage]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        stage = self.value()
        if stage not in Stage.values:
            return queryset
        at = timezone.now()
        editions = {
            Stage.SCHEDULED: Edition.objects.filter(live_from__gt=at),
            Stage.LIVE: Edition.objects.listed(at),
            Stage.WITHDRAWN: Edition.objects.live(at).exclude(
                pk__in=Edition.objects.listed(at).values("pk")
            ),
            Stage.SUPERSEDED: Edition.objects.filter(live_until__lte=at),
        }.get(Stage(stage), Edition.objects.filter(state=stage))
        return queryset.filter(pk__in=editions.values("letter"))


class KindFilter(admin.SimpleListFilter):
    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.code, str(kind)) for kind in Kind.objects.named()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        if not self.value():
            return queryset
        return queryset.filter(
            pk__in=Edition.objects.filter(kind__code=self.value()).values("letter")
        )


@admin.register(Letter)
class LetterAdmin(admin.ModelAdmin):
    list_display = ["as_a_letter", "dated", "where_it_stands"]
    list_filter = [StageFilter, KindFilter, "direction", "editions__language"]
    search_fields = ["reference", "editions__headline", "editions__parties__name"]
    search_help_text = gettext_lazy("Reference, headline or name")
    list_per_page = 30
    show_full_result_count = False
    actions = None
    change_list_template = "admin/letters/letter/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Letter]:
        editions = Edition.objects.in_brief().prefetch_related("parties").order_by("language")
        return (
            super()
            .get_queryset(request)
            .select_related("in_reply_to")
            .prefetch_related(Prefetch("editions", editions), "withdrawals")
        )

    @admin.display(description=gettext_lazy("letter"), ordering="reference")
    def as_a_letter(self, letter: Letter) -> SafeString:
        edition = _foremost(letter)
        parties = list(edition.parties.all()) if edition else []
        context = {
            "letter": letter,
            "edition": edition,
            "senders": [party for party in parties if party.role == Role.SENDER],
            "addressees": [party for party in parties if party.role == Role.ADDRESSEE],
        }
        return render_to_string("admin/letters/letter/as_a_letter.html", context)

    @admin.display(description=gettext_lazy("dated"))
    def dated(self, letter: Letter) -> Any:
        edition = _foremost(letter)
        return edition.dated if edition else None

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
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Begin a letter: only what must be known first, then straight to its text."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        answered = Letter.objects.filter(reference=request.GET.get("in_reply_to", "")).first()
        initial = {}
        if answered is not None:
            received = answered.direction == Direction.RECEIVED
            initial = {
                "in_reply_to": answered.reference,
                "direction": Direction.SENT if received else Direction.RECEIVED,
                "kind": Kind.objects.filter(code="reply").first(),
            }
        form = NewLetterForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            chosen = form.cleaned_data
            edition = workflow.start(
                by=request.user,  # type: ignore[arg-type]
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
        return TemplateResponse(request, "admin/letters/letter/add.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The hub: no form, a line per language, and the letter's story."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        letter = self.get_object(request, object_id)
        if letter is None:
            raise Http404
        at = timezone.now()
        drafts = request.user.has_perm("letters.change_edition")
        there = lines(letter, request.user, at)
        known = {line.language for line in there}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Letter %(reference)s") % {"reference": letter.reference},
            "opts": self.opts,
            "letter": letter,
            "edition": _foremost(letter),
            "lines": there,
            "languages_to_add": [c for c in settings.LANGUAGES if drafts and c[0] not in known],
            "can_draft": drafts,
            "replies": letter.replies.all(),
            "events": _story(letter),
            "now": at,
        }
        return TemplateResponse(request, "admin/letters/letter/hub.html", context)

    def translate(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """Begin the letter's text in another language, with the common facts copied."""
        letter = get_object_or_404(self.get_queryset(request), pk=pk)
        model = _foremost(letter)
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


def _foremost(letter: Letter) -> Edition | None:
    """The edition a letter is known by on the desk: live before coming, official before others."""
    editions = [e for e in letter.editions.all() if e.state != State.DISCARDED]
    return min(
        editions,
        key=lambda e: (
            e.live_from is None,
            e.live_until is not None,
            e.standing != "official",
            e.pk,
        ),
        default=None,
    )


def _answering(letter: Letter | None, language: str) -> list[Party]:
    """The parties of a reply: the other letter's sender and addressees, changed over."""
    edition = _foremost(letter) if letter else None
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


def _story(letter: Letter) -> list[dict[str, Any]]:
    """The letter's events, newest first, in words."""
    done = {verb: transition.done for verb, transition in workflow.TRANSITIONS.items()}
    done |= workflow.BEGINNINGS
    return [
        {
            "event": event,
            "done": done.get(event.verb, event.verb),
            "language": NAMES.get(event.edition.language, event.edition.language),
        }
        for event in letter.events.select_related("edition")
    ]
