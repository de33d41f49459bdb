"""A visitor of the site without a browser: keeps cookies, logs in, asks for pages."""

import base64
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
SECONDS = 30


@dataclass(frozen=True)
class Page:
    """What came back."""

    url: str
    status: int
    body: str
    content_type: str


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Redirects are answers, not orders."""

    def redirect_request(self, *_: object) -> None:
        return None


class Visitor:
    """Asks one site, as one person."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._headers: dict[str, str] = {}
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), _StayHere())

    def get(self, path: str) -> Page:
        """Ask for a page."""
        return self._open(urllib.request.Request(self._base + path, headers=self._headers))  # noqa: S310

    def log_in(self, username: str, password: str) -> Page:
        """Fill in the login form."""
        token = CSRF.search(self.get("/login/").body)
        fields = {
            "username": username,
            "password": password,
            "csrfmiddlewaretoken": token[1] if token else "",
        }
        data = urllib.parse.urlencode(fields).encode()
        headers = {"Referer": f"{self._base}/login/"}
        return self._open(urllib.request.Request(f"{self._base}/login/", data, headers))  # noqa: S310

    def identify(self, username: str, password: str) -> None:
        """Send these with every request from now on, as the API wants it."""
        credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._headers["Authorization"] = f"Basic {credentials}"

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            response = self._opener.open(request, timeout=SECONDS)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            body = response.read().decode(errors="replace")
            kind = response.headers.get("Content-Type", "")
            return Page(request.full_url, response.status or 0, body, kind)
