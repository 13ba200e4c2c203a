"""Why a verb was not done, each as a sentence for the person who tried."""

from __future__ import annotations

from collections.abc import Iterable

from letters import checks


class Refused(Exception):
    """A verb that was not done. The message is a sentence for the person who tried."""


class NotAllowed(Refused):
    """This person may not."""


class NotPossible(Refused):
    """Nobody may, as things stand."""


class Stale(Refused):
    """The edition has moved on since the person saw it."""


class Incomplete(Refused):
    """The text is not ready: `problems` says what is missing."""

    def __init__(self, problems: Iterable[checks.Problem]) -> None:
        self.problems = [problem for problem in problems if problem.blocks]
        super().__init__(" ".join(problem.message for problem in self.problems))
