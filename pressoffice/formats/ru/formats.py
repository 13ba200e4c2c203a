"""After a day a Russian month is in the genitive, which Django forgets in this one format."""

MONTH_DAY_FORMAT = "j E"
