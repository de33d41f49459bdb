"""Applications from CDNOW and from files."""

from pathlib import Path

import pytest

from features.onboarding.applications import checked
from features.onboarding.sources import cdnow_applications, file_applications
from registry.exceptions import BadInputError

HEADING = "name,email,city,country,joined_at\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_cdnows_customers_come_as_they_joined_and_all_can_be_taken() -> None:
    people = cdnow_applications()
    assert len(people) == 23_570
    joined = [each.joined_at for each in people if each.joined_at]
    assert joined == sorted(joined)
    assert {checked(each).is_synthetic for each in people[::500]} == {True}


def test_a_file_is_read_oldest_first(tmp_path: Path) -> None:
    text = f"{HEADING}Bea,bea@x.org,Lyon,France,2026-02-01T00:00:00Z\nAda,ada@x.org,Lyon,FR,2026-01-01T00:00:00Z\n"
    assert [each.name for each in file_applications(written(tmp_path, text))] == ["Ada", "Bea"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column 'name'"),
        ("name,email,city\n", "no column 'country'"),
        ("name,email,city,country,vip\n", "unknown column 'vip'"),
        (f"{HEADING}Ada,ada@x.org,Lyon,FR\n", "Line 2: It has another number of cells"),
        (f"{HEADING}Ada,ada@x.org,Lyon,FR,yesterday\n", "Line 2: 'yesterday' is no time"),
        (f"{HEADING}Ada,ada@x.org,Lyon,FR,2026-13-01T00:00:00Z\n", "is no time"),
        (
            f"{HEADING}Ada,ada@x.org,Lyon,FR,\n" + "B,no,Lyon,FR,\n" * 7,
            "Line 3: 'no' is no email.* and 2 more",
        ),
    ],
)
def test_a_wrong_file_is_refused_whole_with_its_lines(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        file_applications(written(tmp_path, text))


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="can't be read"):
        file_applications(tmp_path / "none.csv")
    path = tmp_path / "binary.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInputError, match="can't be read"):
        file_applications(path)
