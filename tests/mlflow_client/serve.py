"""The site as the demo serves it, and its relay, until SIGTERM; run by the project's own Python."""

import signal
import sys
from pathlib import Path
from types import FrameType

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT))

from mlplatform_site.demo import children, web  # noqa: E402 (found by the path above)


def main(port: int, folder: Path) -> None:
    """Say ``ready`` once the site answers, then stay."""
    signal.signal(signal.SIGTERM, _leave)
    with (
        children.relay(log=folder / "relay.log") as relay,
        web.WebServer(port, log=folder / "web.log") as site,
    ):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        children.wait(site, relay)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
