"""After a day an Azerbaijani month has no capital, which Django forgets in this one format."""

MONTH_DAY_FORMAT = "j E"
DATETIME_FORMAT = "j E Y, H:i:s"
SHORT_DATETIME_FORMAT = "d.m.Y H:i:s"
TIME_FORMAT = "H:i:s"
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d.%m.%Y"]  # not with two digits of a year
