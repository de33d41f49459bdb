"""A small disk under one server's data, filled and freed on command."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlplatform_site.stack import lifecycle
from tests.private_stack import PrivateStack

PIECE = 1 << 20


class SmallDisk:
    """A tmpfs with the server's data on it."""

    def __init__(self, mount: Path) -> None:
        self._filler = mount / "filler"

    def fill(self) -> None:
        """Until nothing goes on it any more."""
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as filler:
            while True:
                filler.write(b"\0" * PIECE)

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)


@contextlib.contextmanager
def small_disk(stack: PrivateStack, server: str, megabytes: int) -> Iterator[SmallDisk]:
    """Move a server's data to a tmpfs of its own, then back; skips where mounting is refused."""
    if os.geteuid() != 0:
        pytest.skip("a full disk is made with a small tmpfs, which takes root")
    data, aside = stack.folder / server, stack.folder / f"{server}-aside"
    lifecycle.stop(stack.folder)
    data.rename(aside)
    data.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(data)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        data.rmdir()
        aside.rename(data)
        stack.start()
        pytest.skip("mounting a tmpfs is refused here")
    try:
        shutil.copytree(aside, data, dirs_exist_ok=True)
        stack.start()
        yield SmallDisk(data)
    finally:
        lifecycle.stop(stack.folder)
        subprocess.run(["umount", "--lazy", str(data)], check=True)
