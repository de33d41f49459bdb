"""From ratings to what is served and shown."""

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from features.models import FeatureValue, FeatureView, Rating
from features.queries.ratings import all_interactions
from features.recommending import publishing, tasks, training
from features.recommending.run import MODEL_PATH, NAME
from features.seeding.results import TrainedRun
from features.services.online_features import get_online_features
from features.services.recommendations import refresh_recommendations
from registry.exceptions import ArtifactError, ConflictError, StoreUnavailableError
from registry.models import Artifact, TrainingRun
from registry.services.deployments import deploy
from registry.services.model_versions import create_model_version
from registry.tracking import Tracker
from tests.factories import FilmFactory, RatingFactory, ViewerFactory
from tests.features.away import redis_is_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys", "mongo")]


@pytest.fixture
def viewers() -> None:
    """Four viewers who rated four films each, of five."""
    films = FilmFactory.create_batch(5)
    for number in range(4):
        viewer = ViewerFactory.create(viewer_id=str(number))
        for film in films[: 4 + number % 2]:
            RatingFactory.create(viewer=viewer, film=film, stars=4)


@pytest.fixture
def published(viewers: None) -> TrainedRun:
    known = all_interactions()
    result = training.train(known)
    begun = publishing.Begun(0, (known, iter([result])))
    publishing.finish_recommendations(begun, tracker=Tracker())
    return result


def served_versions() -> list[int]:
    asked = "viewer_recommendations:model_version"
    found = get_online_features(features=[asked], entities={"viewer_id": ["0", "1"]}).to_dict()
    return list(found[asked])


def test_a_run_is_recorded_deployed_and_served(published: TrainedRun) -> None:
    run = TrainingRun.objects.get(run_id=published.run_id)
    assert run.status == "FINISHED"
    paths = Artifact.objects.order_by("path").values_list("path", flat=True)
    assert list(paths) == ["model/item-item.npz", "plots/candidates.png", "plots/hit_rate.png"]
    asked = "viewer_recommendations:film_ids"
    found = get_online_features(features=[asked], entities={"viewer_id": ["0", "1"]}).to_dict()
    assert [len(ids) for ids in found[asked]] == [1, 0]
    assert served_versions() == [1, 1]


def test_a_second_time_nothing_is_new(published: TrainedRun) -> None:
    assert refresh_recommendations() == 0
    publishing.finish_recommendations(publishing.Begun(0, None), tracker=Tracker())
    assert FeatureValue.objects.count() == 4
    Rating.objects.filter(viewer__viewer_id="0").first().delete()
    assert refresh_recommendations() == 1


def test_the_task_recommends_anew_only_where_another_version_is_deployed(
    published: TrainedRun, settings: LazySettings
) -> None:
    tasks.refresh()
    assert FeatureValue.objects.count() == 4
    create_model_version(model=NAME, run_id=published.run_id, artifact_path=MODEL_PATH, user=None)
    deploy(model=NAME, version=2, environment="production", user=None)
    with redis_is_away(settings, "STORE"), pytest.raises(StoreUnavailableError):
        tasks.refresh()
    tasks.refresh()
    tasks.refresh()
    assert (FeatureValue.objects.count(), served_versions()) == (8, [2, 2])


def test_the_task_leaves_what_is_served_where_the_deployed_version_can_recommend_nothing(
    published: TrainedRun, caplog: pytest.LogCaptureFixture
) -> None:
    FeatureView.objects.update(materialized_until=None)
    Artifact.objects.filter(path="model/item-item.npz").delete()
    tasks.refresh()
    assert "Nothing new is recommended: Version 1 of film-recommendations has no model" in caplog.text
    assert served_versions() == [1, 1]


def test_without_a_deployed_model_nothing_is_recommended(viewers: None) -> None:
    with pytest.raises(ConflictError, match="No version of film-recommendations is deployed"):
        refresh_recommendations()
    tasks.refresh()  # nothing is to be done


def test_a_model_of_other_films_is_refused(published: TrainedRun) -> None:
    FilmFactory.create()
    with pytest.raises(ConflictError, match="made of other films"):
        refresh_recommendations()


def test_a_version_without_its_model_is_refused(published: TrainedRun) -> None:
    Artifact.objects.filter(path="model/item-item.npz").delete()
    with pytest.raises(ArtifactError, match="has no model/item-item.npz"):
        refresh_recommendations()


def test_the_page_shows_what_one_liked_what_is_recommended_and_how_good_that_is(
    published: TrainedRun, client: Client, settings: LazySettings
) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    page = client.get("/recommendations/?viewer=0").content.decode()
    for text in (
        "Recommended to viewer 0",
        "4 of 5",
        "By popularity",
        "plots/hit_rate.png",
        published.run_id,
    ):
        assert text in page
    with redis_is_away(settings, "STORE"):
        assert "Redis does not answer" in client.get("/recommendations/?viewer=0").content.decode()
    assert client.get("/recommendations/?viewer=99").status_code == 404
    assert client.get("/recommendations/?viewer=%00").status_code == 404
    assert "Nothing is recommended yet" in client.get("/recommendations/?viewer=1").content.decode()


def test_a_page_without_recommendations_says_why(
    published: TrainedRun, client: Client, settings: LazySettings
) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    ViewerFactory.create(viewer_id="new")
    in_redis_alone, was_not_asked = "is in Redis alone", "The model was not asked"
    FeatureValue.objects.all().delete()
    for away, viewer_id, said in (
        (False, "1", "knows no film for them that they have not rated"),
        (False, "new", was_not_asked),
        (True, "0", in_redis_alone),
    ):
        with redis_is_away(settings, *["STORE"] * away):
            page = client.get("/recommendations/", {"viewer": viewer_id}).content.decode()
        assert said in page
        assert (was_not_asked in page, in_redis_alone in page) == (said == was_not_asked, away)
        assert "the newest of the history" not in page


def test_an_empty_page_says_how_to_begin(client: Client) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    assert "seed_demo --only films" in client.get("/recommendations/").content.decode()
