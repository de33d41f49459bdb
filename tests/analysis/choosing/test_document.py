import itertools
import re
from dataclasses import replace

import pytest

from analysis.charts.architecture import AFTER_COMMIT, BOXES, CALLS, architecture
from analysis.choosing.comparing import comparisons, told
from analysis.choosing.conditions import caution
from analysis.choosing.document.analysis import analysis_document, plots_beside
from analysis.choosing.document.results import gain_of_a_cache
from analysis.choosing.evidence import Noted
from analysis.choosing.figures import REPOSITORY, STORES_FILE, Figures, recorded_figures
from analysis.choosing.moving import AFTERWARDS, MOVES
from analysis.choosing.stores import StoreName
from tests.analysis.choosing.figures import REDIS_FIRST, REDIS_LAST, benchmark, figures, winner

NOTED = [*(noted for move in MOVES for noted in move.evidence), AFTERWARDS]


def document(made: Figures, *plots: str) -> str:
    return analysis_document(made, plots=plots, diagram="docs/images/architecture.svg")


def section(text: str, heading: str) -> str:
    return text.split(f"{heading}\n", 1)[1].split("\n## ", 1)[0].split("\n### ", 1)[0]


def test_the_same_figures_give_the_same_document() -> None:
    assert document(figures(**REDIS_FIRST)) == document(figures(**REDIS_FIRST))


def test_where_redis_is_first_everywhere_nothing_says_otherwise() -> None:
    text = document(figures(**REDIS_FIRST))
    assert "first were PostgreSQL in 0, MongoDB in 0, Redis in 54." in text
    assert "Redis was first at every work that was measured." in section(text, "### What Redis does not win")
    assert "Redis is not first" not in text
    assert "Not borne out" not in text


def test_where_redis_loses_no_sentence_calls_it_the_fastest() -> None:
    text = document(figures(**REDIS_LAST))
    assert "Redis is fastest" not in text
    assert "**Redis is not first** at some level of: " in text
    assert "**Not borne out by these figures**, although speed decides them: Online features; " in text
    assert section(text, "### What Redis does not win").count("PostgreSQL is fastest") == 54
    assert "first were PostgreSQL in 54, MongoDB in 0, Redis in 0." in text


def test_a_tie_is_no_victory_in_the_document() -> None:
    text = document(figures(tied=True, redis=1_010, postgresql=1_000, mongodb=10))
    assert "first were PostgreSQL in 0, MongoDB in 0, Redis in 0; 54 can't be told apart." in text
    assert "| a tie |" in text


def test_a_way_that_failed_too_often_is_never_called_the_fastest() -> None:
    made = benchmark(works=("simple_write",), **REDIS_FIRST)
    lame = tuple(
        replace(each, failed=100) if (each.store, each.clients) == ("redis", 1) else each
        for each in made.results
    )
    others = [each for each in lame if each.store != "redis" and each.clients == 1]
    won = tuple(
        winner([each for each in others if each.level == old.level]) if old.clients == 1 else old
        for old in made.winners
    )
    found = comparisons(replace(made, results=lame, winners=won))
    said = "Left out: Redis by redis way (9% of its operations failed)."
    alone = [each for each in found if each.clients == 1]
    assert all(told(each).startswith("PostgreSQL is fastest") and told(each).endswith(said) for each in alone)
    assert said not in told(alone[0].among((StoreName.POSTGRESQL, StoreName.MONGODB)))
    assert all(told(each).startswith("Redis is fastest") for each in found if each.clients == 8)


def test_a_store_without_figures_is_told_with_the_reason() -> None:
    text = document(figures(postgresql=1_000, mongodb=10))
    assert "(bare driver, 1 client): not measured." in section(text, "### What Redis does not win")
    assert "No two stores" in document(figures(postgresql=1_000))


def test_what_a_cache_gains_follows_the_key_reads_at_both_levels() -> None:
    first, last = figures(**REDIS_FIRST), figures(**REDIS_LAST)
    mixed = [each for each in first.comparisons if each.level == "library"]
    mixed += [each for each in last.comparisons if each.level == "driver"]
    assert "and of bare statements" in gain_of_a_cache(first.comparisons)
    assert "not of a bare read from PostgreSQL: where" in gain_of_a_cache(mixed)
    assert "not ahead of the ORM" in gain_of_a_cache(last.comparisons)
    assert gain_of_a_cache(mixed[:1]) == ""


def test_a_busy_machine_and_short_rounds_are_told() -> None:
    quiet = benchmark(**REDIS_FIRST)
    busy = replace(quiet, environment={"cpus": 2, "load_average": [11.27, 3, 3]}, settings={"seconds": 0.05})
    assert caution(quiet) == ""
    assert caution(busy) == (
        "Take these figures with care: the machine was busy (load average 11.27 on 2 cores) and each stretch took "
        "only 0.05 s. Record anew on a quiet machine."
    )


def test_a_benchmark_of_one_work_leaves_the_others_open() -> None:
    made = benchmark(works=("key_value_read",), **REDIS_FIRST)
    text = document(Figures(made, tuple(comparisons(made))))
    assert "Not in the recorded benchmark." in section(text, "### Model registry with promotion: PostgreSQL")
    assert "Of 6 comparisons, first were" in text


def test_pictures_are_linked_as_the_repository_has_them() -> None:
    text = document(figures(**REDIS_FIRST), "docs/benchmarks/stores_driver.png")
    assert "![Stores at the same work, bare driver](docs/benchmarks/stores_driver.png)" in text


def test_links_inside_the_document_lead_somewhere() -> None:
    text = document(figures(**REDIS_FIRST))
    anchors = set(re.findall(r'<a id="([^"]+)">', text)) | {"what-redis-does-not-win"}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors


def test_files_that_the_document_links_exist() -> None:
    linked = set(re.findall(r"\]\((docs/[^)#]+)\)", document(figures(**REDIS_FIRST))))
    assert [path for path in linked if not (REPOSITORY / path).exists()] == []


def test_no_document_without_a_benchmark() -> None:
    with pytest.raises(ValueError, match="make bench-stores"):
        document(recorded_figures(REPOSITORY / "nowhere.json"))


@pytest.mark.parametrize("noted", NOTED, ids=lambda noted: noted.statement[:30])
def test_figures_on_moving_stand_in_their_documents(noted: Noted) -> None:
    flat = " ".join((REPOSITORY / noted.document).read_text().split())
    assert [quote for quote in noted.quotes if quote not in flat] == []


def test_the_picture_s_arrows_are_those_of_the_architecture_document() -> None:
    text = (REPOSITORY / "docs" / "architecture.md").read_text()
    block = re.sub(r"\([^)]*\)", "", text.split("```")[1])
    told = set()
    for line in block.strip().splitlines():
        stages = [[name.strip() for name in stage.split(",")] for stage in line.split("→")]
        for begin, end in itertools.pairwise(stages):
            told |= {(left, right) for left in begin for right in end}
    drawn = {(a, b) for begin, end in CALLS for a in BOXES[begin].names for b in BOXES[end].names}
    assert drawn == told


def test_the_picture_is_a_whole_document_of_its_own() -> None:
    drawn = architecture()
    assert drawn.startswith("<svg xmlns=")
    assert drawn.count("marker-end") == len(CALLS) + len(AFTER_COMMIT)
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.skipif(not STORES_FILE.exists(), reason="manage.py benchmark was not recorded")
def test_the_repository_s_analysis_is_what_the_recorded_benchmark_gives() -> None:
    made = document(recorded_figures(), *plots_beside(STORES_FILE))
    assert (REPOSITORY / "ANALYSIS.md").read_text() == made, "run manage.py write_analysis"
    assert (REPOSITORY / "docs" / "images" / "architecture.svg").read_text() == architecture()
