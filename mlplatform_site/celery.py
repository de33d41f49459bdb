"""``celery --app mlplatform_site.celery worker`` runs tasks, ``… beat`` promises what is due."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlplatform_site.settings")
django.setup()

from registry.messaging.celery_app import make_app  # noqa: E402 (the tasks are registered by now)

app = make_app()
