"""The broker between promises and workers, and what runs at set times (docs/messaging.md)."""

from typing import Any

from .environment import env, positive_int
from .stores import REDIS_KEY_PREFIX, REDIS_STORE_URL

# RabbitMQ (amqp://user:password@host:port/vhost) or Redis; by default the Redis that evicts nothing.
BROKER_URL: str = env.str("BROKER_URL", default="") or REDIS_STORE_URL
# Exchanges, queues and Redis keys of the broker begin so: two platforms may share one broker.
BROKER_PREFIX: str = env.str("BROKER_PREFIX", default="") or REDIS_KEY_PREFIX

# How many tasks one worker runs side by side, each in a process of its own.
WORKER_PROCESSES = positive_int("WORKER_PROCESSES", 2)

# Name -> task, seconds between two runs (slots counted since 1970, so that every clock has the same),
# and perhaps arguments. A slot that passed while nobody looked is not made up for.
SCHEDULE: dict[str, dict[str, Any]] = {
    "activity.summarise": {"task": "activity.summarise", "every_seconds": 60},
    "activity.keep_counters": {"task": "activity.keep_counters", "every_seconds": 60},
    "personalisation.score": {"task": "personalisation.score", "every_seconds": 24 * 60 * 60},
    "recommending.refresh": {"task": "recommending.refresh", "every_seconds": 600},
}
