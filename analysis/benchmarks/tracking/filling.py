"""Many runs at once: one is made by the API, then cloned by SQL with the values of other numbers.

So each server's rows are what its own API writes, whatever its tables look like, and 20,000 runs take
seconds. :func:`fill` compares a clone with what the API says of a run of that number.
"""

from dataclasses import dataclass, field

import psycopg2
from psycopg2.extensions import cursor

from .api import Api
from .raw_reads import check_run, described_run, filled_name
from .workload import METRICS, MODULUS, OPTIMIZERS, START_MS, STEP_MS, run_name

_KEYS = "ARRAY[" + ", ".join(f"'{key}'" for key in METRICS) + "]"
_OPTIMIZERS = "ARRAY[" + ", ".join(f"'{each}'" for each in OPTIMIZERS) + "]"


def _value(key: str) -> str:
    position = f"(array_position({_KEYS}, ({key})::text) - 1)"
    return f"(((n.n::int8 * (7919 + 104729 * {position})) %% {MODULUS})::float8 / {MODULUS})"


VALUE = _value("t.key")
PARAM = f"""CASE t.key WHEN 'optimizer' THEN ({_OPTIMIZERS})[1 + n.n %% {len(OPTIMIZERS)}]
    WHEN 'layers' THEN (n.n %% 7)::text ELSE t.value END"""
NAME = "'run-' || lpad(n.n::text, 6, '0')"
RUN_ID = "md5(%(experiment)s || ' ' || n.n)"
AT_MS = f"({START_MS} + n.n::int8 * {STEP_MS})"
RUNNAME_TAG = f"CASE t.key WHEN 'mlflow.runName' THEN {NAME} ELSE t.value END"
NUMBERS = "generate_series(1, %(size)s) AS n (n)"


@dataclass(frozen=True)
class Clone:
    """How the rows of one table are cloned: the template's rows ``t``, for each number ``n``.

    ``columns`` are given anew, ``left_out`` are filled by PostgreSQL, every other column is copied.
    """

    table: str
    where: str
    columns: dict[str, str]
    left_out: tuple[str, ...] = ()
    join: str = ""
    optional: dict[str, str] = field(default_factory=dict)

    def statement(self, columns: list[str]) -> str:
        """INSERT … SELECT over the table's columns."""
        given = self.columns | {name: text for name, text in self.optional.items() if name in columns}
        kept = [name for name in columns if name not in self.left_out]
        values = [given.get(name, f't."{name}"') for name in kept]
        names = ", ".join(f'"{name}"' for name in kept)
        return (
            f"INSERT INTO {self.table} ({names}) SELECT {', '.join(values)}"  # noqa: S608 (made of constants)
            f" FROM {NUMBERS} CROSS JOIN {self.table} t {self.join} WHERE {self.where}"
        )


MLFLOW = [
    Clone(
        "runs",
        "t.run_uuid = %(template)s",
        {
            "run_uuid": RUN_ID,
            "name": NAME,
            "start_time": AT_MS,
            "end_time": f"{AT_MS} + 60000",
            "artifact_uri": f"replace(t.artifact_uri, %(template)s, {RUN_ID})",
        },
    ),
    Clone("params", "t.run_uuid = %(template)s", {"run_uuid": RUN_ID, "value": PARAM}),
    Clone("metrics", "t.run_uuid = %(template)s", {"run_uuid": RUN_ID, "value": VALUE}),
    Clone("latest_metrics", "t.run_uuid = %(template)s", {"run_uuid": RUN_ID, "value": VALUE}),
    Clone("tags", "t.run_uuid = %(template)s", {"run_uuid": RUN_ID, "value": RUNNAME_TAG}),
]

_NEW_RUN = f"JOIN registry_trainingrun r ON r.run_id = ({RUN_ID})::uuid"
_OF_TEMPLATE = "t.run_id = (SELECT id FROM registry_trainingrun WHERE run_id = %(template)s::uuid)"
_STARTED = f"to_timestamp({AT_MS} / 1000.0)"
OURS = [
    Clone(
        "registry_trainingrun",
        "t.run_id = %(template)s::uuid",
        {
            "run_id": f"({RUN_ID})::uuid",
            "name": NAME,
            "accuracy": _value("'accuracy'"),
            "loss": _value("'loss'"),
            "started_at": _STARTED,
            "ended_at": f"{_STARTED} + interval '1 minute'",
        },
        left_out=("id",),
    ),
    Clone(
        "registry_param",
        _OF_TEMPLATE,
        {
            "run_id": "r.id",
            "value": PARAM,
            "value_number": "CASE t.key WHEN 'layers' THEN n.n %% 7 ELSE t.value_number END",
        },
        left_out=("id",),
        join=_NEW_RUN,
    ),
    Clone(
        "registry_metric",
        _OF_TEMPLATE,
        {"run_id": "r.id", "latest_value": VALUE, "min_value": VALUE, "max_value": VALUE},
        left_out=("id",),
        join=_NEW_RUN,
    ),
    Clone(
        "registry_runtag",
        _OF_TEMPLATE,
        {"run_id": "r.id", "value": RUNNAME_TAG},
        left_out=("id",),
        join=_NEW_RUN,
    ),
]
OUR_POINTS = f"""
INSERT INTO registry_metricpoint (metric_id, step, timestamp_ms, value)
SELECT m.id, m.latest_step, m.latest_timestamp_ms, m.latest_value
FROM {NUMBERS} {_NEW_RUN} JOIN registry_metric m ON m.run_id = r.id
"""  # noqa: S608 (made of constants)


def fill(api: Api, *, database: str, size: int, is_ours: bool) -> None:
    """Make an experiment with runs 1 to ``size`` (newest last), and check a run of it.

    Raises:
        WrongAnswerError: a clone is not what the API tells of such a run.
    """
    experiment = api.experiment(filled_name(size))
    template = described_run(api, experiment)
    connection = psycopg2.connect(database)
    connection.autocommit = True
    with connection.cursor() as to:
        to.execute("SET statement_timeout = 0")
        given = {"experiment": experiment, "template": template, "size": size}
        for clone in OURS if is_ours else MLFLOW:
            to.execute(clone.statement(_columns(to, clone.table)), given)
        if is_ours:
            to.execute(OUR_POINTS, given)
        api.post("runs/delete", run_id=template)
        to.execute("VACUUM ANALYZE")
    connection.close()
    found = api.post(
        "runs/search",
        experiment_ids=[experiment],
        filter=f"attributes.run_name = '{run_name(size)}'",
        max_results=2,
    )
    (run,) = found["runs"]
    check_run(run, size)


def _columns(to: cursor, table: str) -> list[str]:
    to.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    return [name for (name,) in to.fetchall()]
