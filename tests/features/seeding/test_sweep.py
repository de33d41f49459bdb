from collections.abc import Iterator
from typing import Any

from features.seeding.families import FAMILIES
from features.seeding.sweep import declared_runs


def paths(value: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, f"{prefix}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{prefix}[]")
    else:
        yield prefix


def test_the_sweep_declares_at_least_40_runs_of_6_families_on_4_data_sets() -> None:
    runs = declared_runs()
    assert len(runs) == 50
    assert {run.family for run in runs} == set(FAMILIES)
    assert len(FAMILIES) == 9
    assert {run.dataset for run in runs} == {"digits", "breast-cancer", "wine", "diabetes"}


def test_configs_of_different_families_have_different_shapes() -> None:
    shapes = {run.family: frozenset(paths(run.config)) for run in declared_runs()}
    assert len(set(shapes.values())) == len(FAMILIES)


def test_run_ids_are_32_hex_characters_and_never_twice_the_same() -> None:
    ids = [run.run_id for run in declared_runs(scale=3)]
    assert len(set(ids)) == len(ids) == 150
    assert all(len(run_id) == 32 and int(run_id, 16) >= 0 for run_id in ids)


def test_run_ids_stay_the_same_from_one_day_to_the_next() -> None:
    ids = {f"{run.dataset}/{run.name}": run.run_id for run in declared_runs()}
    assert ids["digits/mlp-128-64"] == "c234023417a4573bb69a32a91689b652"


def test_names_are_unique_inside_an_experiment() -> None:
    runs = declared_runs(scale=2)
    assert len({(run.experiment, run.name) for run in runs}) == len(runs)


def test_a_larger_scale_repeats_the_sweep_with_other_seeds() -> None:
    once, twice = declared_runs(1), declared_runs(2)
    assert twice[: len(once)] == once
    assert {run.seed for run in twice[len(once) :]} == {once[0].seed + 1}
