"""What press offices write around a letter, in each language: the words a release is known by.

A release often quotes a letter in another language, so the patterns for single lines are tried in
all languages at once; only the words for people and their part in a sentence go by language.
"""

from __future__ import annotations

import re

LONGEST_LABEL = 140  # characters: longer lines are prose


def any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.I)


# --- lead-ins ("The letter reads:") ---------------------------------------------------------------

_LETTER_NOUN = any_of(
    r"\b(?:letter|message|telegram|cable|note|text|statement|address|reply|response|"
    r"condolences?)\b",
    r"\b(?:lettre|message|télégramme|texte|missive|communiqué|réponse|dépêche)\b",
    r"\b(?:carta|mensaje|telegrama|texto|misiva|nota|respuesta|comunicado)\b",
    r"\b(?:письм|послани|телеграмм|текст|поздравлени|приветстви|соболезновани|обращени|ответ)",
    r"\b(?:məktub|təbrik|mesaj|teleqram|başsağlığı|müraciət|mətn)",
    r"(?:رسالة|رسالته|رسالتها|الرسالة|برقي|نص|خطاب|كلمة)",
)
_SAYING = any_of(
    r"\b(?:reads?|says|states?|said|stated|wrote|writes|written|follows|following|contains|"
    r"noted)\b",
    r"\b(?:text of|conveyed|expressed|emphasi[sz]ed|declared)\b",
    r"\b(?:lit|libellée?|écrit|écrivait|déclare|indique|dit|suit|suivante?s?|voici|souligne)\b",
    r"\b(?:dice|señala|expresa|reza|escribió|escribe|manifestó|siguientes?|afirma|manifiesta|"
    r"lee)\b",
    r"\b(?:говорится|пишет|написал|отмечается|следующ|подч[её]ркивается|гласит|сказано|отметил|"
    r"приводим|публикуем)",
    r"(?:deyilir|bildirilir|yazılıb|yazır|yazıb|qeyd olunur|qeyd edilir|vurğulanır|bildirib)\b",
    r"(?:جاء|تقول|قال|كتب|فيما يلي|التالي|يلي|ذكر|ورد|أكد|قائلا)",
)
_IN_PART = any_of(
    r"\b(?:in part|in particular|excerpts?|extracts?|among other things|inter alia|notably|"
    r"partly)\b",
    r"\b(?:notamment|en particulier|extraits?|en partie|entre autres)\b",
    r"\b(?:en particular|entre otras cosas|en parte|extractos?|fragmentos?|particularmente)\b",
    r"(?:в частности|отрыв|среди прочего|фрагмент|выдержк)",
    r"\b(?:xüsusilə|xüsusən|o cümlədən|qismən|hissəsində|parça)",
    r"(?:مما جاء|ومن بين|على وجه الخصوص|بشكل خاص|جانب من|جزء من|مقتطف|بصفة خاصة)",
)
_OPENING_MARK = "\"“”„«‟'‘"
_INLINE_LEAD_IN = re.compile(rf"[:：]\s?(?=[{_OPENING_MARK}])")


def is_lead_in(text: str) -> bool:
    """Whether a line announces the letter's text. Only its end and its words tell."""
    return (
        text.rstrip(f"{_OPENING_MARK} ").endswith((":", "："))
        and len(text) <= 600
        and not is_salutation(text)
        and _SAYING.search(text) is not None
        and not re.match(r"(?:to|à|a|кому|kimə)\s?:", text, re.I)
    )


def names_the_letter(text: str) -> bool:
    """Whether a lead-in speaks of a letter as such: enough to end an earlier letter's text."""
    return is_lead_in(text) and _LETTER_NOUN.search(text) is not None


def inline_lead_in(text: str) -> int:
    """Where the quoted text begins in a line such as 'The message reads: "Dear…'; 0 if nowhere."""
    found = _INLINE_LEAD_IN.search(text[:700])
    return found.end() if found and is_lead_in(text[: found.end()].rstrip()) else 0


def is_in_part(lead_in: str) -> bool:
    return _IN_PART.search(lead_in) is not None


# --- salutations and closes -----------------------------------------------------------------------

_SALUTATION = any_of(
    r"^(?:your (?:majest|excellenc|highness|royal high|serene|holiness|beatitude|eminence|grace|"
    r"hono)|"
    r"dear\b|my dear\b|excellenc|mr\.? president|mr\.? prime|madam\b|sirs?\b|esteemed|"
    r"distinguished|"
    r"hono[u]?rable\b|respected|ladies and gentlemen|friends\b|compatriots\b)",
    r"^(?:monsieur|madame|mesdames|messieurs|excellence|sire\b|votre (?:majest|excellence|"
    r"altesse|saint)"
    r"|ch[eè]re?s?\b|majesté|très saint|altesse)",
    r"^(?:excelent[ií]sim|señora?(?:es|s)?\b|estimad|querid|distinguid|majestad|vuestra|excelencia|"
    r"santidad|apreciad|muy señor|su majestad|su excelencia)",
    r"^(?:уважаем|глубокоуважаем|многоуважаем|дорог(?:ой|ая|ие)\b|ваше (?:превосх|велич|высоч|"
    r"святей)|"
    r"ваша светлость|господин президент|друзья\b|соотечественники\b)",
    r"^(?:(?:çox )?hörmətli|əziz|zati-aliləri|əlahəzrət|möhtərəm|dəyərli|həmvətənlər|dostlar)\b",
    r"^(?:فخامة|صاحب|جلالة|سمو|معالي|السيد|السيدة|سعادة|عزيزي|عزيزتي|أخي|حضرة|دولة|الأخ|الأخت|"
    r"قداسة|"
    r"سيادة|سيادتكم|أصحاب|أيها|السادة)(?=[\s،,]|ا|$)",
)
_ABBREVIATED = re.compile(r"\b(?:mr|mrs|ms|dr|h\.e|m|st|sr|sra|prof|гос|г)\.$", re.I)


def is_salutation(text: str) -> bool:
    """Whether a line could greet the addressee; `letter` looks at the lines around it as well."""
    if len(text) > LONGEST_LABEL or len(text.split()) > 16 or not _SALUTATION.search(text):
        return False
    if text[-1] in "?؟;؛…»”" or (text[-1] == "." and not _ABBREVIATED.search(text)):
        return False
    return text[-1] in ",!:،" or len(text.split()) <= 9


_SHORT_CLOSE = any_of(
    r"^(?:yours?\b|(?:most |very )?sincerely|respectfully|faithfully|cordially|warmly|"
    r"in friendship|"
    r"with (?:my |our )?(?:\w+[, ]+){0,5}?(?:regards|wishes|respect|esteem|sympathy|condolences|"
    r"gratitude|friendship|consideration|appreciation)|(?:with )?(?:best|kind|"
    r"warm)(?:est)? (?:reg|wish))",
    r"^(?:cordialement|respectueusement|bien à vous|avec (?:mes|ma|mon|toute|l[’']|nos|notre)|"
    r"amicalement|"
    r"sincères salutations|salutations|haute considération|très (?:cordial|respectueus)|"
    r"fraternellement|sincèrement)",
    r"^(?:(?:muy )?(?:atentamente|cordialmente|respetuosamente|sinceramente|afectuosamente)|"
    r"saludos|"
    r"con (?:mi|la|el|un|todo|toda|nuestr|mis)\b|suyo\b|un cordial)",
    r"^(?:с (?:\w+ ){0,3}(?:уважением|почтением|пожеланиями|приветом|соболезнованиями|"
    r"благодарностью)|"
    r"искренне (?:ваш|ваша|ваши)|ваш\b|ваша\b)",
    r"^(?:(?:ən |dərin |böyük |səmimi |xoş )*(?:hörmətlə|ehtiramla|arzularla|hörmət və ehtiramla|"
    r"səmimiyyətlə|ehtiramlarımla))",
    r"^(?:مع (?:خالص|فائق|أطيب|أصدق|بالغ|وافر|عميق|أسمى)|والسلام عليكم|المخلص|أخوكم|مع التقدير)",
)
_CLOSING_SENTENCE = any_of(
    r"^(?:i |we )?(?:ask you to |avail (?:myself|ourselves)|take this opportunity|"
    r"please,? accept|accept,)"
    r".*(?:assurance|consideration|esteem|my \w+ respect|regards)",
    r"^(?:veuillez|je (?:vous )?(?:prie|saisis)|nous vous prions|agréez|recevez|croyez|en vous).*"
    r"(?:considération|assurance|salutations|hommages?|sentiments|estime)",
    r"^(?:reciba|le (?:ruego|saluda)|sírvase|aprovecho|hago propicia|acepte|ruego).*"
    r"(?:consideraci|segurid|estima|aprecio|saludo|respeto|testimonio)",
    r"^(?:примите|прошу (?:вас )?принять|пользуюсь).*(?:увер|завер|уважени|почтени)",
    r"^.*(?:ehtiram|hörmət|ali ehtiramım).*(?:qəbul (?:edin|etmənizi)|bildirirəm)",
    r"^(?:وتفضلوا|تفضلوا|وتقبلوا|تقبلوا|وتفضلي|وتفضل|وأغتنم)",
)


def is_short_close(text: str) -> bool:
    return 0 < len(text.split()) <= 12 and text[-1] not in "?؟:" and bool(_SHORT_CLOSE.search(text))


def is_closing_sentence(text: str) -> bool:
    return len(text.split()) <= 60 and bool(_CLOSING_SENTENCE.search(text))


_SIGNED = re.compile(
    r"\[?\(?(?:/s/|\(s\)|signed|signé|signature|firmado|fdo\.?|подпись|подписано|imza|توقيع|"
    r"sceau|seal)"
    r"\)?\]?\.?:?$",
    re.I,
)


def is_signature_mark(text: str) -> bool:
    return _SIGNED.match(text) is not None


def is_omission(text: str) -> bool:
    """A line that says part of the letter was left out."""
    return re.fullmatch(r"[\[(<]?\s?(?:\.{3}|…|\. \. \.)\s?[\])>]?", text) is not None


def has_omission(text: str) -> bool:
    return re.search(r"[\[(<]\s?(?:\.{3}|…)\s?[\])>]", text) is not None
