from pathlib import Path

import pytest

from mlplatform_site.stack import binaries
from mlplatform_site.stack.errors import StackError


def test_the_wheels_hold_servers_that_start() -> None:
    for find in (binaries.postgres, binaries.mongod, binaries.redis_server):
        assert binaries.works(find())


def test_a_binary_named_in_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    found = binaries.redis_server()
    monkeypatch.setenv("STACK_REDIS", str(found))
    assert binaries.redis_server() == found


@pytest.mark.parametrize("content", [None, "#!/bin/sh\nexit 1\n", "no program"])
def test_a_named_binary_that_does_not_start_is_told(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = tmp_path / "mongod"
    if content is not None:
        binary.write_text(content)
        binary.chmod(0o755)
    monkeypatch.setenv("STACK_MONGOD", str(binary))
    with pytest.raises(StackError, match="STACK_MONGOD names .* does not start"):
        binaries.mongod()


def test_without_any_binary_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(binaries.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError) as caught:
        binaries.mongod()
    assert "libcurl4" in caught.value.cure
    assert "MONGODB_URL" in caught.value.cure
    assert "docker compose up" in caught.value.cure
