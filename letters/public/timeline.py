"""Letters over time, drawn on the server: a column for each month, and the same as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Self

from django.utils.dates import MONTHS
from django.utils.translation import get_language_bidi

WIDTH, HEIGHT = 720, 72
FEWEST = 2  # columns that are worth a drawing


class Span(NamedTuple):
    """A year, or a month of the year that is chosen: its link, its area and its columns."""

    name: str
    n: int
    query: str
    is_chosen: bool
    x: float
    width: float
    path: str


class Timeline(NamedTuple):
    spans: list[Span]
    is_of_a_year: bool
    width: int = WIDTH
    height: int = HEIGHT

    @classmethod
    def of(cls, periods: dict[int, int], year: int, query: Callable[..., str]) -> Self | None:
        """From the letters of each year (2026) and, where they are known, month (202611)."""
        months = {period: n for period, n in periods.items() if period > 9999}
        years = sorted(period for period in periods if period <= 9999)
        if year and months:
            return cls(_months(months, year, query), is_of_a_year=True)
        if len(years) < FEWEST:
            return None
        return cls(_years(periods, months, range(years[0], years[-1] + 1), year, query), False)


def _months(months: dict[int, int], year: int, query: Callable[..., str]) -> list[Span]:
    most = max(months.get(year * 100 + month, 0) for month in range(1, 13)) or 1
    width = WIDTH / 12
    return [
        Span(
            str(MONTHS[month]),
            n,
            query(year=str(year), month=str(month)),
            query() == query(month=str(month)),
            x := _from_the_start((month - 1) * width, width),
            width,
            _column(x + 2, width - 4, n / most),
        )
        for month in range(1, 13)
        for n in [months.get(year * 100 + month, 0)]
    ]


def _years(
    periods: dict[int, int],
    months: dict[int, int],
    years: range,
    chosen: int,
    query: Callable[..., str],
) -> list[Span]:
    width = WIDTH / len(years)
    most = max(months.values()) if months else max(periods.values())
    spans = []
    for place, year in enumerate(years):
        if months:
            step = width / 12.5  # a gap between the years
            columns = [
                (
                    _from_the_start(place * width + m * step, step),
                    step,
                    months.get(year * 100 + m + 1, 0),
                )
                for m in range(12)
            ]
        else:
            columns = [(_from_the_start(place * width, width) + 1, width - 2, periods.get(year, 0))]
        spans.append(
            Span(
                str(year),
                periods.get(year, 0),
                query(year=str(year), month=""),
                year == chosen,
                _from_the_start(place * width, width),
                width,
                "".join(_column(x, step, n / most) for x, step, n in columns if n),
            )
        )
    return spans


def _from_the_start(x: float, width: float) -> float:
    """Time runs as the language is read."""
    return WIDTH - x - width if get_language_bidi() else x


def _column(x: float, width: float, share: float) -> str:
    height = share * HEIGHT
    return f"M{x:.1f} {HEIGHT}v-{height:.1f}h{width:.1f}V{HEIGHT}z" if share else ""
