"""Days and moments as they are written and digits as they are read, in every language."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from letters import workflow
from letters.models import Appointment, Correspondent, Edition, Kind
from tests.letters_at_stages import approve, make_draft, make_edition, person, publish
from tests.the_desk import (
    filled_in,
    form_of,
    hub,
    page_of,
    parsed,
    press,
    save,
    signed_in,
    words,
)

pytestmark = pytest.mark.django_db

# The first of December, and a moment of 9 November at half past five, with its seconds.
WRITTEN = {
    "en": ("1 December 2026", "9 November 2026, 17:30:00 UTC"),
    "fr": ("1er décembre 2026", "9 novembre 2026, 17:30:00 UTC"),
    "es": ("1 de diciembre de 2026", "9 de noviembre de 2026, 17:30:00 UTC"),
    "ru": ("1 декабря 2026 г.", "9 ноября 2026 г., 17:30:00 UTC"),
    "az": ("1 dekabr 2026", "9 noyabr 2026, 17:30:00 UTC"),
    "ar": ("1 ديسمبر 2026", "9 نوفمبر 2026، 17:30:00 UTC"),
}
FIRST = date(2026, 12, 1)
# How the place stands before it at the end of a letter, where not as in English.
LAST_LINE = {"fr": "Osk, le ", "ar": "Osk، في "}


def letter_in(language: str, clock: Any) -> Edition:
    """A letter of the first of December, published then, to whom another answers."""
    clock.move_to("2026-12-01T09:30:05+00:00")
    return publish(make_draft(language=language, dated=FIRST, place="Osk"), clock)


@pytest.mark.parametrize("language", WRITTEN)
def test_a_day_is_written_as_its_language_writes_it_wherever_it_stands(language, citizen, clock):
    edition = letter_in(language, clock)
    day = WRITTEN[language][0]
    address = edition.get_absolute_url()
    comma = "،" if language == "ar" else ","
    text = citizen.get(f"{address}letter.txt").content.decode()
    for shown in (words(citizen.get(address)), text):
        assert f"{LAST_LINE.get(language, 'Osk, ')}{day}" in shown
        assert f"{day}{comma} 09:30:05 UTC" in shown  # since when it is public
    for listed in ("letters/", "search/?q=Ostmark"):
        assert day in words(citizen.get(f"/{language}/{listed}"))
    suggested = citizen.get(f"/{language}/search/suggestions/", {"q": edition.letter.reference})
    assert day in suggested.content.decode()


def test_the_first_of_a_month_is_so_called_in_a_french_pdf_too(citizen, clock):
    edition = letter_in("fr", clock)
    made = b"".join(citizen.get(f"{edition.get_absolute_url()}letter.pdf").streaming_content)
    pages = PdfReader(BytesIO(made)).pages
    printed = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "Osk, le 1er décembre 2026" in printed


@pytest.mark.parametrize("language", WRITTEN)
def test_a_moment_is_told_to_the_second_in_the_order_of_the_language(language, publisher, clock):
    """By the pages of the desk, and by a check which refuses it."""
    day, moment = WRITTEN[language]
    edition = approve(make_draft(not_before=datetime.fromisoformat("2026-11-09T17:30:00+00:00")))
    client = signed_in(publisher)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    assert moment in words(client.get(hub(edition.letter)))
    typed = {"when": "now", "moment_0": "", "moment_1": ""}
    assert moment in words(press(client, "publish", edition, **typed))
    press(client, "publish", edition, moment_0="2026-11-09", moment_1="17:30")
    assert words(client.get(hub(edition.letter))).count(moment) > 1  # stage, and the record
    assert moment in words(client.get(reverse("admin:letters_schedule")))

    other = make_draft(dated=FIRST)
    text = workflow.translate(other, "fr" if language != "fr" else "es", by=person("drafter"))
    Edition.objects.filter(pk=text.pk).update(dated=date(2026, 12, 2))
    client = signed_in(person("drafter"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    assert day in words(client.get(page_of("submit", other)))


# --- Digits ---------------------------------------------------------------------------------------

ARABIC, PERSIAN = (str.maketrans("0123456789", digits) for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"))


@pytest.mark.parametrize("digits", [ARABIC, PERSIAN], ids=["arabic", "persian"])
def test_the_digits_of_another_keyboard_are_read_as_digits(digits, citizen, drafter, clock):
    body = "<p>في عام ١٩٧٤ وقعنا المعاهدة.</p>"
    edition = make_edition(clock=clock, language="ar", headline="رسالة", body=body)
    reference = edition.letter.reference
    typed = reference.translate(digits)
    for address in (f"/r/{typed}", f"/ar/letters/{typed}/"):
        answer = citizen.get(address, follow=True)
        assert (answer.status_code, answer.request["PATH_INFO"]) == (
            200,
            Client().get(edition.get_absolute_url()).request["PATH_INFO"],
        )
    for asked in (typed, "1974", "1974".translate(digits)):
        found = citizen.get("/ar/search/", {"q": asked}).content.decode()
        assert f"/letters/{reference}/" in found
    assert (
        f"/letters/{reference}/"
        in citizen.get("/ar/letters/", {"year": "2026".translate(digits)}).content.decode()
    )

    client = signed_in(drafter)
    letters = client.get("/admin/letters/letter/", {"q": typed})
    assert hub(edition.letter) in letters.content.decode()
    page = client.get("/admin/letters/letter/add/")
    kind = Kind.objects.get(code="reply").pk
    begun = filled_in(page) | {"in_reply_to": typed, "kind": kind, "language": "ar"}
    assert client.post("/admin/letters/letter/add/", begun).status_code == 302
    assert Edition.objects.latest("pk").letter.in_reply_to == edition.letter


@pytest.mark.parametrize("language", WRITTEN)
def test_a_day_and_a_time_with_the_digits_of_another_keyboard(language, publisher, clock):
    edition = approve(make_draft())
    client = signed_in(publisher)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    typed = {"moment_0": "2027-01-25".translate(ARABIC), "moment_1": "09:30:05".translate(PERSIAN)}
    assert press(client, "publish", edition, when="moment", **typed).status_code == 302
    assert Edition.objects.get(pk=edition.pk).live_from == datetime.fromisoformat(
        "2027-01-25T09:30:05+00:00"
    )


# --- Typed ----------------------------------------------------------------------------------------

TUESDAY = {
    "en": "Tuesday 5 January 2027",
    "fr": "mardi 5 janvier 2027",
    "es": "martes, 5 de enero de 2027",
    "ru": "вторник, 5 января 2027 г.",
    "az": "5 yanvar 2027, çərşənbə axşamı",
    "ar": "الثلاثاء، 5 يناير 2027",
}
DAY_HINT = {
    "en": "Write the day like 2026-12-31 or 31/12/2026.",
    "fr": "Écrivez le jour ainsi : 2026-12-31 ou 31/12/2026.",
    "es": "Escriba el día así: 2026-12-31 o 31/12/2026.",
    "ru": "Напишите день так: 2026-12-31 или 31.12.2026.",
    "az": "Günü belə yazın: 2026-12-31 və ya 31.12.2026.",
    "ar": "اكتب اليوم هكذا: 2026-12-31 أو 31/12/2026.",
}


def desk_in(language: str, name: str) -> Client:
    client = signed_in(person(name))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    return client


def controls(page: Any) -> dict[str, list[Any]]:
    """Of each control of a day or a moment its inputs, by the name of the field."""
    found = {}
    for control in parsed(page).iter("div"):
        if control.get("class") == "typed":
            inputs = list(control.iter("input"))
            found[inputs[0].get("name", "").removesuffix("_0")] = inputs
    return found


def test_there_is_one_control_for_a_day_and_one_for_a_moment_on_all_of_the_desk(superuser, clock):
    draft, approved = make_draft(), approve(make_draft())
    client = signed_in(superuser)
    release = Path(__file__).parent / "importing/releases/en-quoted-once.txt"
    source = {"source": release.read_text("utf-8"), "html": "", "language": ""}
    correspondent = Correspondent.objects.create(slug="mira-halden")
    Appointment.objects.create(correspondent=correspondent, country="XV")
    add = "admin:letters_{}_add"
    pages = {
        "draft": client.get(form_of(draft)),
        "submit": client.get(page_of("submit", draft)),
        "publish": client.get(page_of("publish", approved)),
        "emergency": client.get(page_of("emergency", draft)),
        "plan": client.get(reverse("admin:letters_plan", args=[draft.pk])),
        "paste": client.post(reverse("admin:letters_letter_paste"), source),
        "stand-in": client.get(reverse(add.format("standin"))),
        "notice": client.get(reverse(add.format("noticebar"))),
        "correspondent": client.get(
            reverse("admin:letters_correspondent_change", args=[correspondent.pk])
        ),
    }
    there = {
        "draft": {"dated", "first_published", "not_before", "files-__prefix__-expires"},
        "submit": {"wanted_by"},
        "publish": {"moment"},
        "emergency": {"moment"},
        "plan": {"moment"},
        "paste": {"letter-1-dated"},
        "stand-in": {"since", "until"},
        "notice": {"since", "until"},
        "correspondent": {
            f"appointments-{n}-{end}" for n in (0, "__prefix__") for end in ("since", "until")
        },
    }
    for name, page in pages.items():
        found = controls(page)
        assert found.keys() == there[name], name
        assert DAY_HINT["en"] in words(page), name
        for inputs in found.values():
            assert {one.get("type") for one in inputs} == {"text"}, name
        types = {one.get("type") for one in parsed(page).iter("input")}
        assert not types & {"date", "time", "datetime-local"}, name


@pytest.mark.parametrize("language", TUESDAY)
def test_what_was_read_is_said_in_words_with_the_zones_of_readers(language, clock):
    """When a draft is saved, and at once to the script of a page."""
    comma = "،" if language == "ar" else ","
    moment = {"UTC": "21:00:00 UTC", "America/New_York": "16:00:00 EST"}
    draft, client = make_draft(), desk_in(language, "drafter")
    typed = {"dated": "2027-01-05", "not_before_0": "2027-01-05", "not_before_1": "21:00"}
    assert save(client, draft, **typed).status_code == 302
    page = client.get(form_of(draft))
    assert words(page).count(TUESDAY[language]) == 3  # the date, and the embargo in two zones
    for zone, clock_there in moment.items():
        assert f"{zone} {TUESDAY[language]}{comma} {clock_there}" in words(page)
    ask = reverse("admin:letters_in_words")
    day = client.get(ask, {"day": "05/01/2027".replace("/", "." if language in "ru az" else "/")})
    assert day.json() == {"words": f"{TUESDAY[language]}\n", "wrong": ""}
    said = client.get(ask, {"day": "2027-01-05", "time": "21:00"}).json()
    assert f"{TUESDAY[language]}{comma} 16:00:00 EST" in said["words"]
    assert client.get(ask, {"day": "05/01/27"}).json() == {"words": "", "wrong": DAY_HINT[language]}


def test_only_staff_are_told_what_they_type(citizen):
    answer = citizen.get(reverse("admin:letters_in_words"), {"day": "2027-01-05"})
    assert answer["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("language", DAY_HINT)
def test_what_can_be_read_in_two_ways_is_refused_with_how_to_write_it(language, clock):
    draft, client = make_draft(), desk_in(language, "drafter")
    for typed in ("05/01/27", "12/31/2026", "5/1", "1er juin", "١٢/٣١/٢٠٢٦"):
        page = save(client, draft, dated=typed, not_before_0=typed, not_before_1="9 pm")
        errors = [
            "".join(told.itertext()).strip()
            for told in parsed(page).iter("ul")
            if "errorlist" in (told.get("class") or "").split()
        ]
        assert sum(DAY_HINT[language] in told for told in errors) == 2, typed
        kept = filled_in(page)
        assert (kept["dated"], kept["not_before_0"], kept["not_before_1"]) == (typed, typed, "9 pm")
    assert Edition.objects.get(pk=draft.pk).version == draft.version


@pytest.mark.parametrize(
    "language, forward, back",
    [
        ("en", "The next moment there is: 28 March 2027, 03:00:00 CEST.", "or from 03:00."),
        ("fr", "Le premier moment qui existe ensuite : 28 mars 2027, 03:00:00 CEST.", "de 03:00."),
        ("es", "que existe después: 28 de marzo de 2027, 03:00:00 CEST.", "de las 03:00."),
        ("ru", "Ближайший следующий момент: 28 марта 2027 г., 03:00:00 CEST.", "с 03:00."),
        ("az", "Ondan sonrakı ilk vaxt: 28 mart 2027, 03:00:00 CEST.", "03:00 vaxtından etibarən."),
        ("ar", "وأول لحظة بعدها: 28 مارس 2027، 03:00:00 CEST.", "من 03:00."),
    ],
)
def test_an_hour_that_a_change_of_clocks_leaves_out_or_repeats(language, forward, back, clock):
    """It is refused in our words, with the next moment there is or with both."""
    client, edition = desk_in(language, "publisher"), approve(make_draft())
    offered = filled_in(client.get(page_of("publish", edition)))
    with timezone.override("Europe/Paris"):
        for day, told in {
            "2027-03-28": [forward],
            "2027-10-31": ["02:30:00 CEST", "02:30:00 CET", "02:00", back],
        }.items():
            typed = {"when": "moment", "moment_0": day, "moment_1": "02:30"}
            page = client.post(page_of("publish", edition), offered | typed)
            assert page.status_code == 400
            assert [one for one in told if one not in words(page)] == []


@pytest.mark.parametrize("language", TUESDAY)
def test_the_message_after_publishing_names_the_deed_and_the_moment(language, clock):
    client = desk_in(language, "publisher")
    comma = "،" if language == "ar" else ","
    there = (f"{TUESDAY[language]}{comma} 21:00:00 UTC", f"{comma} 16:00:00 EST")
    moment = {"when": "moment", "moment_0": "2027-01-05", "moment_1": "21:00"}
    scheduled = press(client, "publish", approve(make_draft()), **moment)
    said = [message_of(client.get(scheduled["Location"]))]
    ready = [approve(make_draft()), approve(make_draft())]
    ticks = [f"{one.pk}.{one.version}" for one in ready]
    data = {"verb": "publish", "edition": ticks, "_do": "1", "remark": ""}
    together = client.post(reverse("admin:letters_together"), data | moment)
    said.append(message_of(client.get(together["Location"])))
    clock.move_to("2027-01-05T21:00:00+00:00")
    client = desk_in(language, "publisher")
    published = press(client, "publish", approve(make_draft()), when="now")
    said.append(message_of(client.get(published["Location"])))
    for message in said:
        assert all(part in message for part in there)
    assert len(set(said)) == 3


def message_of(page: Any) -> str:
    (told,) = [one for one in parsed(page).iter("ul") if "messagelist" in (one.get("class") or "")]
    return " ".join("".join(told.itertext()).split())
