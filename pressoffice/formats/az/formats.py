"""After a day an Azerbaijani month has no capital, which Django forgets in this one format."""

MONTH_DAY_FORMAT = "j E"
