"""Settings of the test suite: real stores, databases of their own that end in ``_test``."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from mlplatform_site import testing

# Before the settings read where the stores are: a plain `pytest` starts servers of its own.
testing.ensure_servers()

from mlplatform_site.settings import *  # noqa: F403

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
# Without a template, as for a plain `pytest`, each worker migrates its own.
DATABASES["default"]["TEST"] = {"NAME": "mlplatform_test", "TEMPLATE": os.environ.get(testing.TEMPLATE)}
DATABASES["default"]["CONN_MAX_AGE"] = 0
# Nobody needs a test's rows after a power cut; what kill -9 leaves is the same.
DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
MONGODB_DATABASE = f"mlplatform_{WORKER}_test"
CACHES["default"]["KEY_PREFIX"] = f"mlplatform_{WORKER}_test"
# Two busy cores: what a test expects of MongoDB right after a write must not hang on 0.3 s.
FAST_PATH_TIMEOUT_MS = 5_000
# Nor what a page shows on whether Redis answered within 0.25 s; a server that hangs has a test of its own.
REDIS_TIMEOUT_SECONDS = 5.0
CACHES["default"]["OPTIONS"] |= dict.fromkeys(
    ("SOCKET_CONNECT_TIMEOUT", "SOCKET_TIMEOUT"), REDIS_TIMEOUT_SECONDS
)
REDIS_KEY_PREFIX = BROKER_PREFIX = f"mlplatform_{WORKER}_test"
# Whatever the environment says: tests on RabbitMQ start a node of their own (make rabbit).
BROKER_URL = REDIS_STORE_URL
# Only the tests that want something to run at set times have it so.
SCHEDULE = {}
SCRATCH = Path(tempfile.mkdtemp(prefix="mlplatform-test-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
ARTIFACT_ROOT = SCRATCH / "artifacts"
ARCHIVE_ROOT = SCRATCH / "archive"
DATA_ROOT = SCRATCH / "data"
STATIC_ROOT = SCRATCH / "static"
ARTIFACT_ROOT.mkdir()
STATIC_ROOT.mkdir()
# A token that a test revokes is to be refused at once.
CREDENTIALS_KEPT_MS = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests fail to log in by the hundred, all from one address.
LOGIN_FAILURES_PER_ADDRESS = LOGIN_FAILURES_PER_USER = 0
# Nor what is logged: tests that read the log find no slow query in it.
SLOW_QUERY_MS = 60_000
# No thread that talks to Redis on its own while a test takes it away.
COUNTERS_EVERY_MS = 0
