"""What goes out after a change, at least once: whom it concerns, what it says, how it is sent."""

from letters.deliveries.concerned import register
from letters.deliveries.mails import KINDS
from letters.deliveries.sending import LEASE, send, try_again

__all__ = ["KINDS", "LEASE", "register", "send", "try_again"]
