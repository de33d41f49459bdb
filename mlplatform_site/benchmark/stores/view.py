"""The feature view of the vectors."""

from analysis.benchmarks.stores import data
from features.view_schema import FeatureField, ViewSchema

PACKED = "packed as in Redis"
VIEW = ViewSchema(
    name="bench",
    version=1,
    entity="customer",
    join_keys=("customer_id",),
    fields=tuple(FeatureField(name, "float") for name in data.feature_names()),
    ttl_seconds=None,
)


def packed(number: int) -> bytes:
    """An entity's row as it lies in Redis."""
    return VIEW.codec.pack(data.vector(number), event_ms=data.START_MS, written_ms=data.START_MS)


def unpacked(blob: bytes) -> tuple[float, ...]:
    """The vector in a row."""
    return VIEW.codec.unpack(blob)[2]  # type: ignore[index] # it is of this view
