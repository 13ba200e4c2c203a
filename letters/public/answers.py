"""What the API answers with, as its description (OpenAPI) says it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.urls import reverse
from pydantic import BaseModel, Field

from letters import markup, models, record
from letters.public.reading import absolute


class Kind(BaseModel):
    code: str
    name: str = Field(description="In the language asked for.")


class Person(BaseModel):
    """A sender, addressee, signatory or copy, as displayed and as on the day of the letter."""

    role: Literal["sender", "addressee", "signatory", "copy"]
    name: str
    title: str
    country: str = Field(description="ISO 3166 code, or one of the office's own; may be empty.")
    country_name: str
    correspondent: str | None = Field(description="As in `/correspondents/{slug}`.")

    @classmethod
    def of(cls, party: models.Party) -> Person:
        return cls(
            role=party.role,
            name=party.name,
            title=party.title,
            country=party.country,
            country_name=party.country_name,
            correspondent=party.correspondent.slug if party.correspondent else None,
        )


class Text(BaseModel):
    """A letter's text in one language, and where to ask for more of it."""

    reference: str
    language: str
    headline: str
    standing: Literal["official", "courtesy"] = Field(
        description="Whether this is the official text or a courtesy translation."
    )
    dated: date
    number: int = Field(description="Of the edition: 1, and more after corrections.")
    live_from: datetime = Field(description="Since when this edition is on the site.")
    address: str = Field(description="The page for readers.")
    api: str = Field(description="The whole text, by this API.")

    @classmethod
    def of(cls, edition: models.Edition, **more: Any) -> Any:
        api = reverse("api:text", args=[edition.letter.reference, edition.language])
        return cls(
            reference=edition.letter.reference,
            language=edition.language,
            headline=edition.headline,
            standing=edition.standing,
            dated=edition.dated,
            number=edition.number,
            live_from=edition.live_from,
            address=absolute(edition.get_absolute_url()),
            api=absolute(api),
            **more,
        )


class Brief(Text):
    """A letter's text as a list shows it."""

    direction: Literal["sent", "received"]
    kind: Kind
    summary: str
    parties: list[Person]

    @classmethod
    def facts(cls, edition: Any) -> dict[str, Any]:
        """What a list shows besides, of an edition with `parties` and `kind`."""
        return {
            "direction": models.Direction(edition.letter.direction).value,
            "kind": Kind(code=edition.kind.code, name=edition.kind_name),
            "summary": edition.summary,
            "parties": [Person.of(party) for party in edition.parties.all()],
        }


class Letters(BaseModel):
    items: list[Brief]
    next: str | None = Field(
        description="The address of older letters, if there are any. A page may have fewer letters"
        " than asked for and still have one."
    )


class Notice(BaseModel):
    """A withdrawal, with its public reason."""

    language: str
    what: Literal["kept", "removed", "moved"] = Field(
        description="The text stays under this notice, was removed, or moved to another letter."
    )
    reason: str
    since: datetime
    until: datetime | None = Field(description="When the letter was restored.")
    moved_to: str | None = Field(description="The reference of the other letter.")

    @classmethod
    def of(cls, withdrawal: models.Withdrawal) -> Notice:
        return cls(
            language=withdrawal.language,
            what=withdrawal.kind,
            reason=withdrawal.public_reason,
            since=withdrawal.since,
            until=withdrawal.until,
            moved_to=withdrawal.moved_to.reference if withdrawal.moved_to else None,
        )


class Letter(BaseModel):
    """A letter, and the languages it is in."""

    reference: str
    direction: Literal["sent", "received"]
    texts: list[Text]
    withdrawn: list[Notice] = Field(description="Of the languages in which it was withdrawn.")


class Stated(BaseModel):
    """Which text is public from when and what it follows, as signed."""

    reference: str
    language: str
    number: int
    live_from: str
    digest: str
    earlier: str | None


class Edition(BaseModel):
    """One numbered text of a letter; a later one is a correction."""

    number: int
    live_from: datetime
    live_until: datetime | None = Field(description="When the next edition took its place.")
    note: str = Field(description="What was corrected and why; empty for the first.")
    digest: str = Field(description="SHA-256 over the canonical form, in hexadecimal.")
    statement: Stated | None
    signature: str | None = Field(
        description="Over the statement: a detached JWS, to check with /.well-known/jwks.json."
    )
    address: str

    @classmethod
    def of(cls, edition: models.Edition, at: datetime, address: str) -> Edition:
        signed: models.Statement | None = getattr(edition, "statement", None)
        return cls(
            number=edition.number,
            live_from=edition.live_from,
            # A correction to come is not told of.
            live_until=until if (until := edition.live_until) and until <= at else None,
            note=edition.public_note,
            digest=edition.digest,
            statement=Stated(**record.said(signed)) if signed else None,
            signature=signed.jws if signed else None,
            address=address,
        )


class File(BaseModel):
    """A photograph, or the facsimile of the signed original."""

    role: Literal["photograph", "facsimile"]
    address: str
    sha256: str
    type: str
    size: int
    width: int | None
    height: int | None
    alt: str
    caption: str
    credit: str

    @classmethod
    def of(cls, file: models.File, files_at: str) -> File:
        names = [name for name in cls.model_fields if name != "address"]
        return cls(address=files_at + file.name, **{name: getattr(file, name) for name in names})


# Facts that are given as they are.
PLAIN = ["form", "letter_language", "place", "salutation", "closing", "notes"]
PLAIN += ["press_contact", "first_published"]


class WholeText(Brief):
    """Everything that a reader sees of a letter in one language."""

    form: Literal["full", "excerpt", "reported"]
    letter_language: str = Field(description="The language the letter itself was written in.")
    place: str
    salutation: str
    body_html: str
    body_text: str
    closing: str
    notes: str = Field(description="Notes to editors.")
    press_contact: str
    first_published: date | None = Field(description="Elsewhere, for an older letter.")
    published: datetime = Field(description="When its first edition came up on this site.")
    correction_note: str
    check_code: str
    withdrawal: Notice | None = Field(description="The notice that the text stands under.")
    restored: list[Notice] = Field(description="Earlier withdrawals, which were ended.")
    editions: list[Edition] = Field(description="All that were ever public, the newest first.")
    files: list[File]
    languages: list[Text] = Field(description="The same letter in other languages.")
    answers: Text | None = Field(description="The letter that this one answers.")
    answered_by: list[Text]
    pdf: str
    plain: str
    signed: str = Field(description="The canonical form, with what proves it.")

    @classmethod
    def facts(cls, context: dict[str, Any]) -> dict[str, Any]:
        """From what the letter's page shows (`reading.letter_context`)."""
        edition, at = context["edition"], context["at"]
        place = [edition.language, edition.letter.reference, edition.slug]
        thread = [(other, Text.of(other)) for other in context["thread"]]
        question = edition.letter.in_reply_to_id
        files_at = absolute(context["files_at"])

        def address(name: str, *more: int) -> str:
            return absolute(reverse(name, args=[*place, *more]))

        return {
            **super().facts(edition),
            **{name: getattr(edition, name) for name in PLAIN},
            "body_html": edition.body,
            "body_text": markup.to_text(edition.body),
            "published": context["history"][-1].live_from,
            "correction_note": edition.public_note,
            "check_code": context["check_code"],
            "withdrawal": context["withdrawal"] and Notice.of(context["withdrawal"]),
            "restored": [Notice.of(ended) for ended in context["restored"]],
            "editions": [
                Edition.of(text, at, address("edition", text.number)) for text in context["history"]
            ],
            "files": [File.of(file, files_at) for file in edition.files.all()],
            "languages": [Text.of(other) for other in context["languages"]],
            "answers": next((t for o, t in thread if o.letter_id == question), None),
            "answered_by": [t for o, t in thread if o.letter_id != question],
            "pdf": address("letter-pdf"),
            "plain": address("letter-text"),
            "signed": address("letter-json"),
        }


class Places(BaseModel):
    address: str = Field(description="The page for readers.")
    letters_at: str = Field(description="Its letters, by this API.")


class Counted(Places):
    letters: int | None = Field(description="How many are public now; null for a past moment.")


class Office(BaseModel):
    title: str
    since: date | None
    until: date | None


class Correspondent(Counted):
    slug: str
    name: str


class CorrespondentInFull(Places):
    slug: str
    name: str
    offices: list[Office] = Field(description="Those held, the latest first.")


class Country(Counted):
    code: str = Field(description="ISO 3166, or one of the office's own.")
    name: str


class CountryInFull(Places):
    code: str
    name: str


class Wrong(BaseModel):
    name: str = Field(description="Of the parameter.")
    why: str


class Problem(BaseModel):
    """What is wrong (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Wrong] = []
    withdrawn: list[Notice] = []
