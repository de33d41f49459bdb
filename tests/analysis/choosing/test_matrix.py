from dataclasses import replace

import pytest

from analysis.benchmarks.stores import WORKS
from analysis.benchmarks.stores.works import DURABLE_WRITES, LAX_WRITES
from analysis.choosing.catalog import STORES
from analysis.choosing.comparing import SIGN
from analysis.choosing.evidence import Measured, Noted, Unmeasured
from analysis.choosing.figures import REPOSITORY, Figures, recorded_figures
from analysis.choosing.matrix import MatrixRow, matrix_rows
from analysis.choosing.stores import StoreName
from analysis.choosing.use_cases import USE_CASES, UseCase
from tests.analysis.choosing.figures import REDIS_FIRST, REDIS_LAST, figures

NOTED = [(case.slug, each) for case in USE_CASES for each in case.evidence if isinstance(each, Noted)]


def row(slug: str, made: Figures) -> MatrixRow:
    return next(each for each in matrix_rows(made) if each.case.slug == slug)


def test_there_are_use_cases_for_every_store() -> None:
    assert len(USE_CASES) >= 14
    assert {case.best for case in USE_CASES} == set(StoreName)
    assert len({case.slug for case in USE_CASES}) == len(USE_CASES)


@pytest.mark.parametrize("case", USE_CASES, ids=lambda case: case.slug)
def test_every_use_case_has_evidence_and_what_would_change_it(case: UseCase) -> None:
    assert case.evidence
    assert case.changes
    assert case.best is not case.second


@pytest.mark.parametrize(("slug", "noted"), NOTED, ids=[f"{slug}-{each.document}" for slug, each in NOTED])
def test_noted_figures_stand_in_their_document(slug: str, noted: Noted) -> None:
    text = (REPOSITORY / noted.document).read_text()
    flat = " ".join(text.split())
    assert [quote for quote in noted.quotes if " ".join(quote.split()) not in flat] == []


def test_figures_that_agree_are_said_to() -> None:
    found = row("online-features", figures(**REDIS_FIRST))
    assert found.verdict_word == "figures agree"
    assert found.said == (
        "Of Redis, PostgreSQL and MongoDB, which can do it, Redis is fastest: "
        f"5.0 {SIGN} PostgreSQL (read feature vectors)."
    )
    assert found.findings[0].text == (
        "Read feature vectors (ORM, ODM and cache API, 1 client): Redis is fastest (5,000/s, p50 0.2 ms): "
        f"5.0 {SIGN} PostgreSQL (1,000/s), 10 {SIGN} MongoDB (500/s)."
    )


def test_where_redis_loses_and_speed_decides_the_choice_is_called_into_question() -> None:
    found = row("online-features", figures(**REDIS_LAST))
    assert found.verdict == "lost"
    assert found.said == (
        f"These figures do not bear it out: PostgreSQL is 2.5 {SIGN} as fast (read feature vectors), and speed "
        "decides. Measure before you follow it."
    )


def test_where_guarantees_decide_a_lost_race_changes_nothing_but_is_told() -> None:
    found = row("experiment-metadata", figures(redis=9_000, postgresql=1_000, mongodb=3_000))
    assert found.verdict_word == "guarantees decide"
    assert found.said == (
        f"MongoDB is 3.0 {SIGN} as fast (average by group with a filter). "
        "PostgreSQL is chosen for what it guarantees, not for speed."
    )


def test_stores_that_a_case_rules_out_are_not_raced_against() -> None:
    found = row("experiment-metadata", figures(**REDIS_FIRST))
    assert found.verdict_word == "figures agree"
    assert found.said.startswith("Of PostgreSQL and MongoDB, which can do it, PostgreSQL is fastest: 2.0")
    assert "Redis is fastest" in found.findings[0].text


def test_among_some_stores_the_spread_of_their_rounds_makes_a_tie() -> None:
    comparison = figures(redis=3_000, postgresql=1_050, mongodb=1_000).comparisons[0]
    wide = replace(comparison, standings=tuple(replace(each, spread=0.2) for each in comparison.standings))
    records = (StoreName.POSTGRESQL, StoreName.MONGODB)
    assert comparison.among(records).outcome(StoreName.POSTGRESQL) == "won"
    assert wide.among(records).outcome(StoreName.MONGODB) == "tied"
    assert wide.outcome(StoreName.MONGODB) == "lost"
    assert wide.among((StoreName.FILES,)).outcome(StoreName.FILES) == "absent"


def test_a_tie_is_called_one() -> None:
    found = row("online-features", figures(tied=True, redis=1_010, postgresql=1_000, mongodb=10))
    assert found.verdict == "tied"
    assert "Redis and PostgreSQL can't be told apart" in found.findings[0].text
    assert "MongoDB (10/s)" in found.findings[0].text


def test_a_store_alone_is_no_winner() -> None:
    found = row("online-features", figures(redis=1_000))
    assert found.verdict == ""
    assert "Redis alone gave a figure" in found.findings[0].text
    assert found.verdict_word == "not measured"


def test_without_a_benchmark_the_command_is_told(tmp_path: object) -> None:
    missing = recorded_figures(REPOSITORY / "nowhere.json", REPOSITORY / "nowhere.json")
    found = row("online-features", missing)
    assert [each.kind for each in found.findings] == ["missing", "missing", "missing"]
    assert "make bench-stores" in found.findings[0].text
    assert "make bench-features" in found.findings[1].text
    assert found.said == "Speed would decide here, and nothing was recorded that tells it."


def test_recorded_feature_timings_are_quoted() -> None:
    found = row("online-features", recorded_figures())
    assert found.findings[1].text.startswith("100 entities of 50 features from Redis: ours ")


def test_what_was_not_measured_says_so_and_cites_a_source() -> None:
    found = row("sensor-metrics", figures(**REDIS_FIRST))
    assert found.findings[0].text.startswith("Not measured here.")
    assert found.findings[0].url.startswith("https://")
    assert found.said == "No recorded work compares stores that can do this; guarantees decide."


def test_measured_evidence_names_works_that_the_benchmark_has() -> None:
    for case in USE_CASES:
        for each in case.evidence:
            if isinstance(each, Measured):
                assert each.level in WORKS[each.work].levels


def test_a_store_without_a_figure_is_told_with_the_reason() -> None:
    made = figures(redis=1_000, postgresql=500)
    assert made.comparisons[0].absent == (("MongoDB", "not measured"),)


def test_sources_are_manuals_of_versions_that_run_here() -> None:
    urls = [source.url for store in STORES.values() for source in store.sources]
    urls += [each.source.url for case in USE_CASES for each in case.evidence if isinstance(each, Unmeasured)]
    assert [url for url in urls if "mongodb.com" in url and "/docs/v8.0/" not in url] == []
    assert [url for url in urls if "valkey" in url] == []


def test_evidence_of_writes_promises_what_the_case_asks_for() -> None:
    for case in USE_CASES:
        works = {each.work for each in case.evidence if isinstance(each, Measured)}
        assert not (works & set(DURABLE_WRITES) and case.best is StoreName.REDIS), case.slug
        assert not (works & set(LAX_WRITES) and case.best is not StoreName.REDIS), case.slug
