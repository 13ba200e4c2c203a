"""Backups: a folder for each, with the database, the files and the keys, and how it is read back.

Nothing of a backup is under its name before all of it is written, and nothing of one is restored
before all of it is checked.
"""

from letters.backups.making import alone, make, rotate, try_out
from letters.backups.manifest import KEYS, Refused
from letters.backups.restoring import restore

__all__ = ["KEYS", "Refused", "alone", "make", "restore", "rotate", "try_out"]
