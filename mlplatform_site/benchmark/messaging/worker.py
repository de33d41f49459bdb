"""What the benchmark's workers run: ``celery --app mlplatform_site.benchmark.messaging.worker worker``."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlplatform_site.settings")
django.setup()

from registry.messaging.celery_app import make_app  # noqa: E402 (the settings come first)

from . import nothing  # noqa: E402, F401 (registers the task)

app = make_app()
