import pytest

from analysis.benchmarks.stores.notes import notes
from analysis.benchmarks.stores.results import Round, Series, X, figure, key_reads, spread, winners
from analysis.benchmarks.stores.works import (
    BATCHED,
    CACHED_PAGE,
    COMPLEX_QUERY,
    DRIVER,
    KEY_VALUE_READ,
    LIBRARY,
    MONGODB,
    POSTGRESQL,
    REDIS,
    RENDERING,
    SIMPLE_WRITE,
    SIMPLE_WRITE_LAX,
    WORKS,
)


def series(
    store: str, *rates: float, work: str = KEY_VALUE_READ, level: str = DRIVER, **named: object
) -> Series:
    rounds = [Round(rate, [round(1e6 / rate)] * 4) for rate in rates]
    return Series(work, level, store, f"{store}'s way", named.pop("clients", 1), rounds=rounds, **named)


def three(*rates: float, **named: object) -> list[Series]:
    return [
        series(store, rate, **named) for store, rate in zip((POSTGRESQL, MONGODB, REDIS), rates, strict=True)
    ]


def test_a_figure_counts_items_and_tells_the_latency_of_operations() -> None:
    found = figure(series(REDIS, 10.0, 20.0, 30.0, work=KEY_VALUE_READ, level=BATCHED))
    assert (found.per_second, found.items_per_operation, found.operations) == (2_000.0, 100, 12)
    assert (found.p50_ms, found.spread, found.error) == (50.0, 0.5, "")


def test_failed_operations_are_told_and_what_is_not_offered_has_no_figures() -> None:
    failing = Series(
        KEY_VALUE_READ, DRIVER, REDIS, "way", 1, rounds=[Round(5.0, [1_000], ["TimeoutError: late"])]
    )
    assert figure(failing).error == "1 of 2 operations failed, such as: TimeoutError: late"
    missing = figure(Series(COMPLEX_QUERY, LIBRARY, REDIS, "none", 1, not_offered="not offered: no queries"))
    assert (missing.operations, missing.per_second, missing.p99_ms) == (0, 0.0, 0.0)
    assert missing.error == "not offered: no queries"


def test_the_spread_is_that_of_the_middle_half() -> None:
    assert spread([1.0, 2.0, 3.0, 4.0, 100.0]) == pytest.approx(2 / 3)
    assert (spread([5.0]), spread([]), spread([0.0, 0.0])) == (0.0, 0.0, 0.0)


def test_the_winner_is_each_stores_fastest_way_that_counts() -> None:
    ways = [*three(100.0, 50.0, 400.0), series(POSTGRESQL, 200.0), series(MONGODB, 9_000.0, is_counted=False)]
    (found,) = winners([figure(each) for each in ways])
    assert (found.winner, found.leader, found.second, found.ratio_to_second) == (
        REDIS,
        REDIS,
        POSTGRESQL,
        2.0,
    )
    assert found.ratios == {REDIS: 1.0, POSTGRESQL: 2.0, MONGODB: 8.0}
    assert found.sentence == f"Redis wins: 2.0 {X} PostgreSQL and 8.0 {X} MongoDB."


def test_writes_are_two_races_of_one_promise_each() -> None:
    ways = [*three(10.0, 5.0, 8.0, work=SIMPLE_WRITE), *three(20.0, 10.0, 100.0, work=SIMPLE_WRITE_LAX)]
    on_disk, lax = winners([figure(each) for each in ways])
    assert (on_disk.work, on_disk.winner, lax.work, lax.winner) == (
        SIMPLE_WRITE,
        POSTGRESQL,
        SIMPLE_WRITE_LAX,
        REDIS,
    )
    assert WORKS[SIMPLE_WRITE].title == "Write one record, on disk before the answer"
    assert WORKS[SIMPLE_WRITE_LAX].title == "Write one record, may lose up to a second"


@pytest.mark.parametrize(("failed", "leader"), [(1, REDIS), (2, POSTGRESQL)])
def test_a_way_that_fails_more_than_once_in_a_hundred_cannot_win(failed: int, leader: str) -> None:
    ways = [series(POSTGRESQL, 10.0), series(MONGODB, 5.0), series(REDIS, 90.0)]
    ways[2].rounds[0] = Round(90.0, [11_000] * (100 - failed), ["TimeoutError: late"] * failed)
    (found,) = winners([figure(each) for each in ways])
    assert found.leader == leader
    said = " Left out: Redis by redis's way (2% of its operations failed)."
    assert found.sentence.endswith(said) == (leader == POSTGRESQL)


def test_a_lead_within_the_rounds_spread_is_a_tie() -> None:
    ways = [series(REDIS, 100.0, 110.0, 120.0), series(POSTGRESQL, 90.0, 105.0, 120.0)]
    (found,) = winners([figure(each) for each in ways])
    assert (found.winner, found.leader, found.ratio_to_second) == ("tie", REDIS, 1.05)
    assert found.sentence.startswith("A tie of Redis and PostgreSQL")


def test_who_is_alone_wins_and_whoever_failed_does_not_count() -> None:
    ways = [series(POSTGRESQL, 10.0), Series(KEY_VALUE_READ, DRIVER, REDIS, "way", 1)]
    (found,) = winners([figure(each) for each in ways])
    assert (found.winner, found.second, found.ratio_to_second) == (POSTGRESQL, "", 1.0)
    assert found.sentence == "PostgreSQL alone has a figure."
    assert winners([figure(ways[1])]) == ()


def test_key_reads_say_where_redis_is_ahead_and_where_not() -> None:
    ways = [
        *three(200.0, 50.0, 100.0),
        *three(10.0, 10.0, 60.0, level=LIBRARY),
        *three(10.0, 10.0, 10.0, level=BATCHED),
    ]
    bare, library, batched = key_reads([figure(each) for each in ways])
    assert (bare.redis_vs_postgresql, bare.redis_vs_mongodb) == (0.5, 2.0)
    assert bare.statement == (
        "By the bare drivers, one client, Redis reads 100 values a second by key:"
        f" slower than PostgreSQL (0.50 {X}), 2.0 {X} as fast as MongoDB."
    )
    assert library.statement.endswith(
        f"asked of a cache against the ORM are 5 {X}: redis's way 6.0 {X} (reached)."
    )
    assert f"a tie with PostgreSQL (1.00 {X}, within the rounds' spread)" in batched.statement


def test_a_cache_that_is_not_five_times_the_orm_is_told() -> None:
    (found,) = key_reads([figure(each) for each in three(100.0, 100.0, 400.0, level=LIBRARY, clients=8)])
    assert found.statement.startswith("Through the libraries, 8 clients, ")
    assert found.statement.endswith(f"redis's way 4.0 {X} (not reached).")


def test_notes_tell_what_the_figures_alone_do_not() -> None:
    ways = [
        *three(100.0, 50.0, 100.0), *three(10.0, 10.0, 60.0, level=LIBRARY), *three(10.0, 5.0, 90.0, work=SIMPLE_WRITE),
        *three(10.0, 5.0, 90.0, work=SIMPLE_WRITE_LAX),
        series(RENDERING, 40.0, work=CACHED_PAGE, level=LIBRARY, is_counted=False),
    ]  # fmt: skip
    found = notes([figure(each) for each in ways])
    assert f"reads 0.6 {X} as many values" in found[KEY_VALUE_READ]
    assert "appendfsync always" in found[SIMPLE_WRITE]
    assert "appendfsync everysec" in found[SIMPLE_WRITE_LAX]
    assert found[CACHED_PAGE] == "Rendering the page anew takes 25.0 ms (p50, one client)."


def test_notes_need_no_works_that_were_not_measured() -> None:
    assert notes([]) == {}
    assert (
        "promise" in notes([figure(each) for each in three(1.0, 1.0, 1.0, work=SIMPLE_WRITE)])[SIMPLE_WRITE]
    )
    assert "much of its lead" not in notes([figure(series(REDIS, 1.0))])[KEY_VALUE_READ]
