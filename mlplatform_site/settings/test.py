"""Settings of the test suite: real stores, databases of their own that end in ``_test``."""

import importlib
import os
import tempfile
from pathlib import Path

from mlplatform_site import testing

from . import *
from . import stores

# A plain `pytest` starts servers of its own; the package has read by now where other servers are.
testing.ensure_servers()
importlib.reload(stores)
from .stores import *  # noqa: E402

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
DATABASES["default"]["TEST"] = {"NAME": "mlplatform_test"}
DATABASES["default"]["CONN_MAX_AGE"] = 0
MONGODB_DATABASE = f"mlplatform_{WORKER}_test"
CACHES["default"]["KEY_PREFIX"] = f"mlplatform_{WORKER}_test"
ARTIFACT_ROOT = Path(tempfile.mkdtemp(prefix="mlplatform-artifacts-"))
STATIC_ROOT = Path(tempfile.mkdtemp(prefix="mlplatform-static-"))
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
