import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analysis.queries.run_columns import chosen_columns
from analysis.queries.run_table import RunFilter, all_runs, run_page
from registry.filters import RUNS_TABLE, parse_filter
from registry.models import RunTag
from registry.queries.search.view_types import ViewType
from tests.factories import ParamFactory, RunFactory

pytestmark = pytest.mark.django_db


def everything(**wishes: object) -> RunFilter:
    return RunFilter(User(is_superuser=True), **wishes)


def test_an_export_reads_fewer_runs_at_once_the_more_texts_they_have() -> None:
    RunFactory()
    for count, limit in ((0, 5_001), (1, 2_501), (24, 201)):
        wanted = everything(columns=chosen_columns(f"tags.t{n}" for n in range(count)))
        with CaptureQueriesContext(connection) as taken:
            assert len(list(all_runs(wanted))) == 1
        assert f"LIMIT {limit}" in taken[-1]["sql"]


@pytest.mark.parametrize("sort", ["params.note", "-tags.note"])
def test_long_texts_are_paged_by_addresses_that_servers_take(sort: str) -> None:
    for n in range(3):
        run = RunFactory(name=f"{n}")
        long = "".join(chr(0x10000 + (n + i * 7919) % 60_000) for i in range(5_000))
        ParamFactory(run=run, key="note", value=long, value_number=None)
        RunTag.objects.create(run=run, key="note", value=long)
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = run_page(everything(sort=sort), cursor=cursor, size=1)
        seen, cursor = seen + [row.name for row in page.rows], page.next_cursor
        assert len(cursor) < 2_500
    assert sorted(seen) == ["0", "1", "2"]


def test_a_word_in_names_or_models_is_looked_up_in_both_indexes() -> None:
    words = parse_filter("name ILIKE '%forest%' OR model ILIKE '%forest%'", RUNS_TABLE)
    with CaptureQueriesContext(connection) as taken:
        run_page(everything(condition=words, view=ViewType.ALL))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        cursor.execute(f"EXPLAIN {taken[-1]['sql']}")
        plan = str(cursor.fetchall())
    assert "run_name_trigrams" in plan
    assert "run_model_name_trigrams" in plan
