"""What goes out after a change. Every verb registers its event here, in its own transaction."""

from letters.models import Event


def register(event: Event) -> None:
    """Nothing goes out yet: no mail is sent for any verb."""
