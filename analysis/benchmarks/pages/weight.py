"""What a page weighs: its HTML and all that it links to."""

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

ASSET = re.compile(rb'(?:href|src)="([^"?#]+\.(?:css|js|svg))"')
HASHED = re.compile(r"\.[0-9a-f]{12}(?=\.)")


@dataclass(frozen=True)
class Weight:
    """Bytes of a page and of its style sheets, scripts and icon.

    Attributes:
        html: As sent; pages are not compressed (docs/decisions/0016).
        assets: Decoded.
        assets_gzip: As WhiteNoise sends them to a browser that has none of them yet.
        requests: The page and its assets.
    """

    html: int
    assets: int
    assets_gzip: int
    requests: int

    @property
    def decoded(self) -> int:
        """All of it in the browser."""
        return self.html + self.assets

    @property
    def transferred(self) -> int:
        """All of it on the wire, the first time."""
        return self.html + self.assets_gzip


def weight_of(html: bytes) -> Weight:
    """The page's weight; assets as the static files finders have them."""
    names = {match.decode() for match in ASSET.findall(html)}
    files = [
        _content(name) for name in sorted(names) if name.startswith(f"/{settings.STATIC_URL.strip('/')}/")
    ]
    return Weight(
        html=len(html),
        assets=sum(map(len, files)),
        assets_gzip=sum(len(gzip.compress(each, 9)) for each in files),
        requests=1 + len(files),
    )


def _content(address: str) -> bytes:
    name = HASHED.sub("", address.split(f"/{settings.STATIC_URL.strip('/')}/", 1)[1])
    found = finders.find(name)
    if not found:
        raise RuntimeError(f"There is no static file {name}.")
    return Path(str(found)).read_bytes()
