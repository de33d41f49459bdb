"""HDF5 files from outside as data sets of windows."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import h5py
import numpy as np
import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client

from features.online.local_memory import memory
from features.seeding.signals import prepare_signals
from features.services.hdf5_import import alone, import_hdf5
from features.services.windows import read_windows, series_of
from features.window_files import path_of
from registry.exceptions import BadInputError, ConflictError, DuplicateNameError
from registry.models import Dataset
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]
Fill = Callable[[Any], object]


@pytest.fixture(autouse=True)
def data_root(settings: LazySettings, tmp_path: Path) -> Iterator[Path]:
    settings.DATA_ROOT = tmp_path / "data"
    memory.clear()
    yield tmp_path / "data"
    memory.clear()


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    """A recording of a night: groups in groups, several types, one of them compressed."""
    path = tmp_path / "night.hdf5"
    with h5py.File(path, "w") as file:
        ecg = file.create_dataset("psg/ecg", data=np.sin(np.arange(10_000) / 40), compression="gzip")
        ecg.attrs.update({"rate_hz": 256, "unit": "mV"})
        file.create_dataset("psg/spo2/left", data=np.arange(500, dtype=">u2"))
        file.create_dataset("frames", data=np.arange(6 * 4 * 5, dtype="i1").reshape(6, 4, 5))
        file.create_dataset("asleep", data=np.arange(100) % 3 == 0)
    return path


def told(*words: object) -> str:
    out = StringIO()
    call_command("import_hdf5", *map(str, words), stdout=out)
    return out.getvalue()


def written(path: Path, fill: Fill) -> Path:
    with h5py.File(path, "w") as file:
        file["good"] = np.arange(10.0)
        fill(file)
    return path


def test_groups_become_names_of_series_whose_windows_are_cached(nested: Path, client: Client) -> None:
    user = UserFactory.create(username="ada")
    text = told(nested, "--name", "night", "--rate", "psg/spo2/left=4", "--user", "ada")
    assert "psg/ecg: 10,000 of <f8, 256 Hz\n" in text
    assert text.endswith("Registered as night.\n")
    dataset = Dataset.objects.get(name="night")
    assert dataset.created_by == user
    rates = {each.name: (each.rate_hz, each.unit) for each in series_of(dataset)}
    assert rates == {"asleep": (0, ""), "frames": (0, ""), "psg/ecg": (256, "mV"), "psg/spo2/left": (4, "")}
    for series, expected in {
        "psg/ecg": np.sin(np.arange(10, 15) / 40),
        "psg/spo2/left": np.arange(10, 15, dtype=">u2"),
        "asleep": np.arange(10, 15) % 3 == 0,
    }.items():
        for source in ("source", "memory"):
            (window,) = read_windows(dataset="night", series=series, starts=[10], length=5)
            assert (window.source, window.array.dtype) == (source, expected.dtype)
            assert np.array_equal(window.array, expected)
    client.force_login(user)
    for series in rates:
        page = client.get("/windows/", {"dataset": "night", "series": series, "length": 5})
        assert page.status_code == 200
        assert series in page.content.decode()


def test_the_same_file_again_changes_nothing(nested: Path, data_root: Path) -> None:
    first = import_hdf5(path=nested, name="night")
    again = import_hdf5(path=nested, name="night")
    assert (first.is_new, again.is_new, again.dataset) == (True, False, first.dataset)
    assert "with the same data" in told(nested, "--name", "night")
    assert [path.name for path in data_root.iterdir()] == ["night.h5"]
    written(nested, lambda _: None)
    with pytest.raises(DuplicateNameError, match="other data"):
        import_hdf5(path=nested, name="night")
    assert Dataset.objects.count() == 1


def test_a_file_in_data_root_is_registered_where_it_lies(nested: Path, data_root: Path) -> None:
    data_root.mkdir()
    here = nested.rename(data_root / "night.h5")
    assert "Registered as night." in told(here, "--in-place")
    assert path_of(Dataset.objects.get().source) == here
    outside = written(nested, lambda _: None)
    with pytest.raises(CommandError, match="does not lie in DATA_ROOT"):
        told(outside, "--in-place")
    (data_root / "link.h5").symlink_to(outside)
    with pytest.raises(CommandError, match="does not lie in DATA_ROOT"):
        told(data_root / "link.h5", "--in-place")


def test_the_demos_real_files_can_be_imported(tmp_path: Path) -> None:
    prepare_signals()
    for name, length in (("ecg", 108_000), ("digits-images", 1_797)):
        copy = tmp_path / f"{name}.h5"
        copy.write_bytes(path_of(f"hdf5:{name}.h5").read_bytes())
        found = import_hdf5(path=copy, name=f"{name}-again")
        assert [each.length for each in found.series] == [length]
        ours, theirs = (
            read_windows(dataset=each, starts=[1], length=7)[0].array for each in (name, f"{name}-again")
        )
        assert np.array_equal(ours, theirs)


def test_a_rehearsal_writes_nothing(nested: Path, data_root: Path) -> None:
    assert told(nested, "--dry-run").endswith("It could be registered; nothing was.\n")
    assert (Dataset.objects.count(), data_root.exists()) == (0, False)


def external(file: Any) -> None:
    file.create_dataset("bad", (4,), "f8", external=[("/etc/passwd", 0, 32)])


def virtual(file: Any) -> None:
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource("/elsewhere.h5", "x", (4,))
    file.create_virtual_dataset("bad", layout)


def unknown_filter(file: Any) -> None:
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_chunk((4,))
    plan.set_filter(32_001, h5py.h5z.FLAG_OPTIONAL)
    h5py.h5d.create(file.id, b"bad", h5py.h5t.NATIVE_DOUBLE, h5py.h5s.create_simple((4,)), plan)


def a_group_in_itself(file: Any) -> None:
    file["bad"] = file["/"]


def too_deep(file: Any) -> None:
    group = file
    for _ in range(102):
        group = group.create_group("bad")


BAD: dict[str, tuple[Fill, str]] = {
    "text": (lambda file: file.create_dataset("bad", data=["a"], dtype=h5py.string_dtype()), "holds object"),
    "bytes": (lambda file: file.create_dataset("bad", data=np.array([b"a"])), "holds |S1"),
    "compound": (lambda file: file.create_dataset("bad", data=np.zeros(3, "i4,f8")), r"holds \[\('f0'"),
    "object": (lambda file: file.create_dataset("bad", (3,), h5py.vlen_dtype("f8")), "holds object"),
    "complex": (lambda file: file.create_dataset("bad", data=np.zeros(3, "c16")), "holds complex128"),
    "scalar": (lambda file: file.create_dataset("bad", data=1.0), "single value"),
    "nothing": (lambda file: file.create_dataset("bad", data=h5py.Empty("f8")), "single value, or none"),
    "empty": (lambda file: file.create_dataset("bad", (0,), "f8"), "is empty"),
    "thin": (lambda file: file.create_dataset("bad", (5, 0), "f8"), "is empty"),
    "huge": (lambda file: file.create_dataset("bad", (2**40,), "f8", chunks=(1_024,)), "never written"),
    "wide": (lambda file: file.create_dataset("bad", (2, 2**22), "f8", chunks=(1, 64)), "items of 33,554,432"),
    "chunk": (lambda file: file.create_dataset("bad", (2**24,), "f8", chunks=(2**24,), compression=9), "chunks of 134,217,728"),
    "dimensions": (lambda file: file.create_dataset("bad", (1,) * 9, "f8"), "has 9 dimensions"),
    "external link": (lambda file: file.__setitem__("bad", h5py.ExternalLink("/etc/x.h5", "/a")), "another file"),
    "soft link": (lambda file: file.__setitem__("bad", h5py.SoftLink("/good")), "is a link to '/good'"),
    "external data": (external, "its data in another file"),
    "virtual": (virtual, "is virtual"),
    "filter": (unknown_filter, "not installed here"),
    "type": (lambda file: file.__setitem__("bad", np.dtype("f8")), "is a type"),
    "name": (lambda file: file.create_dataset("bad\n", data=np.zeros(3)), "printable"),
    "cycle": (a_group_in_itself, "second name"),
    "depth": (too_deep, "deeper than"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_what_can_be_no_series_is_refused_whole_or_left_out(
    kind: str, tmp_path: Path, data_root: Path
) -> None:
    fill, reason = BAD[kind]
    path = written(tmp_path / "file.h5", fill)
    with pytest.raises(BadInputError, match=f"Nothing was registered. .*bad.*{reason}"):
        import_hdf5(path=path)
    assert not Dataset.objects.exists()
    assert list(data_root.iterdir()) == []
    found = import_hdf5(path=path, skip=True)
    assert [each.name for each in found.series] == ["good"]
    (left_out,) = found.left_out
    assert "bad" in left_out.name


def test_damaged_and_foreign_files_are_refused_and_leave_nothing(nested: Path, data_root: Path) -> None:
    whole = nested.read_bytes()
    (chunk,) = {whole.index(b"\x78\x5e"), whole.index(b"\x78\x5e")}  # where a chunk of zlib begins
    damaged = whole[: chunk + 20] + bytes(200) + whole[chunk + 220 :]
    for content in (whole[: len(whole) // 2], whole[:-8], b"", b"PK\x03\x04 no HDF5", whole[:8], damaged):
        nested.write_bytes(content)
        with pytest.raises(BadInputError, match="cut off|to its end"):
            import_hdf5(path=nested, name="night")
        assert (Dataset.objects.count(), list(data_root.iterdir())) == (0, [])


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--name", "../x"], "can't be a file's name"),
        (["--rate", "other=5"], "no series of the file: other"),
        (["--rate", "asleep=-5"], "above 0: asleep"),
        (["--rate", "asleep"], "no rate such as ecg=360"),
        (["--user", "nobody"], "no user named 'nobody'"),
    ],
)
def test_the_command_says_what_is_wrong(words: list[str], problem: str, nested: Path) -> None:
    with pytest.raises(CommandError, match=problem):
        told(nested, *words)
    assert not Dataset.objects.exists()


def test_a_missing_file_and_a_file_without_series_are_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no file"):
        told(tmp_path / "missing.h5")
    with h5py.File(tmp_path / "bare.h5", "w") as file:
        file.create_group("nothing")
    with pytest.raises(CommandError, match="has no series"):
        told(tmp_path / "bare.h5")


def test_another_data_sets_file_is_not_replaced(nested: Path, data_root: Path) -> None:
    import_hdf5(path=nested, name="night")
    Dataset.objects.update(name="renamed")
    other = written(nested.with_name("other.h5"), lambda _: None)
    with pytest.raises(DuplicateNameError, match="another data set's"):
        import_hdf5(path=other, name="night")
    assert (data_root / "night.h5").read_bytes() == nested.read_bytes()


def test_a_file_that_somebody_put_into_data_root_is_not_replaced(nested: Path, data_root: Path) -> None:
    data_root.mkdir()
    here = written(data_root / "night.h5", lambda _: None)
    before = here.read_bytes()
    with pytest.raises(DuplicateNameError, match="of no data set"):
        import_hdf5(path=nested, name="night")
    assert (here.read_bytes(), Dataset.objects.count()) == (before, 0)
    assert [path.name for path in data_root.iterdir()] == ["night.h5"]
    assert import_hdf5(path=here, in_place=True).is_new


def test_two_imports_of_one_name_do_not_write_one_copy(nested: Path) -> None:
    refused: list[str] = []

    def another() -> None:
        try:
            with alone("night.h5"):
                pass
        except ConflictError as error:
            refused.append(str(error))
        finally:
            connection.close()

    with alone("night.h5"):
        beside = Thread(target=another)
        beside.start()
        beside.join()
    assert refused == ["Another import of night.h5 is under way. Wait until it has ended."]
    assert import_hdf5(path=nested, name="night").is_new


def test_attributes_that_are_no_rate_and_no_unit_are_passed_over(tmp_path: Path) -> None:
    def odd(file: Any) -> None:
        file["good"].attrs.update({"rate_hz": "fast", "unit": "\x07"})
        file["other"] = np.arange(3)
        file["other"].attrs.update({"rate_hz": float("nan"), "unit": "mV"})

    found = import_hdf5(path=written(tmp_path / "odd.h5", odd))
    assert [(each.rate_hz, each.unit) for each in found.series] == [(0, ""), (0, "mV")]


def test_a_file_of_too_many_series_is_refused(nested: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.window_examination.MOST_SERIES", 2)
    with pytest.raises(BadInputError, match="more than 2 series"):
        import_hdf5(path=nested)


def test_a_disk_that_refuses_the_copy_is_told(nested: Path, data_root: Path) -> None:
    data_root.write_text("a file where the folder should be")
    with pytest.raises(BadInputError, match="can't be copied to DATA_ROOT"):
        import_hdf5(path=nested)
    assert not Dataset.objects.exists()


def test_a_series_that_is_not_there_has_no_page(nested: Path, admin_client: Client) -> None:
    import_hdf5(path=nested)
    assert admin_client.get("/windows/", {"dataset": "night", "series": "psg/ecg"}).status_code == 200
    assert admin_client.get("/windows/", {"dataset": "night", "series": "none"}).status_code == 404
