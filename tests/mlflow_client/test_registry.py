"""The model registry: names, versions, aliases, stages, tags, search."""

import pytest
from mlflow import MlflowClient

from tests.mlflow_client.refusal import refused


@pytest.fixture
def source(client: MlflowClient, run: str) -> str:
    """An artifact folder of the run."""
    client.log_text(run, "flavors: {}", "model/MLmodel")
    return f"{client.get_run(run).info.artifact_uri}/model"


@pytest.fixture
def two(client: MlflowClient, name: str, run: str, source: str) -> str:
    """The name of a model with two versions."""
    client.create_registered_model(name, tags={"team": "a"}, description="words")
    for number in ("1", "2"):
        made = client.create_model_version(name, source, run_id=run, tags={"n": number}, description=number)
        assert (made.version, made.status, made.current_stage) == (number, "READY", "None")
    return name


def test_a_model_keeps_its_words_and_tags(client: MlflowClient, two: str) -> None:
    found = client.get_registered_model(two)
    assert (found.name, found.description, found.tags) == (two, "words", {"team": "a"})
    assert [version.version for version in found.latest_versions] == ["2"]
    assert found.creation_timestamp <= found.last_updated_timestamp


def test_a_name_is_taken_once(client: MlflowClient, two: str) -> None:
    with refused("RESOURCE_ALREADY_EXISTS", "already exists"):
        client.create_registered_model(two)
    for bad in ("", "a/b", "a:b"):
        with refused("INVALID_PARAMETER_VALUE"):
            client.create_registered_model(bad)


def test_a_model_is_renamed_described_and_tagged(client: MlflowClient, two: str) -> None:
    client.set_registered_model_alias(two, "best", "1")
    client.rename_registered_model(two, f"{two}-new")
    client.update_registered_model(f"{two}-new", "other words")
    client.set_registered_model_tag(f"{two}-new", "k", "v")
    client.delete_registered_model_tag(f"{two}-new", "team")
    found = client.get_registered_model(f"{two}-new")
    assert (found.description, found.tags, found.aliases) == ("other words", {"k": "v"}, {"best": "1"})
    assert client.get_model_version(f"{two}-new", "2").description == "2"
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.get_registered_model(two)


def test_a_version_knows_where_it_comes_from(client: MlflowClient, two: str, run: str, source: str) -> None:
    version = client.get_model_version(two, "1")
    assert (version.name, version.version, version.run_id) == (two, "1", run)
    assert (version.source, version.tags, version.description) == (source, {"n": "1"}, "1")
    assert client.get_model_version_download_uri(two, "1") == source


def test_a_version_is_described_and_tagged(client: MlflowClient, two: str) -> None:
    client.update_model_version(two, "1", "other words")
    client.set_model_version_tag(two, "1", "k", "v")
    client.delete_model_version_tag(two, "1", "n")
    version = client.get_model_version(two, "1")
    assert (version.description, version.tags) == ("other words", {"k": "v"})
    assert client.get_model_version(two, "2").tags == {"n": "2"}


def test_an_alias_moves_from_version_to_version(client: MlflowClient, two: str) -> None:
    client.set_registered_model_alias(two, "champion", "1")
    client.set_registered_model_alias(two, "first", "1")
    assert client.get_model_version_by_alias(two, "champion").version == "1"
    client.set_registered_model_alias(two, "champion", "2")
    assert client.get_model_version_by_alias(two, "champion").aliases == ["champion"]
    assert client.get_registered_model(two).aliases == {"champion": "2", "first": "1"}
    client.delete_registered_model_alias(two, "champion")
    with refused("INVALID_PARAMETER_VALUE", "alias champion not found"):
        client.get_model_version_by_alias(two, "champion")


def test_some_aliases_are_reserved(client: MlflowClient, two: str) -> None:
    for bad in ("latest", "v1", "a b/c"):
        with refused("INVALID_PARAMETER_VALUE"):
            client.set_registered_model_alias(two, bad, "1")
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.set_registered_model_alias(two, "champion", "99")


def test_stages_still_work(client: MlflowClient, two: str) -> None:
    client.transition_model_version_stage(two, "1", "Production")
    client.transition_model_version_stage(two, "2", "production", archive_existing_versions=True)
    assert client.get_model_version(two, "1").current_stage == "Archived"
    assert [v.version for v in client.get_latest_versions(two, ["Production"])] == ["2"]
    assert sorted(v.version for v in client.get_latest_versions(two)) == ["1", "2"]
    with refused("INVALID_PARAMETER_VALUE"):
        client.transition_model_version_stage(two, "1", "Nowhere")


def test_a_deleted_version_is_gone_and_its_number_stays_used(
    client: MlflowClient, two: str, run: str, source: str
) -> None:
    client.set_registered_model_alias(two, "best", "2")
    client.delete_model_version(two, "2")
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.get_model_version(two, "2")
    assert client.get_registered_model(two).aliases == {}
    assert [v.version for v in client.search_model_versions(f"name='{two}'")] == ["1"]


def test_a_deleted_model_frees_its_name(client: MlflowClient, two: str) -> None:
    client.delete_registered_model(two)
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.get_registered_model(two)
    assert client.search_model_versions(f"name='{two}'") == []
    client.create_registered_model(two)
    assert client.get_registered_model(two).tags == {}


def test_models_are_searched_ordered_and_paged(client: MlflowClient, name: str) -> None:
    for number in range(5):
        client.create_registered_model(f"{name}-{number}", tags={"odd": str(number % 2)})

    def names(words: str, **more: object) -> list[str]:
        return [each.name for each in client.search_registered_models(words, **more)]

    assert names(f"name = '{name}-3'") == [f"{name}-3"]
    everything = f"name LIKE '{name}%'"
    assert names(everything) == [f"{name}-{n}" for n in range(5)]
    assert names(everything, order_by=["name DESC"]) == [f"{name}-{n}" for n in (4, 3, 2, 1, 0)]
    assert names(f"{everything} AND tags.odd = '1'") == [f"{name}-1", f"{name}-3"]
    assert names(f"name ILIKE '{name.upper()}-4'") == [f"{name}-4"]
    page = client.search_registered_models(everything, max_results=3)
    rest = client.search_registered_models(everything, max_results=3, page_token=page.token)
    assert [each.name for each in [*page, *rest]] == [f"{name}-{n}" for n in range(5)]
    with refused("INVALID_PARAMETER_VALUE"):
        names("colour = 'red'")


def test_versions_are_searched(client: MlflowClient, two: str, run: str, source: str) -> None:
    def versions(words: str, **more: object) -> list[str]:
        return [each.version for each in client.search_model_versions(words, **more)]

    mine = f"name = '{two}'"
    assert versions(f"{mine} and run_id = '{run}'", order_by=["version_number ASC"]) == ["1", "2"]
    assert versions(mine, order_by=["version_number DESC"]) == ["2", "1"]
    assert versions(f"{mine} AND tags.n = '2'") == ["2"]
    assert versions(f"{mine} AND source_path = '{source}'", order_by=["version_number ASC"]) == ["1", "2"]
    assert versions(f"run_id IN ('{run}')", order_by=["version_number"]) == ["1", "2"]
    assert versions(mine, max_results=1, order_by=["version_number DESC"]) == ["2"]
    with refused("INVALID_PARAMETER_VALUE"):
        versions("colour = 'red'")


def test_a_version_is_copied_to_another_name(client: MlflowClient, two: str) -> None:
    copy = client.copy_model_version(f"models:/{two}/1", f"{two}-copy")
    assert (copy.name, copy.version, copy.tags) == (f"{two}-copy", "1", {"n": "1"})
    assert client.get_model_version_download_uri(copy.name, "1") == client.get_model_version_download_uri(
        two, "1"
    )


def test_what_is_unknown_is_told(client: MlflowClient, two: str, run: str, source: str) -> None:
    for ask in (
        lambda: client.get_registered_model("no such"),
        lambda: client.rename_registered_model("no such", "other"),
        lambda: client.update_registered_model("no such", "words"),
        lambda: client.delete_registered_model("no such"),
        lambda: client.set_registered_model_tag("no such", "k", "v"),
        lambda: client.create_model_version("no such", source, run_id=run),
        lambda: client.get_model_version(two, "99"),
        lambda: client.update_model_version(two, "99", "words"),
        lambda: client.delete_model_version(two, "99"),
        lambda: client.set_model_version_tag(two, "99", "k", "v"),
        lambda: client.transition_model_version_stage(two, "99", "Production"),
        lambda: client.get_model_version_download_uri(two, "99"),
        lambda: client.get_latest_versions("no such"),
    ):
        with refused("RESOURCE_DOES_NOT_EXIST"):
            ask()


@pytest.mark.parametrize(
    "elsewhere",
    [
        "file:///etc/passwd", "/etc/passwd", "http://169.254.169.254/latest", "https://10.0.0.1/m",
        "mlflow-artifacts:/../../etc", "mlflow-artifacts://elsewhere.example/0/model", "ftp://elsewhere.example/m",
    ],
)  # fmt: skip
def test_a_source_elsewhere_is_refused(client: MlflowClient, two: str, elsewhere: str) -> None:
    with refused("INVALID_PARAMETER_VALUE"):
        client.create_model_version(two, elsewhere)


def test_prompts_are_kept_in_the_registry(client: MlflowClient, experiment: str, name: str) -> None:
    import mlflow  # noqa: PLC0415

    mlflow.genai.register_prompt(name, "Say {{word}} once", commit_message="first")
    mlflow.genai.register_prompt(name, "Say {{word}} twice")
    assert mlflow.genai.load_prompt(f"prompts:/{name}/1").format(word="hello") == "Say hello once"
    mlflow.genai.set_prompt_alias(name, alias="live", version=2)
    assert mlflow.genai.load_prompt(f"prompts:/{name}@live").format(word="hello") == "Say hello twice"
    assert client.search_registered_models(f"name = '{name}'") == []
