"""How gunicorn logs, and where its processes share their metrics. Its own access log stays off."""

import os
from tempfile import mkdtemp
from typing import Any

logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "pressoffice.logs.JSONLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"gunicorn.error": {"handlers": ["console"], "propagate": False}},
}

# Before the library is imported: it looks only then.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = mkdtemp(prefix="metrics-", dir="/dev/shm")


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)
