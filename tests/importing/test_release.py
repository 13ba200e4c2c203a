"""Releases of every shape and language, each with the fields it must give."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from letters.importing.release import Known, Release, read

RELEASES = Path(__file__).parent / "releases"
SOURCES = sorted(path for path in RELEASES.iterdir() if path.suffix != ".json")

KNOWN = Known(
    countries={
        **dict.fromkeys(("Valdora", "Valdore", "Вальдора", "فالدورا"), "XV"),
        **dict.fromkeys(("Sarvenia", "Sarvénie", "Сарвения", "Sarveniya", "سارفينيا"), "XS"),
        **dict.fromkeys(("Ostmark", "Остмарк", "أوستمارك"), "XO"),
        **{"Sweden": "SE", "Japan": "JP", "France": "FR", "Azerbaijan": "AZ"},
        **{"United Kingdom": "GB", "United States of America": "US", "Saudi Arabia": "SA"},
    },
    correspondents=["Mira Halden", "Мира Хальден", "ميرا هالدن"],
    home="XV",
    languages=["en", "fr", "es", "ru", "az", "ar"],
)


def as_json(release: Release) -> dict[str, Any]:
    return json.loads(json.dumps(asdict(release), default=str))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_release_gives_its_fields(source: Path) -> None:
    expected = json.loads(source.with_suffix(".json").read_text(encoding="utf-8"))

    found = [as_json(release) for release in read(source.read_bytes(), known=KNOWN)]

    assert len(found) == len(expected)
    for one, wanted in zip(found, expected, strict=True):
        assert one == wanted
