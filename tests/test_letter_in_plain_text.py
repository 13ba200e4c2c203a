"""What a letter looks like where it is read as plain text, and the words that stand around it."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from letters import genuine, record, signing
from letters.markup import as_plain_text, to_text
from letters.models import Edition, Party, Role, Withdrawal
from letters.public.as_files import _proof
from tests.letters_at_stages import make_draft, person, publish, schedule, withdraw
from tests.test_verify_page import by_file, by_text, verdict
from tests.the_desk import hub, signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

BODY = (
    "<p>There are three questions which I ask you to put to the ministers of your country soon:</p>"
    "<ol><li>When will the pass be open?<ul><li>In summer</li><li>In winter</li></ul></li>"
    "<li><p>Who pays?</p><p>And when?</p></li></ol>"
    "<h2>Of the pass</h2>"
    "<blockquote>"
    "<p>The pass is open to every traveller who comes with a peaceful mind and bread.</p>"
    "<p>So it was agreed,<br>and so it is.</p></blockquote>"
    "<p>I await your answer.</p>"
)
PRINTED = """\
There are three questions which I ask you to put to the ministers of your
country soon:

1. When will the pass be open?
   – In summer
   – In winter
2. Who pays?

   And when?

Of the pass

> The pass is open to every traveller who comes with a peaceful mind and
> bread.
>
> So it was agreed,
> and so it is.

I await your answer."""


def text_of(citizen: Client, edition: Edition) -> str:
    return citizen.get(f"{edition.get_absolute_url()}letter.txt").content.decode()


def to_copy(citizen: Client, edition: Edition) -> str:
    """What the button that copies the letter gives to the clipboard."""
    page = citizen.get(edition.get_absolute_url()).content.decode()
    (found,) = re.findall(r'data-act="copy" data-text="([^"]*)"', page)
    return html.unescape(found)


def test_plain_text_keeps_quotations_numbers_and_headings(clock: Any, citizen: Client) -> None:
    edition = publish(make_draft(body=BODY, salutation="Dear “friend” & neighbour,"), clock)
    assert f"\n\n{PRINTED}\n\nYours sincerely,\n" in text_of(citizen, edition)
    copied = to_copy(citizen, edition)
    assert "\nDear “friend” & neighbour,\n" in copied
    # On the clipboard no line is broken but where the letter breaks it.
    assert "to the ministers of your country soon:\n\n1. When" in copied
    assert "\n> The pass is open to every traveller who comes with" in copied
    assert " a peaceful mind and bread.\n>\n> So it was agreed,\n> and" in copied
    assert "Signature:" not in copied
    # What is searched and compared is the words alone.
    assert "\n\nWhen will the pass be open?\n\nIn summer" in to_text(edition.body)


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        "<ol><li><blockquote>A</blockquote></li></ol>",
        "<blockquote><ol><li>A<br>B</li></ol><blockquote>C</blockquote></blockquote>",
        "<li>A</li><ul><ol><li>B</li></ol></ul>",
        "A<ul><li><ol><li>B</li></ol>C</li></ul>",
    ],
)
def test_plain_text_has_every_word_of_the_letter_in_its_order(body: str) -> None:
    printed = re.sub(r"(?m)^[>–\d. ]+", "", as_plain_text(body, 76))
    assert printed.split() == to_text(body).split()


def test_what_is_printed_or_copied_is_found_to_be_ours(clock: Any, citizen: Client) -> None:
    edition = publish(make_draft(body=BODY), clock)
    printed, _jws = genuine.unsigned(text_of(citizen, edition).encode())
    assert verdict(by_text(citizen, printed.decode())) == "whole"
    copied = to_copy(citizen, edition)
    assert verdict(by_text(citizen, copied)) == "whole"
    assert verdict(by_text(citizen, re.sub(r"(?m)^[ >]*(\d\.|–)?", "", copied))) == "whole"
    assert verdict(by_text(citizen, copied.replace("peaceful", "warlike"))) == "changed"


def test_a_text_downloaded_in_an_earlier_form_is_genuine_still(clock: Any, citizen: Client) -> None:
    edition = publish(make_draft(body=BODY), clock)
    earlier = (
        "Press Office\nLetter 2026-1\n\n"
        + "\n\n".join([edition.salutation, to_text(edition.body), edition.closing])
        + "\n\nMira Halden\nPresident of Valdora\nValdora\n"
    )
    proof = _proof(edition)
    assert proof is not None
    file = genuine.sign(earlier.encode(), proof["statement"])
    assert genuine.check_signed(file, signing.keys()).statement["digest"] == edition.digest
    assert verdict(by_file(citizen, file, "letter.txt")) == "file"
    without_signature = earlier.partition("\n\n")[2].removesuffix("Valdora\n")
    assert verdict(by_text(citizen, without_signature)) == "whole"


# --- The country of a party ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "title", "country"),
    [
        ("en", "President of Karpovia", "Karpovia"),
        ("fr", "Présidente de la Karpovie", "Karpovie"),
        ("ru", "Президент Карповии", "Карповия"),
        ("ar", "رئيسة كاربوفيا", "كاربوفيا"),
    ],
)
def test_the_country_of_a_party_is_named_once_however_it_is_inflected(
    language: str, title: str, country: str, clock: Any, citizen: Client
) -> None:
    def party(role: str, name: str, **facts: str) -> Party:
        return Party(role=role, name=name, country="XK", country_name=country, **facts)

    parties = [
        party(Role.SENDER, "S. Mora", title=title),
        party(Role.ADDRESSEE, "T. Reyk", title=title),
        party(Role.ADDRESSEE, "U. Lind"),
    ]
    edition = publish(make_draft(language=language, parties=parties), clock)
    page = citizen.get(edition.get_absolute_url()).content.decode()
    (sheet,) = re.findall(r'<div id="letter">(.*?)</article>', page, re.DOTALL)
    shown = [
        [line.strip() for line in re.sub(r"<(?!br)[^>]*>", "", block).split("<br>")]
        for block in re.findall(r"<p>\s*(<b .*?)</p>", sheet, re.DOTALL)
    ]
    assert shown == [["T. Reyk", title], ["U. Lind", country], ["S. Mora", title]]
    for text in (text_of(citizen, edition), to_copy(citizen, edition)):
        assert f"\nT. Reyk\n{title}\n\nU. Lind\n{country}\n" in text
        assert f"\nS. Mora\n{title}\n\n" in text
    assert edition.digest == record.digest(edition, edition.parties.all())


# --- What is reported ---------------------------------------------------------------------------

REPORTED = {
    "en": ("only where they are quoted.", "official report"),
    "fr": ("que là où ils sont cités.", "compte rendu officiel"),
    "ru": ("приведены как цитата.", "официальное изложение"),
    "ar": ("إلا حيث ترد اقتباسًا.", "نقل رسمي بالمضمون"),
}


@pytest.mark.parametrize("language", REPORTED)
def test_a_report_claims_no_more_than_it_is(language: str, clock: Any, citizen: Client) -> None:
    edition = publish(
        make_draft(
            language=language,
            letter_language=language,
            form="reported",
            body=BODY,
            salutation="",
            closing="",
        ),
        clock,
    )
    says, standing = REPORTED[language]
    page = words(citizen.get(edition.get_absolute_url()))
    for text in (page, " ".join(text_of(citizen, edition).split())):
        assert says in text
        assert standing in text
    with translation.override(language):
        assert edition.get_standing_display() not in page
    assert says in " ".join(to_copy(citizen, edition).split())


# --- Withdrawn, scheduled -----------------------------------------------------------------------

WITHDRAWN = {
    "en": "This letter has been withdrawn from publication. Its text is kept here for the record.",
    "fr": "Cette lettre a été retirée de la publication. Son texte est conservé ici pour mémoire.",
    "ru": "Это письмо снято с публикации. Его текст сохранён здесь для истории.",
    "ar": "سُحبت هذه الرسالة من النشر. ويُحفظ نصها هنا للسجل.",
}


@pytest.mark.parametrize("language", WITHDRAWN)
def test_a_withdrawal_is_of_the_publication_not_of_the_letter(
    language: str, clock: Any, citizen: Client
) -> None:
    edition = publish(make_draft(language=language), clock)
    withdraw(edition, Withdrawal.Kind.KEPT, clock)
    page = words(citizen.get(edition.get_absolute_url()))
    assert WITHDRAWN[language] in page
    assert page.count(WITHDRAWN[language].split(".")[0]) == 2  # the heading of the notice too
    assert WITHDRAWN[language] in " ".join(text_of(citizen, edition).split())


def test_a_publication_to_come_is_told_as_scheduled(clock: Any) -> None:
    edition = schedule(make_draft())
    desk = signed_in(person("publisher"))
    story = words(desk.get(hub(edition.letter))).rpartition("What happened")[2]
    assert "scheduled the publication for" in story
    assert "Osk published" not in story
    now = publish(make_draft(headline="At once"), clock)
    story = words(desk.get(hub(now.letter))).rpartition("What happened")[2]
    assert "Osk published (" in story


# --- Words that were glued ----------------------------------------------------------------------

ENDS = {"en": "To: Tomas", "fr": "À\u00a0: Tomas", "ru": "Кому: Tomas", "ar": "إلى: Tomas"}
ONCE = {
    "en": "has been published once and has not been corrected.",
    "fr": "a été publiée une seule fois et n’a pas été corrigée.",
    "ru": "опубликовано один раз и не исправлялось.",
    "ar": "مرة واحدة ولم تُصحَّح.",
}


@pytest.mark.parametrize("language", ENDS)
def test_lists_and_histories_are_written_in_the_grammar_of_each_language(
    language: str, clock: Any, citizen: Client
) -> None:
    edition = publish(
        make_draft(
            language=language,
            parties=[
                Party(role=Role.SENDER, name="Mira Halden", title="President"),
                Party(role=Role.ADDRESSEE, name="Tomas Reyk", title="King"),
                Party(role=Role.COPY, name="Una Lind", title="Minister"),
            ],
        ),
        clock,
    )
    rows = html.unescape(citizen.get(f"/{language}/letters/").content.decode())
    assert ENDS[language] in re.sub(r"[ \n]+", " ", re.sub(r"<[^>]*>", "", rows))
    assert ONCE[language] in words(citizen.get(f"{edition.get_absolute_url()}editions/"))
    comma = "،" if language == "ar" else ","
    assert f"\nUna Lind{comma} Minister\n" in text_of(citizen, edition)
