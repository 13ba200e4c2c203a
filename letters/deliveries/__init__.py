"""What goes out after a change, at least once: mails, and calls to other machines."""

from letters.deliveries.concerned import register
from letters.deliveries.mails import KINDS
from letters.deliveries.sending import LEASE, send, try_again

__all__ = ["KINDS", "LEASE", "register", "send", "try_again"]
