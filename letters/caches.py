"""What the proxy keeps for when the site fails, and how it learns what must not be shown again.

The length of one file, the *mark*, is part of its key to every copy (deploy/nginx/site.conf). The
file grows with each change that takes something off the site or puts another text in its place:
no copy from before is found again, whatever fails afterwards.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from urllib.request import Request, urlopen

from django.conf import settings
from django.db import transaction

EVERYTHING = "pages"  # as every public page is called to caches, besides `letter-2026-117`
logger = logging.getLogger(__name__)


def drop() -> bool:
    """From now on no copy that was kept until now is shown; whether the proxy could be told."""
    mark = settings.PRESSOFFICE_CACHE_MARK
    if not mark:
        return True
    try:
        with Path(mark).open("ab") as file:
            file.write(b".")
    except OSError as error:
        # The change itself is not refused: the worker tries again each second.
        logger.error("The proxy was not told to drop its copies: %s", error)
        return False
    return True


def purge(references: set[str]) -> bool:
    """Tell a cache further on, by the operator's web hook, to drop everything, or pages of letters.

    Whether it was told, or there is none.
    """
    if not settings.PRESSOFFICE_PURGE_URL:
        return True
    said = {"surrogate_keys": [EVERYTHING, *(f"letter-{reference}" for reference in references)]}
    request = Request(  # noqa: S310 (the operator's own address, checked in the settings)
        settings.PRESSOFFICE_PURGE_URL,
        json.dumps(said).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urlopen(request, timeout=5):  # noqa: S310
            return True
    except OSError as error:
        logger.error("The cache further on was not told to drop its copies: %s", error)
        return False


def drop_with_this_change() -> None:
    """Drop before the change is seen and again after: nothing of between outlives a crash."""
    drop()
    transaction.on_commit(drop)
