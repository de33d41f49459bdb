"""Scoring every customer as of a day: into PostgreSQL whole or not at all, then to the online store."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from features import keys
from features.definitions import CUSTOMER_VALUE
from features.models import CustomerScore
from features.online.read_through import forget_all
from features.personalisation.champion import champion
from features.personalisation.leaving import churn_probabilities
from features.personalisation.scores import Scored, scored
from features.queries.purchase_histories import last_purchase_day, purchase_histories
from registry.exceptions import BadInputError, NotFoundError
from registry.postgres.one_at_a_time import one_at_a_time

from .definitions import apply_definitions
from .feature_history import compute_view, stored_view
from .materialization import materialize

LOCK = 0x73636F72  # "scor": one scoring at a time
CHUNK = 5_000
DAY = dt.timedelta(days=1)

COLUMNS = {
    "recency_days": "int4",
    "frequency": "int4",
    "monetary": "numeric",
    "r": "int2",
    "f": "int2",
    "m": "int2",
    "segment": "text",
    "p_alive": "float8",
    "expected_purchases": "float8",
    "expected_spend": "float8",
    "lifetime_value": "float8",
    "churn_probability": "float8",
}
NAMES = ", ".join(COLUMNS)
GIVEN = ", ".join(f"%({name})s::{kind}[]" for name, kind in COLUMNS.items())
STANDS = ", ".join(f"features_customerscore.{name}" for name in (*COLUMNS, "run_id"))
COMES = ", ".join(f"excluded.{name}" for name in (*COLUMNS, "run_id"))
# Sorted, so that two writers never wait for each other in a circle. An older score never replaces a newer
# one, and one that is as it was stays untouched.
UPSERT = f"""
INSERT INTO features_customerscore (customer_id, {NAMES}, run_id, as_of, computed_at)
SELECT customer_id, {NAMES}, %(run_id)s, %(as_of)s, %(computed_at)s
FROM unnest(%(customer_id)s::bigint[], {GIVEN}) AS given (customer_id, {NAMES})
ORDER BY customer_id
ON CONFLICT (customer_id) DO UPDATE
SET ({NAMES}, run_id, as_of, computed_at) = ({COMES}, excluded.as_of, excluded.computed_at)
WHERE features_customerscore.as_of < excluded.as_of
    OR features_customerscore.as_of = excluded.as_of AND ({STANDS}) IS DISTINCT FROM ({COMES})
"""  # noqa: S608 (made of constants)


@dataclass(frozen=True)
class Progress:
    """``done`` of ``total`` steps; ``written`` scores are new or other than they were."""

    done: int
    total: int
    written: int
    as_of: dt.date
    run_id: str

    @property
    def customers(self) -> int:
        """How many are scored; each takes two steps."""
        return self.total // 2


def score_customers(*, as_of: dt.date | None = None, is_dry_run: bool = False) -> Iterator[Progress]:
    """Score everyone who bought before a day, by the champion of ``customer-value``.

    The scores and their history as features commit together; then Redis is brought up to date. Whoever
    dies in between repeats it all: a second time nothing is written, and what Redis lacks is brought.

    Args:
        as_of: purchases before this day count (UTC); by default the day after the newest purchase.
        is_dry_run: work everything out, write nothing.

    Raises:
        NotFoundError: nobody has bought anything, or no version has the alias ``champion``.
        BadInputError: the day is in the future, or the parameters can't be read.
        ConflictError: another scoring is under way.
        StoreUnavailableError: Redis is away; the scores are kept, and served once it is back and this,
            or ``materialize``, ran again.
    """
    with one_at_a_time(LOCK, otherwise="Customers are being scored right now. Wait until that has ended."):
        day = as_of or _day_after_the_newest()
        if day > timezone.now().date() + DAY:
            raise BadInputError(f"Customers can't be scored as of {day}, which is still to come.")
        yield from _score(day, is_dry_run=is_dry_run)


def _score(day: dt.date, *, is_dry_run: bool) -> Iterator[Progress]:
    at = _beginning_of(day)
    best = champion()
    known = purchase_histories(as_of=at)
    total = 2 * len(known)
    if not total:
        raise NotFoundError(f"Nobody bought anything before {day}: there is no one to score.")
    leaving: dict[int, float] = {}
    for some in churn_probabilities(as_of=at):
        leaving |= some
        yield Progress(min(len(leaving), len(known)), total, 0, day, best.run_id)
    found = scored(known, best.model)
    found.columns["churn_probability"] = [leaving.get(key) for key in found.keys]
    written = 0 if is_dry_run else _write(found, at, best.run_id)
    yield Progress(total, total, written, day, best.run_id)
    if not is_dry_run:
        _serve()


def _write(found: Scored, at: dt.datetime, run_id: str) -> int:
    """One transaction: the scores and their history; profiles of the scores before are forgotten after it."""
    apply_definitions()
    fixed: dict[str, Any] = {"as_of": at, "run_id": run_id, "computed_at": timezone.now()}
    with transaction.atomic():
        written = 0
        for start in range(0, len(found.keys), CHUNK):
            with connection.cursor() as cursor:
                cursor.execute(UPSERT, found.part(start, CHUNK) | fixed)
                written += int(cursor.rowcount)
        compute_view(definition=CUSTOMER_VALUE, as_of=at)
        transaction.on_commit(partial(_forget_answers, fixed["computed_at"]), robust=True)
    return written


def _forget_answers(computed_at: dt.datetime) -> None:
    """What the cache tells of those who were scored just now is of the score before."""
    scored_now = CustomerScore.objects.filter(computed_at=computed_at).order_by("pk")
    answers = [keys.profile_answer(key) for key in scored_now.values_list("customer__customer_id", flat=True)]
    for start in range(0, len(answers), CHUNK):
        forget_all(answers[start : start + CHUNK])


def _serve() -> None:
    for _ in materialize(view=stored_view(CUSTOMER_VALUE)):
        pass


def _day_after_the_newest() -> dt.date:
    last = last_purchase_day()
    if last is None:
        raise NotFoundError("Nobody has bought anything yet: there is no one to score.")
    return last + DAY


def has_scores(*, as_of: dt.date) -> bool:
    """Whether customers are scored as of a day, or a later one."""
    return CustomerScore.objects.filter(as_of__gte=_beginning_of(as_of)).exists()


def _beginning_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
