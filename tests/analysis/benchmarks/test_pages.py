import json
from pathlib import Path

import pytest

from analysis.benchmarks.pages.filling import long_runs
from analysis.benchmarks.pages.lists import comparison_pages, list_pages
from analysis.benchmarks.pages.measuring import measure_pages, reader
from analysis.benchmarks.pages.report import PagesReport, write
from analysis.benchmarks.pages.weight import weight_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo", "redis_keys")]


def test_each_page_is_measured_cold_and_cached_and_written_down(tmp_path: Path) -> None:
    pages = comparison_pages(long_runs(points=30))
    costs = list(measure_pages(reader(), [pages[0], *list_pages()[:2]], rounds=1))
    assert [(cost.page, cost.state) for cost in costs] == [
        ("comparison", "cold"),
        ("comparison", "cached"),
        ("runs", ""),
        ("runs, filtered and sorted", ""),
    ]
    assert costs[0].statements == costs[1].statements + 1
    assert all(0 < cost.statements <= 10 for cost in costs)
    assert all(cost.html_kb < cost.transferred_kb < cost.decoded_kb for cost in costs)
    write(PagesReport({"rounds": 1}, costs, []), tmp_path)
    assert len(json.loads((tmp_path / "pages.json").read_bytes())["pages"]) == 4
    assert "| comparison | cold |" in (tmp_path / "pages.md").read_text()


def test_a_page_weighs_what_it_links_to() -> None:
    html = b'<link href="/static/mlplatform/charts.css"><script src="/static/mlplatform/curves.js"></script>'
    weight = weight_of(html + b'<a href="/runs/"></a>')
    assert weight.requests == 3
    assert weight.decoded == len(html) + 21 + weight.assets
    assert weight.transferred < weight.decoded
