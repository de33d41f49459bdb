"""Answering one who wants to follow a feed."""

from collections.abc import Iterator
from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from analysis.viewer import viewer_of
from registry.exceptions import NotFoundError

from . import running
from .handover import HandOverError
from .scene import Feed
from .watcher import Visitor

CONTENT_TYPE = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the latter for nginx
RETRY_SECONDS = 10
COME_BACK_MS = 1_000


def live_answer(request: HttpRequest, feed: Feed) -> HttpResponseBase:
    """The feed's scenes from now on; the viewer must have been let in already.

    Where the web server can't hand connections over, the answer is the present scene alone, and the
    browser comes back for the next after a second.
    """
    seen = request.headers.get("Last-Event-ID") or request.GET.get("seen", "")
    hub = running.hub()
    if hub is None:
        return _present(feed, seen)
    viewer = viewer_of(request)
    if hub.is_full(viewer.pk):
        text = "Too many pages are followed at the moment. Reload this one to see the present state."
        headers = {**HEADERS, "Retry-After": str(RETRY_SECONDS)}
        return HttpResponse(text, status=503, content_type="text/plain", headers=headers)
    visitor = Visitor(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""), viewer.pk)
    is_chunked = request.META.get("SERVER_PROTOCOL") != "HTTP/1.0"
    take = partial(hub.admit, feed=feed, visitor=visitor, seen=seen, is_chunked=is_chunked)
    return StreamingHttpResponse(_then(HandOverError(take)), content_type=CONTENT_TYPE, headers=HEADERS)


def _then(hand_over: HandOverError) -> Iterator[bytes]:
    yield f"retry: {COME_BACK_MS}\n\n".encode()
    raise hand_over


def _present(feed: Feed, seen: str) -> HttpResponse:
    try:
        event = feed.scene().event(seen)
    except NotFoundError:
        event = GONE
    body = f"retry: {COME_BACK_MS}\n\n".encode() + event
    return HttpResponse(body, content_type=CONTENT_TYPE, headers=HEADERS)


GONE = b'event: scene\ndata: {"parts": {}, "over": true, "status": "gone"}\n\n'
