import json
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from analysis.benchmarks.stores.recorded import as_json
from analysis.choosing.comparing import SIGN
from analysis.choosing.figures import Figures, recorded_figures
from analysis.choosing.use_cases import USE_CASES
from analysis.views import which_store
from tests.analysis.choosing.figures import REDIS_FIRST, REDIS_LAST, benchmark

pytestmark = pytest.mark.django_db


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the pages look for the benchmark; nothing is there."""
    path = tmp_path / "stores.json"

    def figures() -> Figures:
        return recorded_figures(path)

    monkeypatch.setattr(which_store, "recorded_figures", figures)
    monkeypatch.setattr(which_store, "STORES_FILE", path)
    return path


def page(reader: Client, name: str, expected: int = 200, **query: object) -> str:
    response = reader.get(reverse(f"analysis:{name}"), query)
    assert response.status_code == expected
    return " ".join(response.content.decode().split())


def test_the_matrix_shows_each_use_case_with_its_figures(reader: Client, recorded: Path) -> None:
    recorded.write_bytes(as_json(benchmark(**REDIS_FIRST)))
    html = page(reader, "stores")
    assert all(f'id="{case.slug}"' in html for case in USE_CASES)
    assert "the benchmark of 2026-11-21" in html
    assert "which can do it, Redis is fastest" in html
    assert "Not run by this platform." in html


def test_where_another_is_faster_the_matrix_says_so(reader: Client, recorded: Path) -> None:
    recorded.write_bytes(as_json(benchmark(**REDIS_LAST)))
    html = page(reader, "stores")
    assert "Redis is fastest" not in html
    assert "do not bear it out: PostgreSQL is" in html


def test_without_a_benchmark_pages_say_which_command_makes_one(reader: Client, recorded: Path) -> None:
    assert "make bench-stores" in page(reader, "stores")
    html = page(reader, "store-benchmark")
    assert "No benchmark is recorded" in html
    assert "manage.py benchmark" in html
    assert "format=json" not in html
    page(reader, "store-benchmark", 404, format="json")


def test_the_benchmark_page_shows_winners_bars_and_conditions(reader: Client, recorded: Path) -> None:
    recorded.write_bytes(as_json(benchmark(**REDIS_FIRST)))
    html = page(reader, "store-benchmark")
    assert html.count('class="bars store-bars"') == 54
    assert 'id="key-value-read-library-8"' in html
    assert "<dt>cpus</dt> <dd> 2 </dd>" in html
    assert f"5.0 {SIGN} behind" in html


def test_a_tie_is_shown_as_one(reader: Client, recorded: Path) -> None:
    recorded.write_bytes(as_json(benchmark(tied=True, redis=101, postgresql=100, mongodb=10)))
    assert '<span class="chip chip-idle">tie</span>' in page(reader, "store-benchmark")


def test_the_recorded_file_can_be_taken_home(reader: Client, recorded: Path) -> None:
    recorded.write_bytes(as_json(benchmark(**REDIS_FIRST)))
    response = reader.get(reverse("analysis:store-benchmark"), {"format": "json"})
    assert json.loads(b"".join(response))["schema"] == 2
    assert 'filename="stores.json"' in response["Content-Disposition"]


def test_the_chooser_begins_with_questions_and_known_cases(reader: Client) -> None:
    html = page(reader, "store-chooser")
    assert "How is it read?" in html
    assert "Or start from something you know" in html
    assert "Keep it in" not in html


def test_the_address_is_the_chooser_s_whole_state(reader: Client) -> None:
    html = page(reader, "store-chooser", shape="rows", access=["key", "joins"], latency="below-1-ms")
    assert "Keep it in PostgreSQL" in html
    assert "Keep the record in PostgreSQL and a copy of each finished answer in Redis" in html
    assert '<option value="rows" selected>' in html
    assert html.count("checked") == 2
    assert "manage.py choose_store --shape rows --access key --access joins --latency below-1-ms" in html
    assert "it has no joins." in html
    near = html.split("Most like it")[1]
    assert "Experiments and runs" in near
    assert "Online features" not in near


def test_a_store_that_is_not_run_is_named_with_what_to_use_instead(reader: Client) -> None:
    html = page(reader, "store-chooser", shape="points", access="windows", retention="thins")
    assert "Keep it in a time-series store" in html
    assert "The platform does not run one." in html
    html = page(
        reader, "store-chooser", shape="points", access="windows", retention="thins", operations="none"
    )
    assert "By points it would be a time-series store" in html


def test_an_answer_that_is_not_offered_is_refused(reader: Client) -> None:
    assert "holds an answer that is not offered" in page(reader, "store-chooser", 400, shape="cube")


@pytest.mark.parametrize("name", ["stores", "store-chooser", "store-benchmark"])
def test_pages_ask_for_the_session_and_the_user_alone(
    reader: Client, name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(2):
        page(reader, name)
