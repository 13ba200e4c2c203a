"""What a check finds."""

from typing import NamedTuple


class Problem(NamedTuple):
    """Something to put right: the field it is in, a sentence, and whether it blocks the verb."""

    field: str
    message: str
    blocks: bool = True
