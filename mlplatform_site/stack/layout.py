"""Where everything of a stack lies: one folder, nothing outside it."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from . import endpoints, wrappers
from .errors import StackError

SOCKET_PATH_LIMIT = 100


@dataclass(frozen=True)
class Layout:
    """The paths inside a stack's folder."""

    root: Path

    @property
    def lock(self) -> Path:
        """Held by whoever starts, stops or resets the stack."""
        return self.root / "lock"

    @property
    def ports(self) -> Path:
        """Port by server."""
        return self.root / "ports.json"

    @property
    def secrets(self) -> Path:
        """Passwords and keys, mode 0600."""
        return self.root / "secrets.json"

    @property
    def urls(self) -> Path:
        """What the settings read, mode 0600."""
        return self.root / "env.json"

    @property
    def logs(self) -> Path:
        """One log a server."""
        return self.root / "log"

    @property
    def supervisor_config(self) -> Path:
        """Supervisor's configuration."""
        return self.root / "supervisord.conf"

    @property
    def socket(self) -> Path:
        """Supervisor's socket; elsewhere only where the path would be too long for one."""
        path = self.root / "supervisor.sock"
        if len(str(path)) <= SOCKET_PATH_LIMIT:
            return path
        digest = hashlib.sha256(str(self.root).encode()).hexdigest()[:16]
        # not TMPDIR: who stops the stack may have another than who started it
        return Path("/tmp") / f"mlplatform-{digest}.sock"  # noqa: S108

    def data(self, server: str) -> Path:
        """A server's data folder."""
        return self.root / server

    def log(self, server: str) -> Path:
        """A server's log."""
        return self.logs / f"{server}.log"


def layout(directory: Path | None = None) -> Layout:
    """The layout below a folder, by default the project's own."""
    return Layout((directory or endpoints.stack_dir()).resolve())


def make(where: Layout) -> None:
    """Make the folders, readable by their owner only.

    Raises:
        StackError: the folder can't be written.
    """
    make_root(where)
    try:
        where.root.chmod(wrappers.folder_mode())
        where.logs.mkdir(exist_ok=True, mode=0o700)
        probe = where.root / ".writable"
        probe.write_bytes(b"x" * 65_536)
        probe.unlink()
    except OSError as error:
        raise _unwritable(where, error) from error


def make_root(where: Layout) -> None:
    """Make the folder itself: all that stopping needs, also on a full disk.

    Raises:
        StackError: it can't be made.
    """
    try:
        where.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _unwritable(where, error) from error


def require_access(where: Layout, *, also_root: bool = True) -> None:
    """Make sure that the stack is this user's; root may stop that of another, but not start it.

    Raises:
        StackError: it is another user's.
    """
    if also_root and os.geteuid() == 0:
        return
    try:
        owner = where.root.stat().st_uid
    except (FileNotFoundError, NotADirectoryError):
        return
    except PermissionError as error:
        raise StackError(
            f"The stack's folder {where.root} is closed to this user.",
            "Use the user who started it, or choose another folder with STACK_DIR=/some/folder.",
        ) from error
    if owner != os.geteuid():
        raise StackError(
            f"The stack's folder {where.root} belongs to the user with the id {owner}.",
            "Use that user, or choose another folder with STACK_DIR=/some/folder.",
        )


def _unwritable(where: Layout, error: OSError) -> StackError:
    return StackError(
        f"The stack's folder {where.root} can't be written: {error.strerror}.",
        "Free some space or mend its permissions, or choose another folder with STACK_DIR=/some/folder.",
    )
