"""The params, tags and further data sets of many runs, in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from .first_keys import FIRST_KEYS, most_keys

MOST_BYTES = 32 * 1024 * 1024
"""Of the params of all runs, and of their tags."""

# Of long values, fewer keys are read.
KEPT = f"""
SELECT s.key FROM (
    SELECT key, sum(sum(octet_length(value))) OVER (ORDER BY key) AS bytes FROM {{table}}
    WHERE run_id = ANY(%(runs)s) AND key IN ({FIRST_KEYS})
    GROUP BY key
) AS s WHERE s.bytes <= %(bytes)s
"""  # noqa: S608 (made of constants)
VALUES = f"""
SELECT run_id, '{{kind}}', key, left(value, 6000) FROM {{table}}
WHERE run_id = ANY(%(runs)s) AND (key = ANY(%(named)s) OR key IN ({KEPT}))
UNION ALL
SELECT NULL, 'count', '{{kind}}', count(DISTINCT key)::text FROM {{table}} WHERE run_id = ANY(%(runs)s)
"""  # noqa: S608 (made of constants)
INPUTS = """
SELECT i.run_id, 'inputs', i.context, d.name || ' · ' || left(d.digest, 12) FROM registry_runinput i
JOIN registry_dataset d ON d.id = i.dataset_id WHERE i.run_id = ANY(%(runs)s)
ORDER BY 2, 3, 4
"""
FACTS = " UNION ALL ".join(
    [
        VALUES.format(kind="params", table="registry_param"),
        VALUES.format(kind="tags", table="registry_runtag"),
        INPUTS,
    ]
)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What was said of a run.

    Attributes:
        inputs: The data sets that it read beside its main one, by their context: names and digests.
    """

    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What was said of runs.

    Attributes:
        of_runs: By primary key.
        left_out: How many params and tags are too many to be read: kind → count.
    """

    of_runs: dict[int, RunFacts]
    left_out: Mapping[str, int] = field(default_factory=dict)


def facts_of(runs: Sequence[int], *, named: Sequence[str] = ()) -> Facts:
    """The facts of each of these runs (one statement), of params and tags the first ones by name.

    Args:
        runs: Primary keys.
        named: Params and tags that are read in any case.
    """
    facts = {run: RunFacts() for run in runs}
    if not facts:
        return Facts(facts)
    counts: dict[str, int] = {}
    read: dict[str, set[str]] = {"params": set(), "tags": set()}
    most = most_keys(len(facts))
    with connection.cursor() as cursor:
        cursor.execute(FACTS, {"runs": list(facts), "named": list(named), "most": most, "bytes": MOST_BYTES})
        for run, kind, key, value in cursor:
            if kind == "count":
                counts[key] = int(value)
            elif kind == "inputs":
                known = facts[run].inputs
                known[key] = f"{known[key]}, {value}" if key in known else value
            else:
                (facts[run].params if kind == "params" else facts[run].tags)[key] = value
                read[kind].add(key)
    return Facts(facts, {kind: counts[kind] - len(keys) for kind, keys in read.items()})
