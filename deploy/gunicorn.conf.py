"""How gunicorn logs, and where its processes share their metrics. Its own access log stays off."""

import os
from tempfile import mkdtemp
from typing import Any

from prometheus_client.multiprocess import mark_process_dead

logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "pressoffice.logs.JSONLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"gunicorn.error": {"handlers": ["console"], "propagate": False}},
}

if os.environ.get("PRESSOFFICE_METRICS_TOKEN"):
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", mkdtemp(prefix="metrics-", dir="/dev/shm"))


def child_exit(server: Any, worker: Any) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(worker.pid)
