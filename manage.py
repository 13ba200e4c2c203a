#!/usr/bin/env python
import os
import sys
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pressoffice.settings")
    # The database that `make run` left here marks a trial, whose commands need no setting. What
    # serves a site (gunicorn) does not come this way, and a deployment sets what it needs.
    is_set = any(name == "DATABASE_URL" or name.startswith("PRESSOFFICE_") for name in os.environ)
    if not is_set and (Path(__file__).parent / "db.sqlite3").exists():
        os.environ["PRESSOFFICE_DEBUG"] = "1"
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))


if __name__ == "__main__":
    main()
