from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from features.online import cache_counts
from features.online.local_memory import memory
from registry.models import TrainingRun
from registry.services.artifacts import log_artifact
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.run_log import add_note, log_epoch
from registry.services.runs import end_run, start_run
from tests.factories import DatasetFactory, ExperimentFactory, RunFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]
MATRIX = b'{"labels": ["cat", "dog"], "counts": [[3, 0], [1, 2]]}'


@pytest.fixture
def run() -> TrainingRun:
    ExperimentFactory(name="pets")
    DatasetFactory(name="photos")
    return start_run(
        experiment="pets",
        name="first",
        model_name="mlp",
        framework="scikit-learn",
        dataset="photos",
        config={"optimizer": {"lr": 0.1}, "html": "<b>bold</b>"},
        tags={"team": "vision"},
        user=UserFactory.create(username="grace"),
    )


def page(reader: Client, run: TrainingRun, **query: str) -> str:
    response = reader.get(reverse("analysis:run-detail", args=[run.run_id]), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_shows_the_run_and_all_its_parts(reader: Client, run: TrainingRun) -> None:
    for epoch in range(3):
        log_epoch(run_id=run.run_id, epoch=epoch, metrics={"train_loss": 1 / (epoch + 1), "val_loss": 0.5})
    add_note(run_id=run.run_id, text="Converges <slowly>.", user=run.created_by)
    log_artifact(run_id=run.run_id, path="plots/curve.png", content=b"png")
    log_artifact(run_id=run.run_id, path="evaluation/matrix.json", content=MATRIX)
    log_artifact(run_id=run.run_id, path="notes.txt", content=b"hello & goodbye")
    html = page(reader, run)
    for text in ("first", "pets", "photos", "mlp", "grace", "team: vision", "optimizer.lr"):
        assert text in html
    assert "<figcaption>loss</figcaption>" in html
    assert 'class="spark"' in html
    assert "Converges &lt;slowly&gt;." in html
    assert f'<img src="/runs/{run.run_id}/artifacts/plots/curve.png"' in html
    assert '<table class="matrix">' in html
    assert "hello &amp; goodbye" in html
    assert "In sync" in html
    assert "<b>bold" not in html


def test_a_failed_run_says_why(reader: Client, run: TrainingRun) -> None:
    end_run(run_id=run.run_id, status="FAILED", failure_reason="ValueError: out of cheese")
    assert "ValueError: out of cheese" in page(reader, run)


def test_a_bare_run_says_what_is_missing_and_how_to_log_it(reader: Client) -> None:
    html = page(reader, RunFactory.create(dataset=None))
    for text in (
        "No curve to draw",
        "No metric logged",
        "No param logged",
        "No artifacts",
        "MongoDB has no body",
    ):
        assert text in html


def test_without_mongodb_the_page_answers_and_says_so(
    reader: Client, run: TrainingRun, mongodb_away: Callable[[], None]
) -> None:
    html = page(reader, run)
    assert "MongoDB does not answer" in html
    assert "optimizer.lr" in html


@pytest.mark.parametrize("query", [{"x": "time", "y": "log", "smooth": "0.9"}, {"x": "sideways"}])
def test_the_address_says_how_the_curves_are_drawn(
    reader: Client, run: TrainingRun, query: dict[str, str]
) -> None:
    for epoch in range(3):
        log_epoch(run_id=run.run_id, epoch=epoch, metrics={"loss": epoch})
    html = page(reader, run, **query)
    assert ("series-raw" in html) == ("smooth" in query)
    assert ("which a log axis cannot show" in html) == ("y" in query)


@pytest.mark.parametrize("run_id", ["0" * 32, "nonsense", "A" * 32])
def test_an_unknown_run_is_not_found(reader: Client, run_id: str) -> None:
    assert reader.get(f"/runs/{run_id}/").status_code == 404


def test_strangers_are_sent_to_the_login(client: Client) -> None:
    assert client.get(f"/runs/{'0' * 32}/").status_code == 302
    assert client.get(f"/runs/{'0' * 32}/artifacts/a").status_code == 302


def test_the_curves_of_an_ended_run_are_drawn_once_a_version(reader: Client, redis_keys: None) -> None:
    memory.clear()
    run = RunFactory.create(status="FINISHED")
    log_metrics(run_id=run.run_id, points=[MetricSample("loss", 1 / n, n, n) for n in range(1, 9)])
    sources, pages = [], []
    for _ in range(3):
        before = cache_counts.of_this_process().get("run-curves", {})
        pages.append(reader.get(f"/runs/{run.run_id}/").content)
        after = cache_counts.of_this_process()["run-curves"]
        sources.append([name for name in after if after[name] > before.get(name, 0)])
        if len(pages) == 2:  # as another process
            memory.clear()
    assert sources == [["misses", "fills"], ["memory"], ["redis"]]
    assert [html.count(b"<figcaption>loss</figcaption>") for html in pages] == [1, 1, 1]
    log_metrics(run_id=run.run_id, points=[MetricSample("another", float(n), n, n) for n in range(3)])
    assert b"another" in reader.get(f"/runs/{run.run_id}/").content
