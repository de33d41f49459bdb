"""Paging by key: page 20,000 costs what page 1 costs, and nothing is counted."""

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.http import urlencode

from registry.queries.nearest_rows import nearest_rows

OLDER, NEWER = "older", "newer"


class KeysetChangeList(ChangeList):
    """A change list ordered by primary key, newest first.

    ``?older=KEY`` shows the rows below a key, ``?newer=KEY`` those above it. No COUNT is asked, so
    it tells only whether there is a page before or after.
    """

    older_url = ""
    newer_url = ""

    def get_filters_params(self, params: dict[str, list[str]] | None = None) -> dict[str, list[str]]:
        """The filters without the place in the list."""
        found = super().get_filters_params(params)
        self._older = _key(found.pop(OLDER, None))
        self._newer = _key(found.pop(NEWER, None))
        return found

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        """Always by key: any other order would need a sort of the whole table."""
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        """One page, in one statement."""
        rows, has_newer, has_older = self._rows()
        self.result_list = rows
        self.result_count = len(rows)
        self.full_result_count = len(rows)  # so that the template says neither a count nor "show all"
        self.show_full_result_count = False
        self.show_admin_actions = bool(rows)
        self.can_show_all = self.multi_page = False
        if rows and has_newer:
            self.newer_url = self._place(NEWER, rows[0].pk)
        if rows and has_older:
            self.older_url = self._place(OLDER, rows[-1].pk)

    def _rows(self) -> tuple[list[Any], bool, bool]:
        size = self.list_per_page
        if self._newer is not None:
            found = nearest_rows(self.queryset, after=self._newer, count=size + 1)
            return found[:size][::-1], len(found) > size, True
        if self._older is None and not self._is_narrowed():
            found = list(self.queryset[: size + 1])
        else:
            found = nearest_rows(self.queryset, before=self._older, count=size + 1)
        return found[:size], self._older is not None, len(found) > size

    def _is_narrowed(self) -> bool:
        """Whether rows are left out, by a filter, a search or what the user may read."""
        return bool(self.queryset.query.where)

    def _place(self, side: str, key: object) -> str:
        kept = {name: values for name, values in self.params.items() if name not in (OLDER, NEWER)}
        return "?" + urlencode({**kept, side: key}, doseq=True)


def _key(values: list[str] | None) -> int | None:
    return int(values[-1]) if values and values[-1].isdecimal() and len(values[-1]) < 19 else None  # noqa: PLR2004
