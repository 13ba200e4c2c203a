"""Sixty texts put to the page that checks them, in four languages, and what is said of each."""

from __future__ import annotations

import re
from typing import Any
from unicodedata import normalize

import pytest
from django.test import Client

from letters import record, workflow
from letters.models import Edition, Stage, Standing, Withdrawal
from tests.letters_at_stages import (
    edit,
    make_correction,
    make_edition,
    person,
    publish,
    schedule,
    withdraw,
)
from tests.test_verify_page import verdict
from tests.the_desk import words

pytestmark = pytest.mark.django_db

# Of each language: salutation, close, three paragraphs; then the texts of other letters.
LETTERS: dict[str, dict[str, Any]] = {
    "en": {
        "salutation": "Your Majesty,",
        "closing": "Yours sincerely,",
        "body": [
            "With the people of Valdora I mourn the death of His Majesty King Sigvard II.",
            "For thirty-six years your father was the “good neighbour” at whose door we never"
            " knocked in vain. In the storm of 1998 one hundred and twelve people came ashore by"
            " the lights of Kronvik — most of them are living still.",
            "He saw the Lake Silvane Convention signed this spring, and I’m grateful that he did.",
        ],
        "name": ("Sigvard", "Sigmund"),
        "number": ("1998", "1989"),
        "around": ("[29/11/2026, 10:02] Anna: Forwarded many times", "Please share!! 🙏"),
        "withdrawn": "The conference on the glaciers of our mountains opens in June at the lake.",
        "superseded": ("The bridge over the Orla was opened in 1911 by your", "grandfather."),
        "corrected": "great-grandfather.",
        "scheduled": "Tomorrow our two ministers will sign the treaty on the northern railway.",
        "not_ours": "We have never bought a single barrel of oil from anybody in that country.",
        "short": "Dear friend, thank you.",
    },
    "fr": {
        "salutation": "Madame la Présidente,",
        "closing": "Veuillez agréer l’expression de ma haute considération.",
        "body": [
            "Avec le peuple de Valdora, je pleure la mort de Sa Majesté le roi Sigvard II.",
            "Trente-six ans durant, votre père fut le « bon voisin » à la porte duquel nous"
            " n’avons jamais frappé en vain. Lors de la tempête de 1998, cent douze personnes"
            " gagnèrent la côte grâce aux feux de Kronvik – la plupart vivent encore.",
            "Il a vu signer ce printemps la convention du lac Silvane, et je m’en réjouis.",
        ],
        "name": ("Sigvard", "Sigmund"),
        "number": ("1998", "1989"),
        "around": ("Transféré plusieurs fois", "À partager avec tous vos contacts !!"),
        "withdrawn": "La conférence sur les glaciers de nos montagnes s’ouvre en juin sur le lac.",
        "superseded": ("Le pont sur l’Orla fut inauguré en 1911 par votre", "grand-père."),
        "corrected": "arrière-grand-père.",
        "scheduled": "Demain nos deux ministres signeront le traité sur le chemin de fer du nord.",
        "not_ours": "Nous n’avons jamais acheté un seul baril de pétrole à qui que ce soit là-bas.",
        "short": "Cher ami, merci beaucoup.",
    },
    "ar": {
        "salutation": "صاحب الجلالة،",
        "closing": "وتفضلوا بقبول فائق الاحترام والتقدير.",
        "body": [
            "أشارك شعب فالدورا الحزن على وفاة صاحب الجلالة الملك سيغفارد الثاني.",
            "كان والدكم ستة وثلاثين عامًا «الجار الطيب» الذي لم نطرق بابه يومًا دون جدوى. وفي"
            " عاصفة عام 1998 وصل مئة واثنا عشر شخصًا إلى الشاطئ على ضوء منارات كرونفيك - وما زال"
            " معظمهم أحياء.",
            "وقد شهد توقيع اتفاقية بحيرة سيلفان هذا الربيع، وأنا ممتن لذلك.",
        ],
        "name": ("سيغفارد", "سيغموند"),
        "number": ("1998", "1989"),
        "around": ("أعيد توجيهها مرات كثيرة", "شاركوها مع الجميع من فضلكم!!"),
        "withdrawn": "يُفتتح مؤتمر الأنهار الجليدية في جبالنا خلال شهر يونيو على ضفاف البحيرة.",
        "superseded": ("افتتح الجسر فوق نهر أورلا عام 1911 على يد", "جدكم."),
        "corrected": "والد جدكم.",
        "scheduled": "غدًا سيوقع وزيرانا معاهدة السكة الحديدية الشمالية بين البلدين الصديقين.",
        "not_ours": "لم نشترِ قط برميل نفط واحدًا من أي جهة في ذلك البلد البعيد.",
        "short": "صديقي العزيز، شكرًا.",
    },
    "ru": {
        "salutation": "Ваше Величество!",
        "closing": "С глубоким уважением",
        "body": [
            "Вместе с народом Вальдоры скорблю о кончине Его Величества короля Сигварда II.",
            "Тридцать шесть лет Ваш отец был «добрым соседом», в чью дверь мы ни разу не"
            " постучали напрасно. В шторм 1998 года сто двенадцать человек вышли на берег на"
            " огни Кронвика — и всё ещё живы почти все они.",
            "Этой весной при нём была подписана Конвенция об озере Сильване, и я этому рада.",
        ],
        "name": ("Сигварда", "Сигмунда"),
        "number": ("1998", "1989"),
        "around": ("Переслано много раз", "Перешлите всем, кого знаете!!"),
        "withdrawn": "Конференция о ледниках наших гор откроется в июне на берегу этого озера.",
        "superseded": ("Мост через Орлу был открыт в 1911 году Вашим", "дедом."),
        "corrected": "прадедом.",
        "scheduled": "Завтра два наших министра подпишут договор о северной железной дороге.",
        "not_ours": "Мы никогда не покупали ни одного барреля нефти ни у кого в той стране.",
        "short": "Дорогой друг, спасибо.",
    },
}


def html(paragraphs: list[str]) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def letter(language: str, clock: Any, stage: Stage = Stage.LIVE, **facts: Any) -> Edition:
    facts = {"salutation": "", "closing": "", "letter_language": language, **facts}
    return make_edition(stage, clock=clock, language=language, **facts)


def spelled_anew(text: str) -> str:
    """As Word, a phone and a messenger leave it: not a word is another."""
    for ours, theirs in (("—", "--"), ("–", "-"), ("“", '"'), ("”", '"'), ("’", "'"), ("«", "“")):
        text = text.replace(ours, theirs)
    text = text.replace(" »", "”").replace("»", "”").replace("« ", "„").replace("ё", "е")
    return normalize("NFD", text.replace(" ", "\u00a0", 3)).replace("ne", "n\u00ade")


def test_each_of_sixty_texts_has_a_verdict_that_is_true(clock: Any, citizen: Client) -> None:
    letters: dict[str, Edition] = {}
    for language, texts in LETTERS.items():
        facts = {name: texts[name] for name in ("salutation", "closing")}
        if language == "en":
            made = letter(language, clock, body=html(texts["body"]), **facts)
        else:
            draft = workflow.translate(letters["en"], language, by=person("drafter"))
            draft.parties.update(name="Mira Halden", title="President of Valdora")
            facts |= {"headline": f"{language} headline", "summary": "…", "place": "Valmere"}
            facts |= {"standing": Standing.COURTESY, "body": html(texts["body"])}
            made = publish(edit(draft, person("drafter"), **facts), clock)
        letters[language] = made
        kept = letter(language, clock, body=html([texts["withdrawn"]]))
        withdraw(kept, Withdrawal.Kind.KEPT, clock)
        begun, end = texts["superseded"]
        first = letter(language, clock, body=html([f"{begun} {end}"]))
        publish(make_correction(first, body=html([f"{begun} {texts['corrected']}"])), clock)
        letter(language, clock, Stage.SCHEDULED, body=html([texts["scheduled"]]))

    expected: dict[str, str] = {}
    said: dict[str, str] = {}
    next_one = dict(zip(LETTERS, [*list(LETTERS)[1:], "en"], strict=True))
    for language, texts in LETTERS.items():
        edition = letters[language]
        first, second, third = texts["body"]
        whole = "\n\n".join([texts["salutation"], *texts["body"], texts["closing"]])
        other = LETTERS[next_one[language]]
        before, after = texts["around"]
        table = {
            "whole": (whole, "whole"),
            "whole, forwarded": (f"{before}\n{whole}\n{after}", "whole"),
            "its text only": (f"{first}\n{second}\n{third}", "body"),
            "one sentence": (second.split(". ")[0], "part"),
            "two paragraphs": (f"{second}\n\n{third}", "part"),
            "one name changed": (whole.replace(*texts["name"]), "changed"),
            "one number changed": (whole.replace(*texts["number"]), "changed"),
            "spelled anew": (spelled_anew(whole), "whole"),
            "translation": ("\n\n".join(other["body"]), "body"),
            "not ours": (texts["not_ours"], "unknown"),
            "withdrawn": (texts["withdrawn"], "whole, withdrawn"),
            "superseded": (" ".join(texts["superseded"]), "whole, superseded"),
            "code alone": (
                f"{edition.letter.reference} {record.check_code(edition.digest)}",
                "code",
            ),
            "too short": (texts["short"], "short"),
            "scheduled": (texts["scheduled"], "unknown"),
        }
        for name, (text, verdict_of_it) in table.items():
            answer = citizen.post(f"/{language}/verify/", {"text": text})
            expected[f"{language}: {name}"] = verdict_of_it
            said[f"{language}: {name}"] = verdict(answer)
            page = answer.content.decode()
            if name == "one number changed":
                changes = re.findall(r"<(ins|del)><span[^>]*>[^<]*</span>([^<]*)", page)
                assert changes == [("del", texts["number"][0]), ("ins", texts["number"][1])]
            elif name == "one sentence":
                (marked,) = re.findall(r"<mark><span[^>]*>[^<]*</span>([^<]*)", page)
                assert marked == text
                assert third in words(answer)  # its place, and what stands beside it
            elif name == "whole, forwarded":
                foreign = re.findall(r'"foreign"><span class="unseen">[^<]*</span>([^<]*)', page)
                assert foreign == [before, after]
            elif name == "translation":
                assert letters[next_one[language]].get_absolute_url() in page
            elif name == "scheduled":
                of_nobody = " ".join(reversed(text.split()))
                unknown = citizen.post(f"/{language}/verify/", {"text": of_nobody})
                assert shape(answer) == shape(unknown)
    assert len(said) == 60
    assert {name: found for name, found in said.items() if found != expected[name]} == {}


def shape(answer: Any) -> str:
    """The verdict without what was asked."""
    page = answer.content.decode()
    return re.sub(
        r"\d+", "n", page[page.index('<section class="verdict') : page.index("</section>")]
    )


# --- What may not be learnt, and what is easily taken for something else ------------------------


def test_of_a_removed_text_only_who_has_all_of_it_learns_anything(clock, citizen):
    texts = LETTERS["en"]
    edition = make_edition(clock=clock, body=html(texts["body"]))
    withdraw(edition, Withdrawal.Kind.REMOVED, clock)
    whole = "\n".join([edition.salutation, *texts["body"], edition.closing])
    guesses = [*texts["body"], whole.replace("Sigvard", "Sigmund"), "\n".join(texts["body"][1:])]
    for text in (*guesses, edition.headline + edition.summary):
        answer = citizen.post("/en/verify/", {"text": text})
        assert verdict(answer) == "unknown", text
        assert edition.letter.reference not in words(answer)
    assert verdict(citizen.post("/en/verify/", {"text": whole})) == "whole, withdrawn"


def test_a_few_words_of_ours_do_not_make_a_text_ours(clock, citizen):
    make_edition(clock=clock, body=html(LETTERS["en"]["body"]))
    sentence = LETTERS["en"]["body"][0]
    hoax = f"{LETTERS['en']['not_ours']} {sentence} {LETTERS['en']['scheduled']} Send money."
    answer = citizen.post("/en/verify/", {"text": hoax})
    assert verdict(answer) == "some"
    assert "We could find only some of these words" in words(answer)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # A quotation in a sentence of another, in two passages, and with words left out.
        ("She said your father was the 'good neighbour' at whose door we never knocked.", "part"),
        ("Anna: “With the people of Valdora I mourn the death of His Majesty”!", "part"),
        (
            "She wrote: “With the people of Valdora I mourn the death of His Majesty” and then"
            " “He saw the Lake Silvane Convention signed this spring”.",
            "part",
        ),
        ("With the people of Valdora I mourn […] the Lake Silvane Convention.", "part"),
        # What the office says of the letter is not the letter.
        ("The President congratulated the King of Ostmark on his country's", "about"),
        # Without “not”, with another end, with a sentence in between.
        ("With the people of Valdora I do not mourn the death of His Majesty King", "changed"),
        ("With the people of Valdora I mourn the death of His Majesty King Sigvard III", "changed"),
        ("He saw the Lake Silvane Convention signed this spring? And I’m grateful", "changed"),
    ],
)
def test_what_was_compared_is_what_is_said(text, found, clock, citizen):
    make_edition(clock=clock, body=html(LETTERS["en"]["body"]))
    assert verdict(citizen.post("/en/verify/", {"text": text})) == found


def test_words_of_several_letters_are_said_to_be_of_each(clock, citizen):
    texts = [
        make_edition(clock=clock, headline=f"To king {n}", body=html(LETTERS["en"]["body"][n:]))
        for n in (0, 1)
    ]
    answer = citizen.post("/en/verify/", {"text": LETTERS["en"]["body"][2]})
    for edition in texts:
        assert edition.get_absolute_url() in answer.content.decode()


def test_a_correction_to_come_is_not_told_from_what_does_not_exist(clock, citizen):
    texts = LETTERS["en"]
    edition = make_edition(clock=clock, body=html([texts["body"][0]]))
    schedule(make_correction(edition, body=html([texts["scheduled"]])))
    asked = citizen.post("/en/verify/", {"text": texts["scheduled"]})
    unknown = citizen.post("/en/verify/", {"text": texts["not_ours"]})
    assert shape(asked) == shape(unknown)
