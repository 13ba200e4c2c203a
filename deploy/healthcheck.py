"""Whether the site in this container answers, asked under a name that it is read by."""

import os
from urllib.request import Request, urlopen

host = os.environ.get("PRESSOFFICE_ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
urlopen(Request("http://127.0.0.1:8000/healthz", headers={"Host": host or "localhost"}))  # noqa: S310
