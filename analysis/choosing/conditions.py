"""Under which conditions something was measured, as pairs of words."""

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.benchmarks.stores import StoreBenchmark

QUICK_SECONDS = 0.2


def flat(facts: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Nested facts as names and values, in their order; a name begins with the names around it."""
    for name, value in facts.items():
        title = f"{before}{name.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from flat(value, f"{title}, ")
        elif isinstance(value, (list, tuple)):
            yield title, ", ".join(str(each) for each in value)
        else:
            yield title, str(value)


def caution(benchmark: StoreBenchmark) -> str:
    """What speaks against trusting a recording: a busy machine, short rounds; empty where nothing does."""
    cores, load = benchmark.environment.get("cpus"), benchmark.environment.get("load_average")
    seconds = benchmark.settings.get("seconds")
    told = []
    if cores and load and load[0] > cores:
        told.append(f"the machine was busy (load average {load[0]:g} on {cores} cores)")
    if seconds is not None and seconds < QUICK_SECONDS:
        told.append(f"each stretch took only {seconds:g} s")
    if not told:
        return ""
    return f"Take these figures with care: {' and '.join(told)}. Record anew on a quiet machine."
