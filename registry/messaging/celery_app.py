"""The Celery application: what workers run, with every setting that matters and its reason.

``mlplatform_site.celery`` is where the command line finds it. Nothing is sent through it: what is to
run is promised, and published by the relay.
"""

from collections.abc import Callable
from typing import Any

import kombu
from celery import Celery
from celery.exceptions import Reject
from django.conf import settings

from .broker import on_broker, transport_options
from .entities import exchange, queue
from .patience import PostgresqlAwayError
from .registering import TASKS, TaskSpec
from .running import run_task
from .topology import TASK_QUEUES, Exchanges, Queues

# RabbitMQ takes a task back that is not acknowledged within half an hour.
LONGEST_SECONDS = 25 * 60
CHILD_TASKS, CHILD_KILOBYTES = 2_000, 500_000
# Where the broker lets a worker choose: what people wait for first.
IN_ORDER = sorted(TASK_QUEUES, key=lambda each: each is not Queues.REQUESTS)


def make_app() -> Celery:
    """A new application over the tasks that are registered by now."""
    app = Celery("mlplatform", set_as_current=False)
    app.conf.update(
        broker_url=settings.BROKER_URL,
        broker_transport_options=transport_options() | {"queue_order_strategy": "priority"},
        broker_connection_retry_on_startup=True,  # a worker waits for its broker,
        broker_connection_max_retries=None,  # however long it is away
        broker_heartbeat=10,
        task_queues=[_task_queue(name) for name in IN_ORDER],
        task_default_queue=on_broker(Queues.MAINTENANCE),
        task_create_missing_queues=False,
        task_serializer="json",
        accept_content=["json"],  # never pickle: a message is data
        task_ignore_result=True,  # what came of it is in PostgreSQL
        task_acks_late=True,  # a worker that dies leaves its message with the broker
        task_reject_on_worker_lost=True,  # also where only its child dies
        task_acks_on_failure_or_timeout=True,  # a failure is owed again by the outbox, not by the broker
        worker_prefetch_multiplier=1,  # a long task holds no others back, and priorities are seen
        worker_consumer="registry.messaging.celery_consumer:MessageConsumer",
        worker_detect_quorum_queues=True,  # they know no global prefetch
        worker_enable_remote_control=False,  # and no queues for it
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # a second copy does no harm
        worker_concurrency=settings.WORKER_PROCESSES,
        worker_max_tasks_per_child=CHILD_TASKS,
        worker_max_memory_per_child=CHILD_KILOBYTES,
        task_time_limit=LONGEST_SECONDS,
        beat_scheduler="registry.messaging.beat:PromisingScheduler",
        task_track_started=False,
        timezone="UTC",
    )
    app.conf["CELERY_DB_REUSE_MAX"] = CHILD_TASKS  # else Celery leaves PostgreSQL after each task
    for spec in TASKS.values():
        app.task(name=spec.name, bind=True, shared=False)(_body(spec))
    return app


def _task_queue(name: Queues) -> kombu.Queue:
    """With its one binding as Celery has it: beside others, it would add one by its default key."""
    found = queue(name)
    found.exchange, found.routing_key, found.bindings = exchange(Exchanges.TASKS), on_broker(name), set()
    return found


def _body(spec: TaskSpec) -> Callable[..., None]:
    def call(self: Any, **arguments: Any) -> None:
        try:
            run_task(spec, self.request.id, arguments)
        except PostgresqlAwayError as error:
            raise Reject(str(error), requeue=True) from error

    return call
