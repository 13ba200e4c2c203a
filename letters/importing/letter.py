"""The letter itself, taken apart: addressee, salutation, text, close, signature, place, date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from letters.importing import furniture, phrases
from letters.importing.dates import find_date, place_and_date
from letters.importing.names import Person, tokens
from letters.importing.people import Reader
from letters.importing.source import Line

_MOST_HEAD_LINES = 14
_LONGEST_SIGNATURE_LINE = 130


@dataclass
class Letter:
    body: list[Line] = field(default_factory=list)
    addressee_block: list[str] = field(default_factory=list)
    addressees: list[Person] = field(default_factory=list)
    salutation: str = ""
    closing: str = ""
    signature_block: list[str] = field(default_factory=list)
    signatures: list[Person] = field(default_factory=list)
    dated: date | None = None
    place: str = ""
    date_lines: list[str] = field(default_factory=list)
    not_placed: list[Line] = field(default_factory=list)
    rest: list[Line] = field(default_factory=list)  # what comes after the letter


def is_prose(text: str) -> bool:
    """A line that speaks in sentences, as against a name, a title or a label."""
    if len(text) > phrases.LONGEST_LABEL:
        return True
    words = len(text.split())
    return words >= 5 and text.rstrip('"”»’)')[-1:] in (".", "!", "?", "…", "؟", ";")


def salutation_at(lines: Sequence[Line], at: int) -> int:
    """How many lines of salutation begin here, 0 when none: text must follow them."""
    count = 0
    while at + count < len(lines) and count < 4:
        if not phrases.is_salutation(lines[at + count].text):
            break
        count += 1
        if lines[at + count - 1].text[-1] not in ",!:،":
            break
    while count:
        following = lines[at + count].text if at + count < len(lines) else ""
        last = lines[at + count - 1].text
        opened = last[-1] in ",!،" or last[-1] == ":"
        # "Monsieur Jonas Brandt," above a title is the first line of an address.
        speaks = (
            len(following) > 60
            or is_prose(following)
            or (opened and len(following.split()) > 2 and following[-1] in ".:;!?…؟")
        )
        if speaks and (opened or not following[:1].islower()):
            return count
        count -= 1
    return 0


def names_a_group(text: str) -> bool:
    """ "To the participants of …": as the first line of a release it is the headline."""
    return _COLLECTIVE_BLOCK.match(text) is not None


def addressee_block_at(lines: Sequence[Line], at: int, reader: Reader) -> int:
    """How many lines name and place the addressee above a letter, 0 when none do."""
    first = lines[at].text
    toks = tokens(first)
    labelled = _TO_LABEL.match(first) is not None
    if is_prose(first) or len(first) > 160:
        return 0
    if not (labelled or reader.honorific_at(toks, 0) or _COLLECTIVE_BLOCK.match(first)):
        return 0
    for count in range(1, min(_MOST_HEAD_LINES, len(lines) - at)):
        if salutation_at(lines, at + count):
            return count
        text = lines[at + count].text
        if is_prose(text) or phrases.is_lead_in(text) or lines[at + count].is_heading:
            return count if is_prose(text) and (labelled or count > 1) else 0
    return 0


_TO_LABEL = re.compile(r"(?:to|à|a|кому|kimə|إلى)\s?:\s*", re.IGNORECASE)
_COLLECTIVE_BLOCK = re.compile(
    r"(?:to (?:the |all )|aux |à tous|a los |a las |участник|гостям|إلى المشارك)", re.IGNORECASE
)


def read_letter(
    lines: Sequence[Line], reader: Reader, language: str, *, whole: bool = False
) -> Letter:
    """Take a letter apart; lines that come after it are left in `rest`.

    With `whole` the lines are known to be the letter's: text under a name or a date means that
    the letter did not end there.
    """
    letter = Letter()
    start = _read_opening(lines, letter, reader, language)
    stop = _find_end(lines, start, reader, language)
    if whole and any(is_prose(line.text) for line in lines[stop + 2 :]):
        stop = len(lines)
    for line in lines[start:stop]:
        rule = furniture.is_separator(line.text) and not phrases.is_omission(line.text)
        (letter.not_placed if rule else letter.body).append(line)
    stop = _read_closing(lines, stop, letter)
    stop = _read_signatures(lines, stop, letter, reader, language)
    letter.rest.extend(lines[stop:])
    return letter


def read_ending(lines: Sequence[Line], letter: Letter, reader: Reader, language: str) -> None:
    """Read what stands after the closing quotation mark: a signature, a place, a date."""
    stop = _read_closing(lines, 0, letter)
    if stop or (lines and _begins_signature(lines, 0, reader, language, after_text=True)):
        stop = _read_signatures(lines, stop, letter, reader, language)
    letter.rest.extend(lines[stop:])


# --- above the text -------------------------------------------------------------------------------


def _read_opening(lines: Sequence[Line], letter: Letter, reader: Reader, language: str) -> int:
    salutation, count = _find_salutation(lines)
    end = salutation if count else 0
    if not count:
        end = addressee_block_at(lines, 0, reader) if lines else 0
        while end < len(lines) and _takes_date(lines, end, letter, language, only_try=True):
            end += 1
    at = 0
    block: list[Line] = []
    while at < end:
        taken = _takes_date(lines, at, letter, language)
        if taken:
            at += taken
        elif phrases.is_signature_mark(lines[at].text):
            letter.not_placed.append(lines[at])
            at += 1
        else:
            block.append(lines[at])
            at += 1
    letter.addressee_block = [line.text for line in block]
    letter.addressees = people_of_block(block, reader)
    letter.salutation = " ".join(line.text for line in lines[end : end + count])
    return end + count


def _find_salutation(lines: Sequence[Line]) -> tuple[int, int]:
    for at, line in enumerate(lines[:_MOST_HEAD_LINES]):
        count = salutation_at(lines, at)
        if count:
            return at, count
        if is_prose(line.text) and len(line.text) > 60:
            break
    return 0, 0


def people_of_block(lines: Sequence[Line], reader: Reader) -> list[Person]:
    """The people an addressee's block names: each begins with a style of address or a name."""
    groups: list[tuple[str, list[str]]] = []
    inline: dict[int, Person] = {}  # by group: who is named with a title on one line
    waiting = False  # a style of address stands alone, its name comes on the next line
    titles: list[str] = []
    for line in lines:
        text = _TO_LABEL.sub("", line.text, count=1)
        for part in _name_and_title(text, reader):
            toks = tokens(part)
            styled = reader.honorific_at(toks, 0)
            named = next((found.person for found in reader.mentions(part)[:1]), None)
            if named and named.name and named.title and reader.title_at(toks, styled):
                inline[len(groups)] = named
                groups.append((named.name, titles))
                titles, waiting = [], False
            elif styled and styled >= len(
                [tok for tok in toks if tok.text[0].isalnum() or tok.text == "."]
            ):
                waiting = True
            elif (styled and not reader.title_at(toks, styled)) or reader.looks_like_name(part):
                groups.append((part, titles))
                titles, waiting = [], False
            elif _COLLECTIVE_BLOCK.match(part):
                groups.append((re.sub(r"^(?:to (?:the |all )|aux |a los |a las )", "", part), []))
            elif reader.looks_like_title(part):
                if waiting or not groups:
                    titles.append(reader.bare_name(part) if styled else part)
                else:
                    groups[-1][1].append(part)
            elif waiting:
                groups.append((part, []))
                waiting = False
    if titles and not groups:
        groups.append(("", titles))
    return [
        inline[at] if at in inline and not own else reader.person(name, own)
        for at, (name, own) in enumerate(groups)
    ]


def _name_and_title(text: str, reader: Reader) -> list[str]:
    """ "His Excellency Mr Jonas Brandt, President of Sarvenia" as its two parts."""
    head, comma, tail = text.partition("," if "," in text else "،")
    if not comma or not tail.strip():
        return [text]
    if reader.looks_like_name(head) or reader.honorific_at(tokens(head), 0):
        return [head, *(_name_and_title(tail.strip(), reader) if ";" in tail else [tail.strip()])]
    return [text]


# --- below the text -------------------------------------------------------------------------------


def _find_end(lines: Sequence[Line], start: int, reader: Reader, language: str) -> int:
    """Where the text of the letter ends: at its close, its signature or its last line."""
    for at in range(start + 1, len(lines)):
        text = lines[at].text
        if phrases.is_short_close(text) and not is_prose(text):
            follows = lines[at + 1] if at + 1 < len(lines) else None
            if follows is None or not is_prose(follows.text):
                return at - 1 if at - 1 > start and phrases.is_closing_sentence(
                    lines[at - 1].text) else at  # fmt: skip
        if phrases.is_closing_sentence(text) and (
            at + 1 == len(lines)
            or _begins_signature(lines, at + 1, reader, language, after_text=True)
        ):
            return at
        if _begins_signature(lines, at, reader, language):
            return at
    return len(lines)


def _begins_signature(
    lines: Sequence[Line], at: int, reader: Reader, language: str, *, after_text: bool = False
) -> bool:
    """Whether a name, or a place and date, stands here and nothing of the text comes after it."""
    text = lines[at].text
    if lines[at].tag in ("ul", "ol", "blockquote") or lines[at].is_heading:
        return False
    if len(text) > _LONGEST_SIGNATURE_LINE or is_prose(text) or furniture.is_letterhead(text):
        return False
    if phrases.is_signature_mark(text) or _is_date_line(lines, at, language):
        return True
    name, _title = _signed_with_title(text, reader)
    if name:
        return True
    following = lines[at + 1].text if at + 1 < len(lines) else ""
    if reader.looks_like_name(text):
        return (
            after_text
            or not following
            or reader.looks_like_title(following)
            or reader.looks_like_name(following)
            or _is_date_line(lines, at + 1, language)
            or phrases.is_signature_mark(following)
            or furniture.is_separator(following)
        )
    return bool(following) and (
        _is_title_line(lines[at], reader)
        and (reader.looks_like_name(following) and len(following) <= 60)
    )


def _is_title_line(line: Line, reader: Reader) -> bool:
    text = line.text
    return (
        len(text) <= _LONGEST_SIGNATURE_LINE
        and text[-1] not in ".!?:؟"
        and not is_prose(text)
        and not line.is_heading
        and reader.looks_like_title(text)
    )


def _read_closing(lines: Sequence[Line], at: int, letter: Letter) -> int:
    closes: list[str] = []
    while at < len(lines) and len(closes) < 3:
        text = lines[at].text
        if not (phrases.is_closing_sentence(text) or phrases.is_short_close(text)):
            break
        closes.append(text)
        at += 1
    letter.closing = " ".join(filter(None, [letter.closing, *closes]))
    return at


def _read_signatures(
    lines: Sequence[Line], at: int, letter: Letter, reader: Reader, language: str
) -> int:
    people: list[tuple[str, list[str]]] = []
    pending: list[str] = []  # lines of title above the name they belong to
    title_first = False
    first = at
    block: list[str] = []
    while at < len(lines):
        line = lines[at]
        text = line.text
        if line.is_heading or len(text) > _LONGEST_SIGNATURE_LINE or furniture.is_separator(text):
            break
        taken = _takes_date(lines, at, letter, language)
        if taken:
            at += taken
            continue
        if phrases.is_signature_mark(text):
            letter.not_placed.append(line)
            at += 1
            continue
        if is_prose(text) or phrases.is_lead_in(text):
            break
        if furniture.is_letterhead(text):
            letter.not_placed.append(line)
            at += 1
            continue
        name, title = _signed_with_title(text, reader)
        if name:
            people.append((name, [title]))
        elif reader.looks_like_name(text) or (at == first and _may_sign(text, letter, reader)):
            people.append((text, pending))
            pending = []
        elif _is_title_line(line, reader):
            if not people:
                title_first = True
            if title_first:
                pending.append(text)
            elif people:
                people[-1][1].append(text)
        elif people and not line.gap and text[-1] not in ".!?":
            people[-1][1].append(text)
        else:
            break
        block.append(text)
        at += 1
    if pending:
        people.append(("", pending))
    letter.signature_block.extend(block)
    letter.signatures.extend(reader.person(name, titles) for name, titles in people)
    return at


def _may_sign(text: str, letter: Letter, reader: Reader) -> bool:
    """Right under the close even a single word or a name in small script is who signs."""
    words = text.split()
    return (
        bool(letter.closing)
        and len(words) <= 4
        and words[0][0].isalpha()
        and (not words[0][0].islower() and not reader.looks_like_title(text))
    )


def _signed_with_title(text: str, reader: Reader) -> tuple[str, str]:
    """Name and title of a signature on one line ("Mira Halden, President of Valdora")."""
    head, comma, tail = text.partition("," if "," in text else "،")
    tail = tail.strip()
    if comma and tail and reader.looks_like_name(head) and reader.looks_like_title(tail):
        return head, tail
    return "", ""


# --- place and date -------------------------------------------------------------------------------


def _is_date_line(lines: Sequence[Line], at: int, language: str) -> bool:
    return _takes_date(lines, at, Letter(), language) > 0


def _takes_date(
    lines: Sequence[Line], at: int, letter: Letter, language: str, *, only_try: bool = False
) -> int:
    """Read a place and date that begin here; how many lines they take, 0 when there are none."""
    if at >= len(lines) or letter.dated:
        return 0
    text = lines[at].text
    read = place_and_date(text, language)
    taken = 1
    if read is None and _may_be_place(text) and at + 1 < len(lines):
        follows = place_and_date(lines[at + 1].text, language)
        if follows and not follows.place:
            read, taken = type(follows)(text.strip(" ,"), follows.dated), 2
    if read is None:
        return 0
    if not only_try:
        letter.dated, letter.place = read.dated, read.place
        letter.date_lines.extend(line.text for line in lines[at : at + taken])
    return taken


_PLACE_WORD = re.compile(
    r"\b(?:palace|castle|city|residence|house|palais|château|palacio|castillo|дворец|замок|г\.|"
    r"город|"
    r"sarayı|şəhəri)\b|قصر|مدينة|القصر",
    re.IGNORECASE,
)


def _may_be_place(text: str) -> bool:
    """A place on a line of its own above its date: a residence, or a residence and a city."""
    words = text.split()
    return (
        len(words) <= 6
        and find_date(text) is None
        and (_PLACE_WORD.search(text) is not None)
        and text[-1] not in ".!?:"
    )
