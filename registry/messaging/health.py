"""The broker's health, where it is a server of its own; and whether anybody works."""

import time
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection as postgresql

from registry import store_health
from registry.store_health import Problem, StoreHealth

from .broker import connection, errors
from .owed import OPEN

STORE, TITLE = "rabbitmq", "RabbitMQ"
WORKER = "celery --app mlplatform_site.celery worker"
LATE_SECONDS = 300
DAY_SECONDS = 86_400
STANDING = f"""
SELECT count(*) FILTER (WHERE state = 'dead'),
    extract(epoch FROM now() - min(finished_at) FILTER (WHERE state = 'dead')),
    count(*) FILTER (WHERE state IN ({OPEN}) AND next_at < now() - make_interval(secs => {LATE_SECONDS})),
    string_agg(DISTINCT queue, ', ')
        FILTER (WHERE state IN ({OPEN}) AND next_at < now() - make_interval(secs => {LATE_SECONDS}))
FROM registry_delivery WHERE state IN ({OPEN}, 'dead')
"""  # noqa: S608 (made of constants)


def check_rabbitmq() -> StoreHealth:
    """Log in and ask for its version; never raises."""
    parts = urlsplit(settings.BROKER_URL)
    address = f"{parts.hostname}:{parts.port or 5672}"
    broker = connection()
    try:
        with broker:
            broker.ensure_connection(max_retries=1, interval_start=0.1)
            began = time.perf_counter()
            broker.channel().close()
            ping = (time.perf_counter() - began) * 1_000
            version = str(broker.connection.server_properties.get("version", ""))
            return StoreHealth(STORE, TITLE, address, ping_ms=ping, version=version)
    except errors(broker) as error:
        return StoreHealth(STORE, TITLE, address, problems=(_problem(address, error),))


def messaging_problems() -> list[Problem]:
    """Dead letters, and messages that nobody takes.

    Raises:
        django.db.DatabaseError: PostgreSQL can't be asked.
    """
    with postgresql.cursor() as cursor:
        cursor.execute(STANDING)
        dead, age, late, queues = cursor.fetchone()
    problems = []
    if late:
        cause = f"{late} messages have waited for more than {LATE_SECONDS // 60} minutes: {queues}."
        cure = f"See that all of them run: manage.py relay_outbox, {WORKER}, manage.py consume"
        problems.append(Problem(cause, cure, is_fatal=False))
    if dead:
        cause = f"{dead} messages failed for good, the oldest {_days(float(age))}."
        cure = "Read why, then replay or drop them: manage.py dead_letters list"
        problems.append(Problem(cause, cure, is_fatal=False))
    return problems


def _days(seconds: float) -> str:
    days = max(0, int(seconds // DAY_SECONDS))
    return "within the last day" if not days else f"{days} day{'s' * (days > 1)} ago"


def _problem(address: str, error: Exception) -> Problem:
    text = str(error)
    if "refused" in text.lower() and "ACCESS_REFUSED" not in text:
        return store_health.refused(TITLE, address)
    if "ACCESS_REFUSED" in text or "403" in text:
        return store_health.wrong_password(TITLE, "BROKER_URL")
    return store_health.unknown(TITLE, error)
