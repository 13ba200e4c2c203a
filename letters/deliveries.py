"""What goes out after a change, at least once."""

from letters.models import Event


def register(event: Event) -> None:
    """Write a delivery for each person the event concerns, in the caller's transaction."""
