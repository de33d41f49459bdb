"""gunicorn's settings, for the demo, the container and everyone else; two cores are meant.

Two processes, since Python computes in one thread at a time; eight threads each, since they mostly wait
for PostgreSQL. A connection is kept longer than any client's pause between two steps of a training.
"""

import gc
import os
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps

from mlplatform_site.web.memory import keep_freed_memory

MEMORY = Path("/dev/shm")  # noqa: S108 (gunicorn's heartbeat file: on a disk, a busy one stops the worker)

wsgi_app = "mlplatform_site.wsgi"
worker_class = "mlplatform_site.web.worker.LingeringWorker"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
keepalive = 75
timeout = 60
limit_request_line = 8190  # the address of a comparison names up to 200 runs
graceful_timeout = 5
worker_tmp_dir = str(MEMORY) if os.access(MEMORY, os.W_OK) else tempfile.gettempdir()
control_socket_disable = True
errorlog = "-"


def post_worker_init(worker: Any) -> None:
    """What is loaded now stays: the garbage collector need not look at it with every sweep."""
    if apps.ready and not worker.cfg.is_ssl:
        import_module("analysis.live.running").start()  # only now, since it needs Django
    keep_freed_memory()
    gc.collect()
    gc.freeze()
