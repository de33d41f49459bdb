"""How onboardings stand: one with its steps, the newest, and all in figures."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from features.models import Onboarding, OnboardingStep
from registry.enums import OPEN_DELIVERIES
from registry.exceptions import NotFoundError
from registry.fields import HEX_ID

WAITING, RETRYING, STUCK = "waiting", "retrying", "stuck"
NEWEST = 20
LATELY = 1_000
GONE = "Its message is gone."
OPEN_STATES = ", ".join(f"'{state.value}'" for state in OPEN_DELIVERIES)

MESSAGE = """
LEFT JOIN registry_message m ON m.message_id = nullif(s.message_id, '')::uuid
LEFT JOIN registry_delivery d ON d.message_id = m.id
"""
# Work and delivery end in one transaction: a promised step without an open delivery is held up. That is a
# dead letter, one that was dropped, or one that was forgotten after that.
HELD_UP = f"s.state = 'promised' AND coalesce(d.state, '') NOT IN ({OPEN_STATES})"
STEPS = f"""
SELECT s.name, s.state, s.promised_at, s.started_at, s.ended_at, s.message_id, coalesce(d.attempts, 0),
    coalesce(nullif(d.reason, ''), nullif(d.last_error, ''),
        CASE WHEN d.id IS NULL AND s.state = 'promised' THEN '{GONE}' END, ''), {HELD_UP}
FROM features_onboardingstep s JOIN features_onboarding o ON o.id = s.onboarding_id {MESSAGE}
WHERE o.onboarding_id = %s
"""  # noqa: S608 (made of constants)
# The steps that are promised are an index's; their messages and deliveries are found by unique ones. Only
# who is running has one, so onboardings are not joined: while the planner's figures are old, as they are when
# thousands were taken on just now, it read all promised steps for each of them (13.6 s of 23,570; now 0.1 s).
STUCK_ONES = f"FROM features_onboardingstep s {MESSAGE} WHERE {HELD_UP}"
FIGURES = f"""
SELECT 'state', state, count(*)::float8, NULL::float8 FROM features_onboarding GROUP BY state
UNION ALL
    SELECT 'open', name, count(*), NULL FROM features_onboardingstep WHERE state = 'promised' GROUP BY name
UNION ALL SELECT 'stuck', s.name, count(*), NULL {STUCK_ONES} GROUP BY s.name
UNION ALL
    SELECT 'median', name,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM started_at - promised_at)),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - started_at))
    FROM (SELECT * FROM features_onboardingstep WHERE ended_at IS NOT NULL ORDER BY ended_at DESC
        LIMIT {LATELY * len(OnboardingStep.Name)}) AS lately GROUP BY name
UNION ALL
    SELECT 'whole', '',
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - created_at)), NULL
    FROM (SELECT * FROM features_onboarding WHERE state = 'done' ORDER BY id DESC LIMIT {LATELY}) AS lately
"""  # noqa: S608 (made of constants)


class _StepRow(NamedTuple):
    """A row of ``STEPS``."""

    name: str
    state: str
    promised_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    message_id: str
    attempts: int
    problem: str
    is_held_up: bool


class _Figures(dict[tuple[str, str], list[float | None]]):
    """The rows of ``FIGURES`` by what they tell of whom."""

    def count(self, what: str, name: str) -> int:
        return int(self.get((what, name), [0])[0] or 0)

    def seconds(self, what: str, name: str = "") -> list[float | None]:
        return self.get((what, name), [None, None])


@dataclass(frozen=True)
class StepStory:
    """One step: ``waiting`` for one before it, ``promised``, ``retrying``, ``stuck``, ``done``, ``refused``.

    ``problem`` is what the last attempt failed with; ``seconds`` how long the one that went through took.
    """

    name: str
    title: str
    state: str
    attempts: int = 0
    problem: str = ""
    message_id: str = ""
    promised_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class OnboardingStory:
    """An onboarding with all six steps; its state is also ``stuck``, where nobody tries a step any more."""

    onboarding_id: str
    customer_id: str
    name: str
    city: str
    country: str
    source: str
    state: str
    reason: str
    created_at: dt.datetime
    ended_at: dt.datetime | None
    steps: Sequence[StepStory]


@dataclass(frozen=True)
class StepFigures:
    """A step in figures; seconds are medians of about the last thousand, None without any."""

    name: str
    title: str
    waiting: int
    stuck: int
    waiting_seconds: float | None
    working_seconds: float | None


@dataclass(frozen=True)
class OnboardingFigures:
    """All onboardings: how many in each state (``running`` without those that are stuck), and how long."""

    running: int
    stuck: int
    done: int
    refused: int
    median_seconds: float | None
    steps: Sequence[StepFigures]
    newest: Sequence[Onboarding]

    @property
    def total(self) -> int:
        """All of them."""
        return self.running + self.stuck + self.done + self.refused


def onboarding_with_id(onboarding_id: str) -> Onboarding:
    """The onboarding with this public id, and its city.

    Raises:
        NotFoundError: there is none.
    """
    found = None
    if HEX_ID.fullmatch(onboarding_id):
        found = Onboarding.objects.select_related("city").filter(onboarding_id=onboarding_id).first()
    if found is None:
        raise NotFoundError(f"There is no onboarding {onboarding_id[:100]!r}.")
    return found


def onboarding_story(onboarding_id: str) -> OnboardingStory:
    """One onboarding (two statements).

    Raises:
        NotFoundError: there is none.
    """
    found = onboarding_with_id(onboarding_id)
    rows = map(_StepRow._make, _rows(STEPS, [onboarding_id]))
    taken = {row.name: _step(row) for row in rows}
    steps = [taken.get(name, StepStory(name, name.label, WAITING)) for name in OnboardingStep.Name]
    is_stuck = any(step.state == STUCK for step in steps)
    return OnboardingStory(
        onboarding_id=str(found.onboarding_id),
        customer_id=found.customer_id,
        name=found.name,
        city=found.city.name if found.city else found.city_name,
        country=found.country_code,
        source=found.source,
        state=STUCK if is_stuck else found.state,
        reason=found.reason,
        created_at=found.created_at,
        ended_at=found.ended_at,
        steps=steps,
    )


def onboarding_figures(*, newest: int = NEWEST) -> OnboardingFigures:
    """All onboardings in figures of one moment, and the newest (two statements)."""
    found = _Figures({(what, name): numbers for what, name, *numbers in _rows(FIGURES)})
    steps = [_step_figures(name, found) for name in OnboardingStep.Name]
    stuck = sum(each.stuck for each in steps)
    return OnboardingFigures(
        running=found.count("state", "running") - stuck,
        stuck=stuck,
        done=found.count("state", "done"),
        refused=found.count("state", "refused"),
        median_seconds=found.seconds("whole")[0],
        steps=steps,
        newest=list(Onboarding.objects.order_by("-pk")[:newest]),
    )


def stuck_onboardings() -> dict[int, str]:
    """The onboardings of which nobody tries a step any more, by primary key, with the message's id."""
    return dict(_rows(f"SELECT s.onboarding_id, s.message_id {STUCK_ONES}"))


def _step_figures(name: OnboardingStep.Name, found: _Figures) -> StepFigures:
    stuck = found.count("stuck", name)
    waiting_seconds, working_seconds = found.seconds("median", name)
    return StepFigures(
        name=name,
        title=name.label,
        waiting=found.count("open", name) - stuck,
        stuck=stuck,
        waiting_seconds=waiting_seconds,
        working_seconds=working_seconds,
    )


def _step(row: _StepRow) -> StepStory:
    state = row.state
    if row.is_held_up:
        state = STUCK
    elif state == OnboardingStep.State.PROMISED and row.problem:
        state = RETRYING
    seconds = None
    if row.started_at and row.ended_at:
        seconds = (row.ended_at - row.started_at).total_seconds()
    return StepStory(
        name=row.name,
        title=OnboardingStep.Name(row.name).label,
        state=state,
        attempts=row.attempts,
        problem=row.problem,
        message_id=row.message_id,
        promised_at=row.promised_at,
        ended_at=row.ended_at,
        seconds=seconds,
    )


def _rows(sql: str, values: Any = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Any] = cursor.fetchall()
    return rows
