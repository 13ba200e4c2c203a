"""The lines of a pasted text while it is put right, and the containers around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count


@dataclass(frozen=True)
class Element:
    """A container or a mark around some text. Two of the same kind are not the same one."""

    tag: str
    attrs: str = ""
    number: int = field(default_factory=count().__next__)


@dataclass(frozen=True)
class Run:
    text: str  # encoded as HTML; "\n" is a line break
    marks: tuple[Element, ...] = ()


@dataclass(frozen=True)
class Block:
    """A line of the text, in the containers around it; without a tag it is bare in them."""

    path: tuple[Element, ...]
    tag: str
    attrs: str
    runs: tuple[Run, ...]
    level: int = 0  # of a paragraph that Word shows as an item of a list
    marker: str = ""  # the bullet or number typed in front of it
    cell: tuple[int, int] | None = None  # its row and cell in a table

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)
