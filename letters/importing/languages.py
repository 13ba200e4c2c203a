"""Which language a release is written in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_FREQUENT_WORDS = {
    "en": "the and of to in that for on with is was his her by this from has have you your we our",
    "fr": "le la les et des du dans que pour est une au aux à sur par vous votre nous ce cette "
    "avec qui",
    "es": "el la los las y en que por para con una del al su sus se es como nuestro usted ha "
    "este esta",
    "az": "və bu ilə üçün bir olan də da ki sizin sizə mən prezidenti edib cənab xalqı arasında",
    "de": "der die das und den dem mit von zu ist im für auf ein eine des sich nicht ihr sie hat",
    "it": "il di che e la per un una con del della dei alle nel sono è gli le al suo vostra",
    "pt": "o a os as e do da dos das em que para com uma não ao seu sua pelo pela é nosso vossa",
    "tr": "ve bir bu ile için olan da de olarak sayın cumhurbaşkanı etti çok sizin daha",
}
_WORD_LANGUAGES: dict[str, list[str]] = {}
for _language, _words in _FREQUENT_WORDS.items():
    for _word in _words.split():
        _WORD_LANGUAGES.setdefault(_word, []).append(_language)

_ARABIC = re.compile("[\u0621-\u064a]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[A-Za-zÀ-ɏə]")
_AZERBAIJANI = re.compile("[əƏ]")


def language_of(text: str, preferred: Sequence[str]) -> str:
    """The language of a text; where nothing in it tells, the first one preferred."""
    sample = text[:20_000]
    letters = {
        "ar": len(_ARABIC.findall(sample)),
        "ru": len(_CYRILLIC.findall(sample)),
        "": len(_LATIN.findall(sample)),
    }
    main = max(letters, key=lambda name: letters[name])
    default = preferred[0] if preferred else "en"
    if not letters[main]:
        return default
    if main:
        return main
    if len(_AZERBAIJANI.findall(sample)) > 0.02 * letters[""]:
        return "az"
    counts: Counter[str] = Counter()
    for word in re.findall(r"[^\W\d_]+", sample.casefold()):
        for language in _WORD_LANGUAGES.get(word, ()):
            counts[language] += 1
    if not counts:
        return default
    # Where two are level, the one the deployment publishes in.
    return max(counts, key=lambda name: (counts[name], name in preferred))
