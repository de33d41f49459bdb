"""Runs by name, id, model, tag or param: each part reads the top of an index."""

from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from analysis.queries.search.asked import Asked
from analysis.queries.search.found import SHOWN, Hit
from registry.models.param import number_in
from registry.queries.permission_sql import readable_sql

RUN = "r.id, r.run_id, r.name, r.model_name, r.experiment_id, r.started_at"
READ = "r.lifecycle = 'active' AND {readable}"
NEWEST = "ORDER BY r.started_at DESC, r.id DESC LIMIT %(most)s"
NAMED = f"""SELECT {RUN} FROM registry_trainingrun r
WHERE UPPER(r.name) LIKE UPPER(%(pattern)s) AND {READ} {NEWEST}"""  # noqa: S608 (made of constants)
WITH_ID = f"""SELECT {RUN} FROM registry_trainingrun r
WHERE r.run_id BETWEEN %(low)s::uuid AND %(high)s::uuid AND {READ} ORDER BY r.run_id LIMIT %(most)s"""  # noqa: S608 (made of constants)
OF_MODEL = f"SELECT {RUN} FROM registry_trainingrun r WHERE r.model_name = %(text)s AND {READ} {NEWEST}"  # noqa: S608 (made of constants)
WITH_TAG = f"""SELECT {RUN} FROM registry_runtag t JOIN registry_trainingrun r ON r.id = t.run_id
WHERE t.key = %(tag_key)s AND (%(tag_value)s = '' OR md5(t.value) = md5(%(tag_value)s)) AND {READ}
LIMIT %(most)s"""  # noqa: S608 (made of constants)
WITH_PARAM = f"""SELECT {RUN} FROM registry_param p JOIN registry_trainingrun r ON r.id = p.run_id
WHERE p.key = %(param_key)s AND p.value_number = %(param_number)s AND {READ} LIMIT %(most)s"""  # noqa: S608 (made of constants)
ALL = """
SELECT replace(f.run_id::text, '-', ''), f.name, e.name, f.model_name
FROM ({parts}) f JOIN registry_experiment e ON e.id = f.experiment_id
"""


def found_runs(asked: Asked, *, viewer: User) -> list[Hit]:
    """Up to 21 runs of each way to match, that the viewer may read; some more than once (one statement)."""
    readable, permission = readable_sql(viewer)
    parts, values = _parts(asked)
    statement = " UNION ALL ".join(f"({part})" for part in parts)
    statement = ALL.format(parts=statement.format(readable=readable))
    with connection.cursor() as cursor:
        cursor.execute(statement, permission | values | {"most": SHOWN + 1})
        rows = cursor.fetchall()
    return [
        Hit("run", run_id, name, " · ".join(filter(None, [experiment, model_name])), run_id)
        for run_id, name, experiment, model_name in rows
    ]


def _parts(asked: Asked) -> tuple[list[str], dict[str, Any]]:
    """The statements of the ways in which this text can match, and their parameters."""
    key, value = asked.pair
    number = number_in(value)
    low, high = asked.id_range
    parts = [
        (WITH_ID, bool(asked.hex_id)),
        (NAMED, asked.has_letters),
        (OF_MODEL, True),
        (WITH_TAG, True),
        (WITH_PARAM, number is not None),
    ]
    return [part for part, is_asked in parts if is_asked], {
        "text": asked.text,
        "pattern": asked.beginning if asked.is_short else asked.anywhere,
        "low": low,
        "high": high,
        "tag_key": key or asked.text,
        "tag_value": value,
        "param_key": key,
        "param_number": number,
    }
