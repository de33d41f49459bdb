import json
from pathlib import Path

import pytest

from mlplatform_site.stack import passwords
from mlplatform_site.stack.errors import StackError
from mlplatform_site.stack.layout import Layout


def test_the_secrets_are_made_once_and_all_differ(tmp_path: Path) -> None:
    made = passwords.ensure(Layout(tmp_path))
    assert set(made) == set(passwords.NAMES)
    assert len(set(made.values())) == len(passwords.NAMES)
    assert passwords.ensure(Layout(tmp_path)) == made


@pytest.mark.parametrize("left", [None, "{half", json.dumps({"SECRET_KEY": "kept"})])
def test_lost_passwords_of_data_that_is_there_are_told_and_not_made_anew(
    left: str | None, tmp_path: Path
) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("18")
    if left is not None:
        (tmp_path / "secrets.json").write_text(left)
    with pytest.raises(StackError, match=r"secrets\.json is missing or broken.* data of postgres") as caught:
        passwords.ensure(Layout(tmp_path))
    assert "stack reset" in caught.value.cure
    assert not left or (tmp_path / "secrets.json").read_text() == left


def test_a_broken_file_without_any_data_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{half")
    (tmp_path / "postgres").mkdir()
    assert set(passwords.ensure(Layout(tmp_path))) == set(passwords.NAMES)
