"""What a text gives away by itself, in each of the six languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.wording import (
    hidden_in_words,
    mixed_words,
    other_language,
    phrases_in,
    placeholders,
    unbalanced,
)


def certain(text: str, **more: bool) -> list[str]:
    return [found.text for found in placeholders(text, **more) if found.certain]


# --- Places left to fill in ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Dear Mr XX,",
            "on XX May 2026",
            "le XX mai",
            "XX мая",
            "XX.XX.2026",
            "in 20XX",
            "Mr XXX,",
        ),
        *(
            "Mr XXX,",
            "XX,000 people",
            "We met in XX.",
            "xxx",
            "XXXX",
            "TBC",
            "TBD",
            "tbc",
            "TODO",
            "____",
        ),
        *("[name]", "[Name, title]", "[insert date]", "[date]", "[]", "[TBC]", "[own sentence]"),
        *("[nom]", "[à compléter]", "(à confirmer)", "À COMPLÉTER", "[fecha]", "(por confirmar)"),
        *("[имя]", "(уточнить)", "УТОЧНИТЬ", "[должность]", "[tarix]", "[dəqiqləşdirilir]"),
        *("[الاسم]", "[التاريخ]", "<<name>>", "<name>", "<< … >>", "{{ name }}", "${title}"),
        *("«First_Name»", "Lorem ipsum dolor", "[…] we met", "[...]"),
    ],
)
def test_a_place_left_to_fill_in_is_certain(text):
    assert certain(f"We thank you. {text} And so on.")


@pytest.mark.parametrize(
    "text",
    [
        *("the XX century", "au XXe siècle", "au XX siècle", "en el siglo XX", "XX век", "XX века"),
        *(
            "XX–XXI вв.",
            "XX əsr",
            "XX əsrin",
            "القرن XX",
            "Article XX of the Treaty",
            "XX Congress",
        ),
        *("the Games of the XXX Olympiad", "of King Louis XX of Kelmark", "XXI", "Félix", "xx@a.b"),
        *("[sic]", "[sic!]", "[the] Queen", "[il] a dit", "[signature]", "[name withheld]"),
        *(
            "(see Article 5)",
            "хотел бы уточнить",
            "je tiens à confirmer",
            "tengo todo",
            "Le agradezco",
        ),
        *("press_office@valdora.example", "[1]", "20 per cent", "by mid-May"),
    ],
)
def test_what_could_be_meant_is_no_place_to_fill_in(text):
    assert placeholders(f"We thank you. We spoke of {text} and so on.") == []


def test_what_was_left_out_is_marked_so_in_an_excerpt():
    assert certain("One. […] Two.") == ["[…]"]
    assert placeholders("One. […] Two. [...]", excerpt=True) == []


def test_what_was_left_out_of_a_quotation_may_be_meant():
    assert certain("It says: “All people […] are free”.") == []
    assert [found.text for found in placeholders("It says: “All […] are free”.")] == ["[…]"]


# --- Letters of another script --------------------------------------------------------------------


def test_a_letter_of_another_script_is_named_with_its_word():
    (found,) = mixed_words("The Presid\u0435nt of Valdora")
    assert (found.word, found.letters, found.script) == ("Presid\u0435nt", "\u0435", "CYRILLIC")
    (found,) = mixed_words("Б\u04d9xtiyar")
    assert found.word == "Б\u04d9xtiyar"


@pytest.mark.parametrize(
    "text", ["мы c вами", "you \u0430nd me", "Ilham \u04d8liyev", "\u0441orps"]
)
def test_letters_that_only_look_right_are_found(text):
    assert mixed_words(text)


@pytest.mark.parametrize(
    "text",
    [
        *("IT-компания и COVID-19", "USB-кабель", "МИГ-29", "Bəxtiyar Əliyev", "İlham", "œuvre"),
        *(
            "الـUNESCO",
            "كـــتاب",
            "می\u200cرود",
            "50 µm",
            "1ª edición, n.º 3",
            "naïve Straße",
            "витамин C",
        ),
        *("витамин C", "H₂O", "e\u0301te\u0301", "O’Brien"),
    ],
)
def test_words_in_one_script_are_left_alone(text):
    assert mixed_words(text) == []
    assert hidden_in_words(text) == []


ALPHABETS = {
    "latin": "abcdefghijklmnopqrstuvwxyzàéèçñüəğışöABCÉƏİ",
    "cyrillic": "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВЁ",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءآأؤإئ\u0640\u200c",
    "greek": "αβγδεζηθικλμνξοπρστυφχψωάέή",
}


@given(
    st.sampled_from(sorted(ALPHABETS)).flatmap(
        lambda script: st.text(ALPHABETS[script] + " .,’-0123456789\n", max_size=60)
    )
)
def test_text_in_one_script_has_no_mixed_word(text):
    assert mixed_words(text) == []


@given(st.text(ALPHABETS["latin"], min_size=2), st.text(ALPHABETS["cyrillic"], min_size=1))
def test_a_word_of_two_scripts_is_always_found(one, other):
    (found,) = mixed_words(one + other)
    assert found.word == one + other


def test_what_nobody_sees_is_found_inside_a_word_only():
    assert hidden_in_words("Val\u200ddora and сло\u200bво") == ["Valdora", "слово"]
    assert hidden_in_words("Valdora\u200f. نامه\u200cها") == []


# --- Quotations -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paragraphs", "mark"),
    [
        (["He said “yes and left."], "“"),
        (["He said yes” and left."], "”"),
        (["Il a dit «\u00a0oui et partit."], "«"),
        (["Он сказал «да и ушёл.", "Потом."], "«"),
        (['He said "yes and left.'], '"'),
        (["He said (yes and left.", "Then) he"], "("),
        (["He said yes) and left."], ")"),
        (["He said ‘yes and left."], "‘"),
        (["قال «نعم ومضى"], "«"),
        (["Er sagte „ja und ging."], "„"),
    ],
)
def test_a_mark_without_its_other_one_is_found(paragraphs, mark):
    assert unbalanced(paragraphs)[0].mark == mark


@pytest.mark.parametrize(
    "paragraphs",
    [
        ["“A long quotation", "“goes on here", "“and ends here.”"],
        ["« Une citation", "« continue ici", "« et finit ici. »"],
        ["« Une citation", "» continue ici", "» et finit ici. »"],
        ["“Opened once", "and closed later.”"],
        ["„Ja“, „да“ и «слово „внутри“ слова»", "«слово “внутри” слова»"],
        ["It’s the King’s ’tis, the kings’ and ‘Abd al-Rahman’s", "the ‘90s"],
        ["1) one", "a) two", "(3) three (and “four (five)”)"],
        ["»Ja«, sade ”han”."],
        ["„„So said the kings’““ then"],
        ["قال «نعم» و”لا“ و“ربما” و(هذا) و»ذاك«"],
        ['A 5" pipe and "a" pipe.'],
        ["He said: “It is ‘good’ (“so” he thought).”"],
    ],
)
def test_conventions_of_quotation_are_known(paragraphs):
    assert unbalanced(paragraphs) == []


PAIRS = st.sampled_from([("“", "”"), ("«", "»"), ("«\u00a0", "\u00a0»"), ("„", "“"), ("(", ")")])
WORDS = st.sampled_from(["one", "it’s", "два", "trois.", "çox", "kings’"])


def _quoted(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    quoted = st.builds(lambda pair, text: f"{pair[0]}{text}{pair[1]}", PAIRS, inner)
    return st.lists(quoted | WORDS, min_size=1, max_size=3).map(" ".join)


@given(st.lists(st.recursive(WORDS, _quoted, max_leaves=8), max_size=4))
def test_what_is_balanced_is_never_found(paragraphs):
    assert unbalanced([f"So {text} then" for text in paragraphs]) == []


# --- Which language -------------------------------------------------------------------------------

SAMPLES = {
    "en": "I congratulate you on your election and look forward to the work that we will do.",
    "fr": "Je vous félicite de votre élection et je me réjouis de ce que nous ferons avec vous.",
    "es": "Le felicito por su elección y espero con interés el trabajo de los años en paz.",
    "ru": "Поздравляю Вас с избранием и надеюсь на нашу совместную работу в ближайшие годы.",
    "az": "Sizi seçilməyiniz münasibətilə təbrik edir, bizim birgə işimizə ümid bəsləyirəm.",
    "ar": "أهنئكم بانتخابكم وأتطلع إلى عملنا المشترك في السنوات المقبلة من أجل السلام.",
}


@pytest.mark.parametrize("language", SAMPLES)
def test_a_text_is_in_its_own_language_and_in_no_other(language):
    text = SAMPLES[language]
    assert other_language(text, [language]) == ""
    assert {other_language(text, [other]) for other in SAMPLES if other != language} == {language}


def test_a_name_or_a_foreign_word_does_not_make_another_language():
    assert other_language("Salma Tazrouti", ["ar"]) == ""
    assert other_language("The President of the Cour de cassation in Auremont", ["en"]) == ""
    assert other_language("Condolences", ["fr"]) == ""


# --- Words to avoid -------------------------------------------------------------------------------


def test_phrases_are_found_as_whole_words_in_any_capitals():
    text = "IN DUE\ncourse, it’s the Istanbulite."
    assert phrases_in(text, ["in due course", "it's", "Istanbul", "cours"]) == [
        "in due course",
        "it's",
    ]
    assert phrases_in("QIZIL İŞ", ["qızıl iş"], "az") == ["qızıl iş"]
    assert phrases_in("المكتب في فالدورا", ["في", "مكتب"]) == ["في"]
    assert phrases_in("a.b", ["a.b", "axb", " ", ""]) == ["a.b"]


@given(st.text() | st.text("“”«»„‟‹›\"'‘’()[]{}<>…._?%$ \n\u200dXxмaеCé12ابـ", max_size=80))
def test_no_text_is_too_odd(text):
    placeholders(text)
    unbalanced(text.split("\n"))
    mixed_words(text)
    hidden_in_words(text)
    other_language(text, ["en"])
    phrases_in(text, [text, "(", "x"], "az")
