"""Reads and writes by Feast's own SDK: run by the Python that has it; orders and answers are lines of JSON.

Feast, pandas and the standard library only. An order is ``{"do": "write" | "read", "size", "width",
"count"}``; the answer ``{"seconds": [...]}``, or ``{"wrong": ...}`` where a value is not what was written.
"""

import contextlib
import datetime as dt
import json
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from .workload import ENTITIES, EVENT_SECONDS, WIDTHS, Case, columns, feature_names, values, view_name

with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings(action="ignore"):
    import pandas as pd
    from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig
    from feast.types import Float64
    from feast.value_type import ValueType

Answer = dict[str, Any]


def store_of(address: str, folder: Path) -> Any:
    """A Feast store on this Redis (``host:port,password=...``), its registry a file in a folder."""
    store = FeatureStore(
        config=RepoConfig(
            project="bench",
            registry=str(folder / "registry.db"),
            provider="local",
            online_store={"type": "redis", "connection_string": address},
            offline_store={"type": "file"},
            entity_key_serialization_version=3,
        )
    )
    customer = Entity(name="customer", join_keys=["customer_id"], value_type=ValueType.STRING)
    views = []
    for width in WIDTHS:
        path = folder / f"{view_name(width)}.parquet"
        frame_of(width, 1).to_parquet(path)
        source = FileSource(name=view_name(width), path=str(path), timestamp_field="event_timestamp")
        schema = [Field(name=name, dtype=Float64) for name in feature_names(width)]
        views.append(FeatureView(name=view_name(width), entities=[customer], schema=schema, source=source))
    store.apply([customer, *views])
    return store


def frame_of(width: int, size: int) -> Any:
    """What is written of the first entities."""
    frame = pd.DataFrame(values(width)[:size], columns=feature_names(width))
    frame["customer_id"] = [f"C{number}" for number in range(size)]
    frame["event_timestamp"] = dt.datetime.fromtimestamp(EVENT_SECONDS, dt.UTC)
    return frame


def write(store: Any, order: dict[str, Any]) -> Answer:
    """All entities of one view, several times."""
    frame = frame_of(order["width"], ENTITIES)
    seconds = []
    for _ in range(order["count"]):
        began = time.perf_counter()
        store.write_to_online_store(view_name(order["width"]), df=frame)
        seconds.append(time.perf_counter() - began)
    return {"seconds": seconds}


def read(store: Any, order: dict[str, Any]) -> Answer:
    """``get_online_features(...).to_dict()``, every answer compared."""
    case = Case(order["size"], order["width"])
    asked = [f"{view_name(case.width)}:{name}" for name in feature_names(case.width)]
    rows = [{"customer_id": f"C{number}"} for number in range(case.size)]
    expected = columns(case)
    seconds = []
    for _ in range(order["count"]):
        began = time.perf_counter()
        found = store.get_online_features(features=asked, entity_rows=rows).to_dict()
        seconds.append(time.perf_counter() - began)
        if {name: found[name] for name in expected} != expected:
            return {"wrong": f"Feast's answer in {case.title}"}
    return {"seconds": seconds}


def main() -> None:
    """Take orders until there are none."""
    told = sys.stdout
    quiet = contextlib.redirect_stdout(sys.stderr)
    with quiet, warnings.catch_warnings(action="ignore"), tempfile.TemporaryDirectory() as folder:
        store = store_of(sys.argv[1], Path(folder))
        for line in sys.stdin:
            order = json.loads(line)
            answer = (write if order["do"] == "write" else read)(store, order)
            told.write(json.dumps(answer) + "\n")
            told.flush()


if __name__ == "__main__":
    main()
