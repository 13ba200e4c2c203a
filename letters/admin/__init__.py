"""The desk: drafting, approval, schedule. It calls the workflow and sets no state."""

from letters.admin import editions, letters, names

__all__ = ["editions", "letters", "names"]
