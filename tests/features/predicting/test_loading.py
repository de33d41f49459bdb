import io
import json
import pickle
import threading
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from django.conf import LazySettings
from sklearn.preprocessing import FunctionTransformer
from skops import io as skops_io

from features.predicting import loaded_models, loading
from features.predicting.errors import ModelRefusedError, UntrustedModelError
from features.predicting.formats import StoredFile, model_file
from features.predicting.loaded_models import LoadedModels
from features.predicting.servable import servable
from features.predicting.skops_files import read_skops
from registry.artifacts import storage
from registry.exceptions import ArtifactError, BadInputError
from tests.features.served import churn, churn_bytes

ROW = [[0.5, 0.1]]


class Bomb:
    """Goes off when it is unpickled."""

    def __reduce__(self) -> Any:
        return (print, ("ran",))


def shout(words: object) -> object:
    return words


@pytest.fixture(autouse=True)
def _no_models() -> Iterator[None]:
    loading.loaded_models().forget()
    yield
    loading.loaded_models().forget()


def stored(path: str, content: bytes) -> StoredFile:
    staged = storage.stage(io.BytesIO(content))
    storage.keep(staged)
    return StoredFile(path, staged.sha256, staged.size_bytes)


def mlmodel(flavor: dict[str, Any]) -> bytes:
    return json.dumps({"flavors": {"sklearn": flavor, "python_function": {"model_path": "x"}}}).encode()


def test_a_skops_file_predicts_as_the_model_that_was_logged() -> None:
    chosen = loading.chosen_file([stored("model/model.skops", churn_bytes())])
    model = loading.loaded(chosen)
    assert [each.prediction for each in model.predict(ROW)] == churn().predict(ROW).tolist()
    assert model.predict(ROW)[0].probabilities == tuple(churn().predict_proba(ROW)[0].tolist())
    assert (model.width, model.classes) == (2, (0, 1))


def test_what_mlflow_logs_with_skops_is_found_by_its_mlmodel() -> None:
    flavor = {
        "pickled_model": "model.skops",
        "serialization_format": "skops",
        "skops_trusted_types": ["os.system"],
    }
    files = [
        stored("churn/MLmodel", mlmodel(flavor)),
        stored("churn/model.skops", churn_bytes()),
        stored("churn/conda.yaml", b"name: any"),
    ]
    assert loading.loaded(loading.chosen_file(files)).width == 2


@pytest.mark.parametrize(
    "files",
    [
        {"model.pkl": b"any"},
        {"model/model.joblib": b"any"},
        {"MLmodel": mlmodel({"pickled_model": "model.pkl", "serialization_format": "cloudpickle"}), "model.pkl": b"any"},
        # a pickle stays one whatever its name
        {"MLmodel": mlmodel({"pickled_model": "m.skops", "serialization_format": "pickle"}), "m.skops": b"any"},
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_pickle_is_refused_and_the_setting_named(files: dict[str, bytes]) -> None:
    with pytest.raises(ModelRefusedError, match="runs whatever code.*ALLOW_PICKLED_MODELS"):
        loading.chosen_file([stored(path, content) for path, content in files.items()])


def test_a_pickle_called_skops_is_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    bomb = pickle.dumps(Bomb())
    with pytest.raises(ModelRefusedError, match="no skops file"):
        loading.loaded(loading.chosen_file([stored("model.skops", bomb)]))
    assert capsys.readouterr().out == ""


def test_an_operator_may_allow_pickles(settings: LazySettings) -> None:
    settings.ALLOW_PICKLED_MODELS = True
    model = loading.loaded(loading.chosen_file([stored("model.pkl", pickle.dumps(churn()))]))
    assert model.predict(ROW)[0].prediction in (0, 1)
    with pytest.raises(ModelRefusedError, match="can't be read here"):
        loading.loaded(loading.chosen_file([stored("model.pkl", b"no pickle")]))


def test_a_skops_file_with_a_foreign_type_is_refused_unless_an_operator_trusts_it() -> None:
    content = skops_io.dumps(FunctionTransformer(shout))
    with pytest.raises(UntrustedModelError, match=r"shout.*TRUSTED_MODEL_TYPES"):
        read_skops(content)
    assert read_skops(content, trusted=skops_io.get_untrusted_types(data=content)).func is shout


@pytest.mark.parametrize(
    "part", ["[" * 100_000, "{}", '{"protocol": 2, "__loader__": "no"}', "\\xff"], ids=len
)
def test_a_file_that_skops_itself_stumbles_over_is_refused(part: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("schema.json", part)
    with pytest.raises(ModelRefusedError, match="no skops file that can be read"):
        read_skops(packed.getvalue())


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["a.skops", "b.skops"], "2 model files"),
        (["readme.txt"], "no model file"),
        ([], "no model file"),
    ],
)
def test_a_version_without_one_model_file_is_refused(names: list[str], why: str) -> None:
    with pytest.raises(ModelRefusedError, match=why):
        model_file([StoredFile(name, "0" * 64, 1) for name in names], lambda _: b"")


@pytest.mark.parametrize(
    ("described", "why"),
    [
        (b"flavors: {lightgbm: {}}", "flavors of this version are lightgbm"),
        (b"flavors: none", "flavors of this version are none"),
        (b"flavors: {sklearn: {pickled_model: ../../etc/passwd}}", "no such file"),
    ],
)
def test_an_mlmodel_that_names_nothing_to_serve_is_refused(described: bytes, why: str) -> None:
    with pytest.raises(ModelRefusedError, match=why):
        model_file([StoredFile("m/MLmodel", "0" * 64, 1)], lambda _: described)


def test_a_file_that_is_not_what_was_logged_is_refused() -> None:
    file = stored("model.skops", churn_bytes())
    path = storage.path_of(file.sha256)
    whole = path.read_bytes()
    path.write_bytes(b"x" * len(whole))
    try:
        with pytest.raises(ArtifactError, match="damaged"):
            loading.loaded(loading.chosen_file([file]))
    finally:
        path.write_bytes(whole)


def test_a_file_that_would_not_fit_is_refused_before_it_is_unpacked(settings: LazySettings) -> None:
    settings.LOADED_MODELS_MAX_MB = 1
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b"0" * 2_000_000)
    with pytest.raises(ModelRefusedError, match="LOADED_MODELS_MAX_MB"):
        loading.loaded(loading.chosen_file([stored("bomb.skops", packed.getvalue())]))
    with pytest.raises(ModelRefusedError, match="takes 2 MB"):
        loading.read_whole(StoredFile("large.skops", "0" * 64, 2_000_000))


def test_threads_that_ask_together_load_a_model_once() -> None:
    models, started = LoadedModels(max_bytes=100), threading.Barrier(8)
    loads: list[int] = []

    def load() -> Any:
        loads.append(1)
        return servable(churn(), size_bytes=1)

    def ask() -> None:
        started.wait()
        models.get("a", load)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1


def test_a_refusal_holds_for_a_minute_and_one_model_is_loaded_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models, loads = LoadedModels(max_bytes=100), []
    monkeypatch.setattr(loaded_models, "MOST_REFUSED", 1)

    def load() -> Any:
        loads.append(models._loading.locked())
        raise ModelRefusedError("no")

    for digest in "aab":
        with pytest.raises(ModelRefusedError, match="no"):
            models.get(digest, load)
    assert loads == [True, True]
    monkeypatch.setattr(loaded_models, "REFUSED_SECONDS", 0.0)
    for _ in range(2):
        with pytest.raises(ModelRefusedError):
            models.get("c", load)
    assert (len(loads), models._loading.locked()) == (4, False)


def test_the_least_used_models_are_dropped_by_number_and_by_bytes() -> None:
    loads: list[str] = []

    def ask(models: LoadedModels, name: str, size: int) -> None:
        def load() -> Any:
            loads.append(name)
            return servable(churn(), size_bytes=size)

        models.get(name, load)

    few, small = LoadedModels(max_bytes=100, max_count=2), LoadedModels(max_bytes=10)
    for name in "abacab":
        ask(few, name, 1)
    assert "".join(loads) == "abcb"
    loads.clear()
    for name in "aba":
        ask(small, name, 6)
    assert ("".join(loads), len(small)) == ("aba", 1)


def test_what_does_not_predict_is_refused() -> None:
    with pytest.raises(BadInputError, match="StandardScaler does not predict"):
        servable(churn()[1], size_bytes=1)
    assert np.isfinite(churn().predict_proba(ROW)).all()


@pytest.mark.parametrize(
    "schema", [b"{}", b"no JSON", b'{"__class__": "x", "__module__": "y", "__loader__": "z"}']
)
def test_a_skops_file_that_somebody_wrote_by_hand_is_refused(schema: bytes) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("schema.json", schema)
    with pytest.raises(ModelRefusedError, match="can be read here"):
        read_skops(packed.getvalue())
