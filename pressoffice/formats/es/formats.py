"""A moment is told to the second, as in every language of the desk."""

DATETIME_FORMAT = r"j \d\e F \d\e Y, H:i:s"
SHORT_DATETIME_FORMAT = "d/m/Y H:i:s"
TIME_FORMAT = "H:i:s"
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]  # not with two digits of a year
