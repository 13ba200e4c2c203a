"""What stands beside a draft's form: what hinders each step, and what deserves a second look."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings as office
from django.urls import reverse
from django.utils import timezone

from letters import checks, markup, workflow
from letters.models import Direction, Edition, File, Form, Letter, Party, Phrase, Role
from letters.repair import repaired
from tests.letters_at_stages import (
    make_correspondent,
    make_draft,
    make_edition,
    person,
    some_parties,
)
from tests.sample import sample_office  # noqa: F401
from tests.the_desk import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


def found(edition: Edition, field: str = "", *, blocks: bool | None = None) -> list[str]:
    """The messages about a field; with `blocks`, only those that do or do not."""
    return [
        problem.message
        for problem in checks.to_submit(edition)
        if problem.field.startswith(field) and blocks in (None, problem.blocks)
    ]


def to(*names: str, title: str = "President of Ostmark", **more: object) -> list[Party]:
    """A sender, and addressees of these names."""
    addressees = [Party(role=Role.ADDRESSEE, name=name, title=title, **more) for name in names]
    return [some_parties()[0], *addressees]


def photograph(edition: Edition, alt: str = "", role: str = "photograph") -> File:
    return File.objects.create(
        edition=edition, role=role, alt=alt, sha256="0" * 64, type="image/jpeg", size=1
    )


def test_a_draft_that_is_ready_has_nothing_to_put_right():
    assert checks.by_moment(make_draft()) == checks.Moments([], [], [], [])


# --- Facts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "nothing"),
    [
        *(("kind", None), ("dated", None), ("letter_language", ""), ("headline", " ")),
        *(("summary", ""), ("body", "<p> </p>")),
    ],
)
def test_a_missing_fact_blocks_and_its_field_is_named(field, nothing):
    draft = make_draft(**{field: nothing})
    assert [(p.field, p.blocks) for p in checks.to_submit(draft)] == [(field, True)]


def test_who_writes_and_who_receives_are_asked_for_by_name():
    assert found(make_draft(parties=[]), "parties") == [
        "Name who the letter is from.",
        "Name who the letter is to.",
    ]
    unnamed = make_draft(parties=to(""))
    assert found(unnamed, "parties-1-name", blocks=True) == [
        "The addressee has no name. Type it as it is to be shown."
    ]
    assert found(make_draft(parties=to("Tomas Reyk", title="")), "parties-1-title") == [
        "No title is given for Tomas Reyk."
    ]


def test_a_body_needs_no_title():
    society = make_correspondent("society")
    assert not found(make_draft(parties=to("The Society", title="", correspondent=society)))


def test_a_title_that_was_not_held_on_the_date_is_told():
    reyk = make_correspondent(
        "tomas-reyk", titles={"en": "King of Ostmark"}, since=date(2026, 3, 1), country="XO"
    )
    parties = to("Tomas Reyk", title="Crown Prince of Ostmark", correspondent=reyk)
    after = make_draft(parties=parties, dated=date(2026, 3, 2))
    assert found(after, "parties-1-title", blocks=False) == [
        "On the date of the letter the title of Tomas Reyk was “King of Ostmark”."
    ]
    parties = to("Tomas Reyk", title="Crown Prince of Ostmark", correspondent=reyk)
    assert not found(make_draft(parties=parties, dated=date(2026, 2, 28)), "parties")


def test_a_date_after_the_embargo_blocks_even_at_the_end_of_time():
    end = datetime.max.replace(tzinfo=UTC)
    draft = make_draft(dated=date(2026, 5, 4), not_before=datetime(2026, 5, 2, 9, tzinfo=UTC))
    assert found(draft, "dated", blocks=True)
    draft.dated, draft.not_before = date.max, end
    assert not found(draft, "dated")
    assert not checks.to_publish(draft, end)
    assert [p.field for p in checks.to_publish(draft, timezone.now())] == ["not_before", "dated"]
    draft.dated = date.min
    assert [p.field for p in checks.to_publish(draft, timezone.now())] == ["not_before"]


def test_a_photograph_is_described_and_a_facsimile_needs_no_description():
    draft = make_draft()
    photograph(draft, role="facsimile")
    assert not found(draft)
    photograph(draft)
    assert [(p.field, p.blocks) for p in checks.to_submit(draft)] == [("files-1-alt", True)]


def test_the_consent_to_publish_a_letter_received_is_asked_after():
    draft = make_draft(direction=Direction.RECEIVED)
    assert found(draft, "consent", blocks=False)
    Letter.objects.update(consent="By telephone on 3 May.")
    assert not found(draft)


# --- Texts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["headline", "summary", "salutation", "body", "closing", "notes"])
def test_a_place_left_to_fill_in_blocks_wherever_it_stands(field):
    draft = make_draft(**{field: "On XX May we met [name]"})
    assert found(draft, field, blocks=True) == ["Still to be filled in: “XX”, “[name]”."]


def test_places_are_looked_for_in_names_and_titles_too():
    draft = make_draft(parties=to("[name]", title="XX TBC"))
    assert found(draft, "parties-1-name", blocks=True)
    assert found(draft, "parties-1-title", blocks=True)


def test_what_an_excerpt_leaves_out_is_no_place_to_fill_in():
    body = "<p>We met.</p><p>[…]</p><p>We went [sic].</p>"
    assert len(found(make_draft(body=body), "body", blocks=True)) == 1
    assert not found(make_draft(body=body, form=Form.EXCERPT))


def test_the_place_of_each_ones_own_sentence_blocks():
    body = f"<p>We thank you. {markup.OWN_SENTENCE}</p>"
    assert found(make_draft(body=body), "body", blocks=True)


def test_quotations_letters_and_languages_are_advice():
    draft = make_draft(
        headline="Félicitations au roi d’Ostmark à la fête nationale de ce pays",
        body="<p>He said “yes and l\u0435ft the house of Ost\u200dmark with you.</p>",
    )
    assert all(not problem.blocks for problem in checks.to_submit(draft))
    assert len(found(draft, "body")) == 3
    assert found(draft, "headline") == ["This is in another language, it seems: Français."]


def test_the_letter_itself_may_be_in_its_own_language():
    body = "<p>Je vous félicite de votre élection et je vous prie de me croire avec vous.</p>"
    assert found(make_draft(body=body), "body")
    assert not found(make_draft(body=body, letter_language="fr"))


def test_words_to_avoid_are_told_with_what_to_write_instead():
    Phrase.objects.create(language="en", phrase="warmest wishes", suggestion="good wishes")
    Phrase.objects.create(language="en", phrase="national", suggestion="")
    Phrase.objects.create(language="fr", phrase="day")
    assert found(make_draft(), "body", blocks=False) == [
        "This office avoids “national”.",
        "This office avoids “warmest wishes”. Write “good wishes”.",
    ]


def test_administrators_keep_the_words_to_avoid_and_drafters_do_not(administrator, drafter):
    add = reverse("admin:letters_phrase_add")
    assert signed_in(drafter).get(add).status_code == 403
    typed = {"language": "en", "phrase": " warmest\u200b  wishes ", "suggestion": "good wishes"}
    assert signed_in(administrator).post(add, typed).status_code == 302
    assert Phrase.objects.get().phrase == "warmest wishes"
    again = signed_in(administrator).post(add, typed)
    assert (again.status_code, Phrase.objects.count()) == (200, 1)
    listed = signed_in(administrator).get(reverse("admin:letters_phrase_changelist"))
    assert "warmest wishes" in words(listed)


# --- Names in the text ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "salutation", "name"),
    [
        ("en", "Dear President Halvorsen,", "Halvorsen"),
        ("fr", "Monsieur le Président Halvorsen,", "Halvorsen"),
        ("es", "Estimado Presidente Halvorsen:", "Halvorsen"),
        ("az", "Hörmətli cənab Halvorsen,", "Halvorsen"),
    ],
)
def test_another_name_in_the_salutation_is_told(language, salutation, name):
    draft = make_draft(
        language=language,
        letter_language=language,
        salutation=salutation,
        parties=to("Marek Dolin"),
    )
    (message,) = found(draft, "salutation", blocks=False)
    assert message == f"The salutation calls “{name}”, but the letter is to Marek Dolin."


@pytest.mark.parametrize(
    ("name", "salutation"),
    [
        *(("Marek Dolin", s) for s in ("Dear Mr Dolin,", "Dear Marek,", "Dear Mr President,")),
        *(("Marek Dolin", s) for s in ("Dear Prime Minister,", "Excellency,", "Dear friend Bob,")),
        *(("Marek Dolin", s) for s in ("Distinguished Guests,", "Cher Monsieur Dolín,", "")),
        ("Marek Dolin", "Mr Speaker of the House of Representatives,"),
        *(("Marek Dolin", s) for s in ("Madam Secretary-General,", "Mr President Elect,")),
        *(("Марек Долин", s) for s in ("Уважаемый Марек Иванович!", "Господину Долину")),
        *(("Марек Долин", s) for s in ("Уважаемый господин Президент!", "Ваше Величество!")),
        *(("Marek Dolin", s) for s in ("Hörmətli cənab Prezident,", "Уважаемый господин Долин!")),
        *(("ماريك دولين", s) for s in ("فخامة الرئيس دولين،", "معالي رئيس الوزراء،")),
        ("Jan van der Berg", "Dear President van der Berg,"),
    ],
)
def test_titles_and_the_addressees_own_name_raise_no_alarm(name, salutation):
    assert not found(make_draft(salutation=salutation, parties=to(name)), "salutation")


def test_last_years_name_is_recognised_in_any_script():
    make_correspondent(
        "halvorsen", {"ar": "سيغريد هالفورسن"}, {"ar": "رئيسة أوستمارك"}, country="XO"
    )
    facts = {"language": "ar", "letter_language": "ar", "parties": to("ماريك دولين")}
    assert found(make_draft(**facts, salutation="فخامة الرئيسة هالفورسن،"), "salutation")
    assert not found(make_draft(**facts, salutation="فخامة الرئيسة،"), "salutation")


def test_who_held_the_office_before_is_recognised_in_the_text():
    for slug, since, until in (
        ("sigrid-halvorsen", None, date(2025, 12, 31)),
        ("marek-dolin", date(2026, 1, 1), None),
    ):
        make_correspondent(
            slug, titles={"en": "President of Ostmark"}, country="XO", since=since, until=until
        )
    dolin = make_correspondent("marek-dolin")
    facts = {"headline": "Congratulations to Sigrid Halvorsen", "dated": date(2026, 5, 1)}
    draft = make_draft(parties=to("Marek Dolin", correspondent=dolin, country="XO"), **facts)
    assert found(draft, "headline", blocks=False)
    draft.headline = "Congratulations to Marek Dolin"
    assert not found(draft)


# --- Links ----------------------------------------------------------------------------------------


def with_link(href: str, **facts: object) -> Edition:
    return make_draft(body=f'<p>On this day <a href="{href}">we</a> write to you.</p>', **facts)


@pytest.mark.parametrize(
    "href",
    [
        *("/en/lettres/", "/nowhere", "http://testserver/nowhere", "/en/letters/1999-1/x/"),
        *("/r/1999-1", "/admin/", "www.valdora.example", "#top", "", "http://[::1"),
    ],
)
def test_a_link_that_leads_nowhere_on_this_site_is_told(href, settings):
    settings.ALLOWED_HOSTS = ["testserver", "*"]
    assert len(found(with_link(href), "body", blocks=False)) == 1


@pytest.mark.parametrize(
    "href",
    [
        *("/", "/en/", "/fr/letters/", "/en/letters/?year=2026", "/en/letters", "/en/search"),
        *("https://valdora.example/nowhere", "mailto:press@valdora.example", "tel:+123"),
    ],
)
def test_other_links_are_left_alone(href, settings):
    settings.ALLOWED_HOSTS = ["testserver", "*"]
    if href != "/en/search":  # not there yet
        assert not found(with_link(href))


def test_a_link_to_a_letter_needs_one_that_is_published_in_that_language():
    public, draft = make_edition(), make_draft()
    address = public.get_absolute_url()
    assert not found(with_link(address))
    assert not found(with_link(f"/r/{public.letter.reference}"))
    assert found(with_link(address.replace("/en/", "/fr/", 1)), "body")
    assert found(with_link(f"/en/letters/{draft.letter.reference}/"), "body")


# --- Across languages -----------------------------------------------------------------------------


def test_date_sender_and_addressees_are_compared_with_the_other_languages():
    english = make_draft(dated=date(2026, 5, 4))
    french = workflow.translate(english, "fr", by=person("drafter"))
    Edition.objects.filter(pk=french.pk).update(dated=date(2026, 5, 3))
    assert found(english, "dated", blocks=False) == [
        "This text is dated 4 May 2026, the one in Français 3 May 2026."
    ]
    Edition.objects.filter(pk=french.pk).update(dated=date(2026, 5, 4))
    assert not found(english)
    Party.objects.create(edition=french, role=Role.ADDRESSEE, name="Ada Lind", position=5)
    assert found(english, "parties", blocks=False) == [
        "This text is to Tomas Reyk, the one in Français to —, Ada Lind."
    ]


def test_known_correspondents_are_compared_whatever_their_names():
    one, other = make_correspondent("one"), make_correspondent("other")
    english = make_draft(parties=to("One", correspondent=one))
    french = workflow.translate(english, "fr", by=person("drafter"))
    french.parties.filter(role=Role.ADDRESSEE).update(name="Un", title="Roi")
    assert not found(english, "parties")
    french.parties.filter(role=Role.ADDRESSEE).update(correspondent=other)
    assert found(english, "parties") == ["This text is to One, the one in Français to Un."]


# --- The moments ----------------------------------------------------------------------------------


def test_what_cannot_be_stored_is_told_before_anything_else():
    draft = make_draft()
    draft.headline, draft.body = "x" * 301, f"<p>{'x' * 200_001}</p>"
    moments = checks.by_moment(draft)
    assert {problem.field for problem in moments.save} == {"headline", "body"}
    assert moments.submit == []
    assert not checks.to_save(make_draft(headline="", summary="", body="", dated=None))


def test_each_problem_is_told_once_and_at_the_step_it_hinders():
    draft = make_draft(headline="", body="<p>He said “yes.</p>")
    draft.not_before = timezone.now() + timedelta(days=2)
    moments = checks.by_moment(draft)
    assert [len(problems) for problems in moments] == [0, 1, 1, 1]
    assert [p.field for p in (*moments.submit, *moments.publish)] == ["headline", "not_before"]


def test_the_verb_refuses_what_the_list_calls_blocking():
    draft = make_draft(body="<p>We thank [name].</p>")
    with pytest.raises(workflow.Incomplete, match=r"\[name\]"):
        workflow.submit(draft, by=person("drafter"))


def test_the_checks_of_a_draft_take_six_queries(django_assert_num_queries):
    known = make_correspondent(titles={"en": "President of Valdora"})
    parties = [*some_parties(), Party(role=Role.COPY, correspondent=known, name="Mira Halden")]
    draft = make_draft(parties=parties)
    workflow.translate(draft, "fr", by=person("drafter"))
    for _each in range(3):
        photograph(draft, alt="x")
        Phrase.objects.create(language="en", phrase=f"x{_each}")
    draft = Edition.objects.get(pk=draft.pk)
    with django_assert_num_queries(6):
        assert not checks.to_submit(draft)


# --- The sample office ----------------------------------------------------------------------------


@pytest.mark.usefixtures("sample_office")
def test_the_letters_of_the_sample_office_raise_no_false_alarm():
    blocking, advice = [], set()
    for edition in Edition.objects.select_related("letter").exclude(state="draft"):
        problems = checks.to_submit(edition)
        blocking += [(edition, p.message) for p in problems if p.blocks]
        advice |= {p.field for p in problems}
    assert blocking == []
    assert advice <= {"consent"}


@pytest.mark.usefixtures("sample_office")
def test_the_texts_of_the_sample_office_are_clean_and_in_order():
    bodies = list(Edition.objects.values_list("body", flat=True))
    assert len(bodies) > 40 * len(office.LANGUAGES) / 3
    for body in bodies:
        assert markup.clean(body) == body
        assert repaired(body) == body
