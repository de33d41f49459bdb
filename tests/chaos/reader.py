"""A process that asks for ended runs all the time, so that the cache is filled while writers change them."""

import random
import time

import django
from django.db import Error, connection

RECENT = "SELECT run_id FROM registry_trainingrun ORDER BY updated_at DESC LIMIT 40"
PAUSE_SECONDS = 0.01


def read_for_ever() -> None:
    from features.services.model_info import get_model_info  # noqa: PLC0415 (Django is set up by now)
    from registry.exceptions import RegistryError  # noqa: PLC0415

    while True:
        try:
            with connection.cursor() as cursor:
                cursor.execute(RECENT)
                recent = [run_id.hex for (run_id,) in cursor.fetchall()]
            for run_id in random.sample(recent, min(10, len(recent))):
                get_model_info(run_id=run_id)
        except (Error, RegistryError):
            connection.close()
            time.sleep(0.1)
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    django.setup()
    read_for_ever()
