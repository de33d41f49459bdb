"""The layouts that were weighed, written and read by redis-py as it comes."""

import struct
from collections.abc import Callable, Sequence
from typing import Any

import redis

from analysis.benchmarks.features.results import BARE, BARE_HASH, BARE_MGET, COMBINED, HASH, PACKED
from analysis.benchmarks.features.workload import ENTITIES, EVENT_SECONDS, WIDTHS, Case, feature_names, values
from features.packing import Codec

Read = Callable[[], Any]
FLOAT = struct.Struct(">d")
FIELD = "view:1"
BOTH = "both views"


class Layouts:
    """Hash per entity and view, packed string, and a hash per entity of packed views, on one server."""

    def __init__(self, server: redis.Redis) -> None:
        self._server = server
        self._codecs = {width: Codec([(name, "float") for name in feature_names(width)]) for width in WIDTHS}

    def write(self) -> None:
        """All entities in every layout."""
        event_ms = EVENT_SECONDS * 1_000
        with self._server.pipeline(transaction=False) as pipe:
            for width, codec in self._codecs.items():
                for number, row in enumerate(values(width)):
                    blob = codec.pack(row, event_ms=event_ms, written_ms=event_ms)
                    pipe.set(_key(PACKED, width, number), blob)
                    pipe.hset(_key(COMBINED, width, number), FIELD, blob)
                    fields: Any = dict(zip(feature_names(width), map(FLOAT.pack, row), strict=True))
                    pipe.hset(_key(HASH, width, number), mapping={**fields, "_event": FLOAT.pack(event_ms)})
            pipe.execute()

    def reads(self, case: Case) -> dict[str, tuple[Read, bool]]:
        """By contender: one read, and whether it tells columns of values that can be compared."""
        server, names, unpack = self._server, feature_names(case.width), self._codecs[case.width].unpack
        packed, hashes, combined = (
            [_key(layout, case.width, number) for number in range(case.size)]
            for layout in (PACKED, HASH, COMBINED)
        )

        def hmget(keys: Sequence[str], fields: list[str]) -> Any:
            pipe = server.pipeline(transaction=False)
            for key in keys:
                pipe.hmget(key, fields)
            return pipe.execute()

        def get() -> Any:
            pipe = server.pipeline(transaction=False)
            for key in packed:
                pipe.get(key)
            return pipe.execute()

        def mget() -> Any:
            return server.mget(packed)

        def unpacked(blobs: Sequence[bytes]) -> list[list[Any]]:
            return list(map(list, zip(*[unpack(blob)[2] for blob in blobs], strict=True)))  # type: ignore[index] # all there

        def floats() -> list[list[Any]]:
            rows = [[FLOAT.unpack(value)[0] for value in row] for row in hmget(hashes, names)]
            return list(map(list, zip(*rows, strict=True)))

        return {
            BARE: (get, False),
            BARE_MGET: (mget, False),
            BARE_HASH: (lambda: hmget(hashes, names), False),
            PACKED: (lambda: unpacked(mget()), True),
            HASH: (floats, True),
            COMBINED: (lambda: unpacked([blob for (blob,) in hmget(combined, [FIELD])]), True),
        }

    def memory(self) -> dict[str, dict[str, float]]:
        """Bytes an entity, by layout and width."""
        found = {
            layout: {
                f"{width} features": self._average(
                    [_key(layout, width, number) for number in range(ENTITIES)]
                )
                for width in WIDTHS
            }
            for layout in (PACKED, COMBINED, HASH)
        }
        return {layout: {**sizes, BOTH: sum(sizes.values())} for layout, sizes in found.items()}

    def memory_of(self, ending: bytes) -> float:
        """Bytes a key, of all keys that end so."""
        return self._average([key for key in self._server.scan_iter(count=1_000) if key.endswith(ending)])

    def _average(self, keys: Sequence[str | bytes]) -> float:
        with self._server.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.memory_usage(key, samples=0)
            found: list[int] = pipe.execute()
        return sum(found) / max(1, len(found))


def _key(layout: str, width: int, number: int) -> str:
    return f"bench:{layout.rpartition(' ')[2]}:{layout.count(' ')}:{{customer:C{number}}}:wide_{width}:1"
