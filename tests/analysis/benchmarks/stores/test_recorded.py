import gzip
from pathlib import Path

import orjson
import pytest

from analysis.benchmarks.stores import UnreadableResultsError, recorded_results
from analysis.benchmarks.stores.recorded import StoreBenchmark, as_json
from analysis.benchmarks.stores.report import markdown, plot_name, samples, verdicts, write
from analysis.benchmarks.stores.results import Round, Series, X, figure, key_reads, winners
from analysis.benchmarks.stores.works import (
    COMPLEX_QUERY,
    DRIVER,
    KEY_VALUE_READ,
    LAX_WRITES,
    LIBRARY,
    POSTGRESQL,
    REDIS,
    SIMPLE_READ,
    SIMPLE_WRITE,
    STORES,
    WRITES,
)

RECORDED = Path(__file__).resolve().parents[4] / "docs/benchmarks/stores.json"
SERIES = [
    Series(
        KEY_VALUE_READ,
        DRIVER,
        store,
        f"{store}'s driver",
        clients,
        rounds=[Round(rate * clients, [500, 700] * 50)],
    )
    for store, rate in zip(STORES, (300.0, 100.0, 900.0), strict=True)
    for clients in (1, 8)
]
SERIES += [
    Series(SIMPLE_READ, DRIVER, POSTGRESQL, "alone", 1, rounds=[Round(9.0, [100_000])]),
    Series(SIMPLE_WRITE, DRIVER, REDIS, "lax", 1, "lost", is_counted=False, rounds=[Round(9.0, [100_000])]),
    Series(COMPLEX_QUERY, LIBRARY, REDIS, "none", 1, not_offered="not offered"),
]


def benchmark() -> StoreBenchmark:
    figures = tuple(figure(each) for each in SERIES)
    settings = {"rounds": 1, "seconds": 0.5, "records": 1_000, "seed": 1}
    found = tuple(key_reads(figures))
    surroundings = {"cpus": 2, "drivers": {"redis": "8"}}
    return StoreBenchmark(
        "2026-11-21", surroundings, settings, figures, winners(figures), found, {KEY_VALUE_READ: "So."}
    )


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "stores.json").write_bytes(as_json(benchmark()))
    assert recorded_results(tmp_path / "stores.json") == benchmark()


def test_figures_are_found_by_work_level_store_and_clients() -> None:
    found = benchmark().figure(KEY_VALUE_READ, DRIVER, REDIS, 8)
    assert found is not None
    assert found.per_second == 7_200.0
    assert benchmark().figure(SIMPLE_WRITE, DRIVER, REDIS, 1) is None
    assert benchmark().figure(COMPLEX_QUERY, LIBRARY, REDIS, 1) is None
    won = benchmark().winner(KEY_VALUE_READ, DRIVER, 1)
    assert won is not None
    assert won.winner == REDIS
    assert benchmark().winner(KEY_VALUE_READ, LIBRARY, 1) is None


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "can't be read"),
        (b"{", "is no JSON"),
        (b"[]", "has schema None, not 2"),
        (b'{"schema": 1}', "has schema 1, not 2"),
        (b'{"schema": 2, "recorded_at": ""}', "lacks parts"),
        (
            b'{"schema": 2, "recorded_at": "", "environment": {}, "settings": {}, "results": [{"x": 1}]}',
            "lacks parts",
        ),
    ],
)
def test_a_broken_or_older_file_says_which_command_makes_a_new_one(
    tmp_path: Path, content: bytes | None, problem: str
) -> None:
    path = tmp_path / "stores.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableResultsError, match=f"{problem}.*make bench-stores"):
        recorded_results(path)


def test_the_recorded_file_is_readable_and_whole() -> None:
    found = recorded_results(RECORDED)
    assert len(found.key_reads) == 6
    assert all(each.operations or each.error for each in found.results)
    promises = {
        (each.work in LAX_WRITES, each.durability.split(":")[0])
        for each in found.results
        if each.work in WRITES
    }
    assert (False, "lost within 1 s of a crash") not in promises
    assert not {told for is_lax, told in promises if is_lax} & {
        told for is_lax, told in promises if not is_lax
    }


def test_the_report_has_tables_plots_and_samples(tmp_path: Path) -> None:
    paths = write(benchmark(), SERIES, tmp_path / "made")
    names = ["stores.json", "stores_samples.json.gz", "stores.md", plot_name(DRIVER)]
    assert [path.name for path in paths] == names
    assert paths[3].read_bytes()[1:4] == b"PNG"
    assert paths[2].read_text() == markdown(benchmark())


def test_the_report_says_who_wins_and_what_does_not_count() -> None:
    text = markdown(benchmark())
    assert (
        f"| Read a value by its key | driver | 1 | Redis wins: 3.0 {X} PostgreSQL and 9.0 {X} MongoDB. |"
        in text
    )
    assert (
        "| Write one record, on disk before the answer | Redis | lax * | 1 | 9 | 100.000 | 100.000 | 100.000 | 0% | lost |"
        in text
    )
    assert "| Average by group with a filter | Redis | none | 1 |  |  |  |  |  | not offered |" in text
    assert "  - redis: 8" in text
    assert verdicts(benchmark())[0].verdict.startswith("Redis wins")


def test_samples_are_thinned_alike_every_time() -> None:
    whole = orjson.loads(gzip.decompress(samples(SERIES)))
    assert (whole["every"], whole["series"][0]["rounds"][0][:2], len(whole["series"])) == (1, [500, 700], 8)
    thinned = samples(SERIES, most_bytes=len(samples(SERIES)) - 1)
    assert thinned == samples(SERIES, most_bytes=len(samples(SERIES)) - 1)
    assert orjson.loads(gzip.decompress(thinned))["every"] > 1


def test_a_report_without_key_reads_and_notes_leaves_them_out() -> None:
    text = markdown(StoreBenchmark("now", {}, benchmark().settings, (), (), (), {}))
    assert "## Reading a value" not in text
