"""The desk: drafting, approval, schedule. It calls the workflow and sets no state."""

from letters.admin import editions, letters, names, people

__all__ = ["editions", "letters", "names", "people"]
