"""Saved views of the runs table."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST

from analysis.redirects import see_other
from analysis.viewer import viewer_of
from analysis.views.run_filter import address, state_of
from registry.exceptions import BadInputError, RegistryError
from registry.services.saved_views import (
    choose_default_view,
    delete_view,
    rename_view,
    save_view,
    share_view,
)


@require_POST
def run_views(request: HttpRequest) -> HttpResponseBase:
    """``/runs/views/``: save, rename, share, delete one's views, or choose the one to begin with."""
    viewer, back = viewer_of(request), QueryDict(request.POST.get("back", ""))
    act = ACTIONS.get(request.POST.get("action", ""))
    try:
        if act is None:
            raise BadInputError(f"Choose what to do with the view: {', '.join(ACTIONS)}.")
        messages.success(request, act(viewer, request.POST.get("name", ""), request.POST))
    except RegistryError as error:
        messages.error(request, str(error))
    return see_other(f"{reverse('analysis:run-list')}{address(back)}")


def _save(viewer: User, name: str, data: QueryDict) -> str:
    query = state_of(QueryDict(data.get("back", ""))).urlencode()
    if not query:
        raise BadInputError("This is the table as it comes. Filter, sort or choose columns, then save it.")
    view = save_view(owner=viewer, name=name, query=query)
    if data.get("share"):
        share_view(owner=viewer, name=view.name, is_shared=True)
    return f"Saved as “{view.name}”."


def _rename(viewer: User, name: str, data: QueryDict) -> str:
    view = rename_view(owner=viewer, name=name, new_name=data.get("new_name", ""))
    return f"“{name}” is called “{view.name}” now."


def _share(viewer: User, name: str, _data: QueryDict) -> str:
    share_view(owner=viewer, name=name, is_shared=True)
    return f"Everyone sees “{name}” now; what runs it finds depends on what they may read."


def _unshare(viewer: User, name: str, _data: QueryDict) -> str:
    share_view(owner=viewer, name=name, is_shared=False)
    return f"“{name}” is yours alone now."


def _begin(viewer: User, name: str, _data: QueryDict) -> str:
    choose_default_view(owner=viewer, name=name)
    return f"Your runs table begins with “{name}” now." if name else "Your runs table begins unfiltered now."


def _delete(viewer: User, name: str, _data: QueryDict) -> str:
    delete_view(owner=viewer, name=name)
    return f"Deleted the view “{name}”."


ACTIONS: dict[str, Callable[[User, str, QueryDict], str]] = {
    "save": _save,
    "rename": _rename,
    "share": _share,
    "unshare": _unshare,
    "default": _begin,
    "delete": _delete,
}
