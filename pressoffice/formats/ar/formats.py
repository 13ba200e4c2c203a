"""An Arabic date is written without a comma (CLDR)."""

DATE_FORMAT = "j F Y"
