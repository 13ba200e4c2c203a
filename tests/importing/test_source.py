"""Bytes, encodings and invisible characters of a release."""

from __future__ import annotations

import codecs

import pytest

from letters.importing.release import Unreadable, read
from letters.importing.source import clean, decode, plain_lines
from tests.importing.test_release import KNOWN

ENGLISH = "Message to the King\n\nThe letter reads:\n\n“The ‘old bridge’ – our bridge – stands.”\n"
FRENCH = "Félicitations\n\nLa présidente a reçu une lettre à l’été.\n\n« Le pont tient. »\n"
RUSSIAN = "Поздравление\n\nВ письме говорится:\n\n«Сердечно поздравляю Вас с праздником.»\n"
ARABIC = "تهنئة\n\nوجاء في البرقية:\n\n«يسعدني أن أهنئكم بالعيد الوطني.»\n"
AZERBAIJANI = "Təbrik\n\nMəktubda deyilir:\n\n“Sizi ürəkdən təbrik edirəm.”\n"


@pytest.mark.parametrize("text", [ENGLISH, FRENCH, RUSSIAN, ARABIC, AZERBAIJANI])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", codecs.BOM_UTF32_LE),
    ],
)
def test_unicode_is_read_with_and_without_its_mark(text: str, encoding: str, mark: bytes) -> None:
    assert decode(mark + text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(ENGLISH, "cp1252"), (FRENCH, "cp1252"), (RUSSIAN, "cp1251"), (ARABIC, "cp1256")],
)
def test_windows_code_pages_are_told_by_their_letters(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_declared_encoding_is_believed_when_it_fits() -> None:
    page = '<meta charset="koi8-r"><p>Поздравление</p>'
    assert decode(page.encode("koi8-r")) == page


def test_lines_of_two_encodings_in_one_file_are_each_read_in_their_own() -> None:
    assert decode("Поздравление\n".encode() + "с праздником".encode("cp1251")) == (
        "Поздравление\nс праздником"
    )


def test_stray_windows_bytes_in_a_line_of_utf8_are_read() -> None:
    assert decode("“Déjà ” ".encode() + b"l\x92\xe9t\xe9") == "“Déjà ” l’été"


def test_utf8_that_was_once_read_as_windows_is_mended() -> None:
    assert clean("the countryâ€™s â€œbridgeâ€\u009d, dÃ©jÃ\u00a0") == "the country’s “bridge”, déjà"
    assert clean("ÐœÐ¾Ñ\u0081Ñ‚") == "Мост"


def test_words_that_only_look_misread_are_left_alone() -> None:
    for text in ("« LIBERTÉ»", "São Tomé", "CAÑÓN", "naïveté à Âge", "Ångström"):
        assert clean(text) == text


def test_all_line_ends_are_one() -> None:
    lines = plain_lines("one\r\n\r\ntwo\rthree\n\u2028four\x0bfive")
    assert [line.text for line in lines] == ["one", "two", "three", "four", "five"]
    assert [line.gap for line in lines] == [True, True, False, True, False]


def test_what_cannot_be_seen_is_taken_out() -> None:
    text = "\ufeffcon\u00adgrat\u00adulate \u200e\u202bthe\u202c\u200b\u00a0King\u2060\t now"
    assert clean(text) == "congratulate the King now"


def test_a_persian_joiner_between_letters_stays() -> None:
    assert clean("می\u200cخواهم a\u200cb") == "می\u200cخواهم ab"


def test_a_soft_hyphen_at_the_end_of_a_line_joins_the_word() -> None:
    assert [line.text for line in plain_lines("congratu\u00ad\n  lations")] == ["congratulations"]


def test_lines_of_an_address_are_not_joined() -> None:
    block = "His Excellency\nMr Jonas Brandt\nPresident of the Republic of Sarvenia\nElmstadt"
    assert len(plain_lines(block)) == 4


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"", "no text"),
        (b" \r\n\t\n", "no text"),
        ("\u200b\u00ad\n", "no text"),
        ("<p></p><script>x</script>", "no text"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"PK\x03\x04rest", "Word"),
        (b"{\\rtf1 text}", "RTF"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (bytes(range(256)) * 4, "binary"),
        (b"\x00\x01\x02\x03\x04" * 50, "binary"),
    ],
)
def test_what_is_not_text_is_refused_with_the_reason(source: str | bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read(source, known=KNOWN)
