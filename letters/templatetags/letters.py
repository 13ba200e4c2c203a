"""How a page names things. Nothing here asks the database."""

from django import template
from django.utils.translation import get_language_info

register = template.Library()


@register.filter
def language_called(code: str) -> str:
    """A language's name in the active language, or else its code."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
