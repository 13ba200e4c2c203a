"""What the proxy keeps for when the site fails, and how it learns what must not be shown again.

The length of one file, the *mark*, is part of its key to every copy (deploy/nginx/site.conf). The
file grows with each change that takes something off the site or puts another text in its place:
no copy from before is found again, whatever fails afterwards.
"""

from __future__ import annotations

import logging
from pathlib import Path

from django.conf import settings
from django.db import transaction

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


def drop_with_this_change() -> None:
    """Drop before the change is seen and again after: nothing of between outlives a crash."""
    drop()
    transaction.on_commit(drop)
