"""Messages are kept for a week after they are done: so long a key makes a promise the same."""

import datetime as dt

from django.db import connection

from registry.enums import DeliveryState

FINISHED = f"'{DeliveryState.DONE.value}', '{DeliveryState.DROPPED.value}'"
PIECE = 5_000

# Deliveries first: their reference to the message is checked at the commit. Numbers grow with time: from
# the first message that is young itself, none needs to be looked at.
FORGET = f"""
WITH since AS (
    SELECT now() - make_interval(secs => %(seconds)s) AS at
), old AS (
    SELECT m.id FROM registry_message m
    WHERE m.id < coalesce((SELECT young.id FROM registry_message young
            WHERE young.created_at >= (SELECT at FROM since) ORDER BY young.id LIMIT 1), {2**63 - 1})
      AND NOT EXISTS (SELECT FROM registry_delivery d WHERE d.message_id = m.id
          AND (d.state NOT IN ({FINISHED}) OR d.finished_at >= (SELECT at FROM since)))
    ORDER BY m.id LIMIT {PIECE}
), delivered AS (DELETE FROM registry_delivery d USING old WHERE d.message_id = old.id)
DELETE FROM registry_message m USING old WHERE m.id = old.id
"""  # noqa: S608 (made of constants)


def forget_messages(*, older_than: dt.timedelta) -> int:
    """Delete messages of which every delivery was done or dropped before that; returns how many.

    Dead letters and what is owed still stay, whatever their age.
    """
    forgotten = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(FORGET, {"seconds": older_than.total_seconds()})
            forgotten += int(cursor.rowcount)
            if cursor.rowcount < PIECE:
                return forgotten
