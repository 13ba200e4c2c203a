"""Who writes to whom and what kind of letter it is, told from a headline or a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from letters.importing.names import Person, Token, tokens
from letters.importing.people import Mention, Reader
from letters.importing.places import folded
from letters.importing.titles import DATIVE, OTHER_CASE


@dataclass(frozen=True)
class Parties:
    senders: tuple[Person, ...] = ()
    addressees: tuple[Person, ...] = ()
    received: bool = False  # the wording says that the letter came in

    def __bool__(self) -> bool:
        return bool(self.senders or self.addressees)


# --- kinds ----------------------------------------------------------------------------------------

_KINDS = {
    "condolence": r"\bcondol|\bsympath|\bpésame|\bpesar\b|\bcondoléance|соболезн|başsağlığı|تعاز|"
    r"تعزي|يعزي|"
    r"عزى|عزت|مواساة|\bmourn|\bcompassion",
    "congratulation": r"\bcongratul|\bfelicita|\bfélicit|\benhorabuena|поздрав|təbrik|تهنئ|تهاني|"
    r"هنأ|يهنئ|"
    r"التهاني",
    "invitation": r"\binvit|пригла[сш]|dəvət|دعوة|يدعو|تدعو|دعا\b|دعت\b",
    "thanks": r"\bthank|\bgratitude|\bremerci|\bagradec|\bgratitud|\bgracias|благодар|təşəkkür|"
    r"\bشكر|يشكر|تشكر|الشكر|امتنان",
    "reply": r"\brepl(?:y|ies|ied)|\brespon(?:d|se)|\banswer|\brépon|\bresponde|\brespuesta|"
    r"\bcontesta|"
    r"\bответ|cavab|\bرد(?:ا|ًا)?\b|\b[يت]رد\b|\bردت\b",
    "greeting": r"\bgreet|\bgood wishes|\bbest wishes|\bsalut|\bsaluda|\bsaludo|\bvœux|приветств|"
    r"\bsalam|"
    r"تحية|تحيات|يحيي",
    "statement": r"\bstatement|\bdéclaration|\bdeclaración|заявлени|bəyanat|بيان",
}
_KIND = re.compile(
    "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()), re.IGNORECASE
)


def kind_of(*texts: str) -> str:
    """The kind that the first text to name one names first.

    Thanks for a congratulation are thanks. Any letter may be called a statement besides.
    """
    found = [match.lastgroup or "" for text in texts for match in _KIND.finditer(text)]
    return next((kind for kind in found if kind != "statement"), found[0] if found else "")


# --- parties --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Grammar:
    to: frozenset[str]
    by: frozenset[str]  # what always leads to the sender
    of: frozenset[str]  # what leads to the sender after a word for a letter
    ties: frozenset[str]
    verb: re.Pattern[str]
    receiving: re.Pattern[str]


def _grammar(to: str, by: str, of: str, ties: str, verb: str, receiving: str) -> _Grammar:
    return _Grammar(
        frozenset(to.split()),
        frozenset(by.split()),
        frozenset(of.split()),
        frozenset(ties.split()) | {"&"},
        re.compile(f"(?:{verb})"),
        re.compile(receiving),
    )


_GRAMMARS = {
    "en": _grammar(
        "to for",
        "from by",
        "of",
        "and",
        r"congratulat\w*|felicitat\w+|sent|sends?|extend\w*|offer\w*|convey\w*|express\w*|"
        r"address(?:ed|es)|"
        r"wrote|writes?|thank(?:s|ed)?|invit(?:es|ed)|repli\w+|answer\w*|greet(?:s|ed)|receiv\w+|"
        r"condoles|"
        r"respond\w*|mourns?|wish(?:es|ed)|has|have|dispatched|forwarded|states?|says?|said|"
        r"stated|is|was",
        r"\b(?:received?s?|receives|receipt)\b",
    ),
    "fr": _grammar(
        "à au aux",
        "par",
        "de du des d'",
        "et",
        r"félicit(?:e|ent|é)|a|ont|adress\w+|envoi\w+|envoy\w+|présent(?:e|ent|é)|remerci(?:e|"
        r"ent|é)|"
        r"invit(?:e|ent|é)|répon\w+|écri\w+|salu(?:e|ent|é)|exprim\w+|reçoi\w+|transm\w+|"
        r"souhait\w+",
        r"\b(?:reçoit|reçu|reçue|reçoivent)\b",
    ),
    "es": _grammar(
        "a al",
        "por",
        "de del",
        "y e",
        r"felicit(?:a|an|ó|aron)|ha|han|env[ií]\w+|dirig\w+|expres[aó]\w*|agradec\w+|invit(?:a|"
        r"an|ó)|"
        r"respond\w+|escrib\w+|salud(?:a|an|ó)|transmit\w+|remit\w+|recib\w+|traslad\w+|manif\w+|"
        r"contest(?:a|ó)",
        r"\brecib(?:e|en|ió|ido|ieron)\b",
    ),
    "ru": _grammar(
        "",
        "от",
        "",
        "и",
        r"направ\w+|поздрав(?:ил\w*|ляет|ляют)|выра(?:з|ж)\w+|пригла(?:с|ш)\w+|"
        r"(?:по)?благодарит?л?\w*|"
        r"отправ\w+|ответил\w*|приветств(?:ует|овал)\w*|посла(?:л|ть|в)\w*|обрат\w+|написа\w+|"
        r"пишет|получ\w+|переда\w+",
        r"\b(?:получил\w*|получает|поступил\w*|пришло)\b",
    ),
    "az": _grammar(
        "",
        "",
        "",
        "və ilə",
        r"göndər\w+|təbrik|başsağlığı|təşəkkür|dəvət|cavab|ünvanla\w+|edib|edir|alıb|yazıb|yazır",
        r"\b(?:alıb|alır|almışdır|daxil olub)\b",
    ),
    "ar": _grammar(
        "إلى ل",
        "من",
        "",
        "و",
        r"[يت]?هنئ|هنأت?|[يت]عزي|عزى|بعثت?|أرسلت?|وجهت?|تلقت?ى?|[يت]شكر|[يت]دعو|أعربت?|كتبت?|"
        r"[يت]رد",
        r"(?:^|\s)و?(?:تلقى|تلقت|[يت]تلقى|تسلم|تسلمت|استلم|استلمت)\b",
    ),
}
_LETTER_WORD = re.compile(
    r"(?:letters?|messages?|telegrams?|cables?|notes?|repl(?:y|ies)|invitation|congratulations?|"
    r"condolences?|greetings?|thanks|statement|wishes|"
    r"lettres?|télégrammes?|félicitations|condoléances|vœux|invitation|réponse|remerciements|"
    r"cartas?|mensajes?|telegramas?|felicitación|felicitaciones|condolencias|pésame|saludos?|"
    r"invitación|respuesta|agradecimiento)$"
)
# By order: who writes is named first, whoever is written to comes next.
_ORDER_TELLS = {"az", "ar"}

_COLLECTIVE = {
    "en": r"\b(?:to|greets|addresses|thanks|congratulates)\s(?P<who>(?:the\s|all\s)?(?:\w+\s){0,2}?"
    r"(?:participants|guests|organi[sz]ers|people|peoples|citizens|compatriots|students|graduates|"
    r"members|athletes|staff|delegates|veterans|readers|families|residents|pupils|teachers|"
    r"workers)\b",
    "fr": r"\b(?P<who>(?:aux|à tous les|à toutes les|au)\s(?:\w+\s)?"
    r"(?:participants?|participantes|invités|organisateurs|peuple|citoyens|compatriotes|"
    r"étudiants|membres|"
    r"athlètes|délégués|habitants|familles|élèves)\b",
    "es": r"\b(?P<who>(?:a los|a las|al)\s(?:\w+\s)?(?:participantes|invitados|organizadores|"
    r"pueblo|"
    r"ciudadanos|compatriotas|estudiantes|miembros|atletas|delegados|habitantes|familias|"
    r"alumnos)\b",
    "ru": r"\b(?P<who>(?:участник|гост|организатор|народ|граждан|соотечественник|студент|"
    r"выпускник|член|"
    r"спортсмен|делегат|жител|ветеран)(?:ам|ям|у)\b",
    "ar": r"(?:إلى\s|لل)(?P<who>(?:ال)?(?:مشاركين|مشاركات|ضيوف|شعب|مواطنين|طلاب|أعضاء|رياضيين|"
    r"خريجين)\b",
}
_COLLECTIVES = {
    language: re.compile(
        pattern
        + r"[^,;:.،]*?)(?=[,;:.،]|$|\s(?:on the occasion|à l[’']occasion|con motivo|по случаю|"
        r"بمناسبة|has|have)\b)",
        re.IGNORECASE,
    )
    for language, pattern in _COLLECTIVE.items()
}
_AZERBAIJANI_COLLECTIVE = re.compile(
    r"^(?P<who>.{3,140}?(?:iştirakçı|qonaq|təşkilatçı|tələbə|üzv|idmançı|"
    r"vətəndaş)\w*?l[aə]r\w{0,4}n[aə])\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:the|all|aux|au|à|al|a|los|las)\s(?:los\s|las\s|the\s)?", re.IGNORECASE)


def parties_of(text: str, reader: Reader) -> Parties:
    """Senders and addressees a headline or a sentence names; nobody whose part it leaves open."""
    language = reader.language
    grammar = _GRAMMARS[language]
    receiving = grammar.receiving.search(folded(text)) is not None
    toks = tokens(text)
    verbs = [at for at, tok in enumerate(toks) if grammar.verb.fullmatch(tok.folded)]
    senders: list[Person] = []
    addressees: list[Person] = []
    roles = {"sender": senders, "addressee": addressees}
    collective = _collective(text, language)
    last_role, last_stop = "", -1
    for mention in reader.mentions(text):
        if collective and toks[mention.start].start >= collective[0]:
            break
        if last_role and _tied(toks, last_stop, mention.start, grammar, language):
            role = last_role
        else:
            role = _role(mention, toks, verbs, grammar, language, receiving)
            if role == "either":
                first, second = ("addressee", "sender") if receiving else ("sender", "addressee")
                role = first if not roles[first] else second if not roles[second] else ""
            elif role and roles[role] and role == last_role and language not in _ORDER_TELLS:
                # A later one with the same part in the sentence belongs to its occasion.
                role = ""
        last_role, last_stop = role, mention.stop
        if role and (mention.person.name or mention.person.title):
            roles[role].append(mention.person)
    if collective and not addressees:
        addressees.append(Person(collective[1]))
    return Parties(tuple(senders), tuple(addressees), receiving)


def _collective(text: str, language: str) -> tuple[int, str] | None:
    """Where a text names a group as the addressee, and the group."""
    pattern = _AZERBAIJANI_COLLECTIVE if language == "az" else _COLLECTIVES[language]
    found = pattern.search(text)
    if found is None:
        return None
    who = found["who"].strip()
    article = _ARTICLE.match(who)
    return found.start("who"), who[article.end() :] if article else who


def _tied(toks: Sequence[Token], stop: int, start: int, grammar: _Grammar, language: str) -> bool:
    """Whether someone is named in one breath with the one before."""
    between = [tok.folded for tok in toks[stop:start]]
    if language == "ar" and not between:
        return toks[start].text[:1] == "و" and len(toks[start].text) > 4
    if not between or len(between) > 4:
        return False
    prepositions = grammar.to | grammar.by | grammar.of
    rest = [word for word in between if word not in {",", "،", "the", "le", "la", "el", "l'"}]
    return (
        bool(rest)
        and rest[0] in grammar.ties
        and all(word in grammar.ties | prepositions for word in rest)
    )


def _role(
    mention: Mention,
    toks: Sequence[Token],
    verbs: Sequence[int],
    grammar: _Grammar,
    language: str,
    receiving: bool,
) -> str:
    before = mention.start - 1
    while before >= 0 and toks[before].folded in {
        "the",
        "le",
        "la",
        "l'",
        "el",
        "his",
        "her",
        "los",
    }:
        before -= 1
    word = toks[before].folded if before >= 0 else ""
    first = toks[mention.start].folded
    if word in grammar.to or (language == "ar" and first.startswith(("لل", "لر", "لم", "لأ"))):
        return "addressee"
    if word in grammar.by:
        return "sender"
    if word in grammar.of:
        return "sender" if _after_letter_word(toks, before, grammar, receiving) else ""
    if language == "ru":
        return _role_by_case(mention, toks, verbs, word)
    if language in _ORDER_TELLS:
        if mention.case == DATIVE:
            return "addressee"
        if language == "az" and _is_ablative(toks, mention):
            return "sender"
        return "either" if word not in {"في", "على", "بوفاة", "لوفاة", "عن", "وفاة", "بين"} else ""
    if word and toks[before].text.isalpha() and word in _OTHER_PREPOSITIONS:
        return ""
    if mention.possessive or _before_verb(mention, verbs) or not verbs:
        return "addressee" if receiving and not mention.possessive else "sender"
    if mention.start < verbs[0]:
        return "addressee" if receiving else "sender"
    return "addressee" if not receiving else ""


_OTHER_PREPOSITIONS = frozenset(
    ["on", "over", "with", "in", "at", "after", "about", "between", "as"]
    + ["sur", "avec", "dans", "en", "après", "entre", "comme", "pour"]
    + ["sobre", "con", "tras", "entre", "como", "ante", "para"]
)


def _after_letter_word(
    toks: Sequence[Token], before: int, grammar: _Grammar, receiving: bool
) -> bool:
    near = [tok.folded for tok in toks[max(0, before - 4) : before]]
    if not any(_LETTER_WORD.match(word) for word in near):
        return False
    return bool(_LETTER_WORD.match(near[-1])) or receiving


def _before_verb(mention: Mention, verbs: Sequence[int]) -> bool:
    return any(mention.stop <= at <= mention.stop + 2 for at in verbs)


_RUSSIAN_LETTER = re.compile(
    "послани|письм|поздравлени|приветстви|телеграмм|соболезнован|ответ|обращени|приглашени"
)


def _role_by_case(mention: Mention, toks: Sequence[Token], verbs: Sequence[int], word: str) -> str:
    if mention.case == DATIVE:
        return "addressee"
    if word in {"в", "на", "с", "о", "об", "по", "при", "к"}:
        return ""
    earlier = [at for at in verbs if at < mention.start]
    if mention.case == OTHER_CASE and word == "адрес":
        return "addressee"
    if mention.case == OTHER_CASE and _RUSSIAN_LETTER.match(word):
        return "sender"
    if mention.case == OTHER_CASE:
        near = bool(earlier) and mention.start - earlier[-1] <= 3
        return "addressee" if near else ""
    if mention.case or not earlier or _before_verb(mention, verbs):
        return "sender"
    # A bare name after the verb is its object: dative or accusative, never the subject.
    return "addressee"


def _is_ablative(toks: Sequence[Token], mention: Mention) -> bool:
    return re.search(r"[dt][aə]n$", toks[mention.stop - 1].folded) is not None and any(
        tok.folded.startswith(("məktub", "təbrik", "dəvət", "mesaj"))
        for tok in toks[mention.stop :]
    )
