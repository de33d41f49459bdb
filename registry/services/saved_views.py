"""Saving, renaming, sharing and deleting views of the runs table; each of them its owner's alone."""

from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from registry.documents import plain
from registry.exceptions import BadInputError, ConflictError, DuplicateNameError, NotFoundError
from registry.models import SavedView
from registry.sync.audit import record

from .names import checked_name

MAX_VIEWS = 100
MAX_QUERY = 3_500
"""Characters: less than half of the longest request line (8,190), which a place in the table shares."""


def save_view(*, owner: User, name: str, query: str) -> SavedView:
    """Keep a view under a name; one of that name takes the new query.

    Args:
        query: the runs table's address behind its question mark.

    Raises:
        BadInputError: the name is blank, or one of both is too long or can't be stored.
        ConflictError: the owner has 100 views already.
    """
    wanted = _checked(name)
    if len(query) > MAX_QUERY:
        raise BadInputError(f"The view's address has {len(query):,} characters; it may have {MAX_QUERY:,}.")
    plain.check_text(query, where="The view's address")
    with transaction.atomic():
        _lock(owner)
        own = SavedView.objects.filter(owner=owner)
        if own.count() >= MAX_VIEWS and not own.filter(name=wanted).exists():
            raise ConflictError(f"You have {MAX_VIEWS} views, as many as one may. Delete one first.")
        view, _ = SavedView.objects.update_or_create(owner=owner, name=wanted, defaults={"query": query})
        _recorded("view.save", view, query=query)
    return view


def rename_view(*, owner: User, name: str, new_name: str) -> SavedView:
    """Give a view another name.

    Raises:
        NotFoundError: the owner has no view of this name.
        BadInputError: the new name is blank or too long.
        DuplicateNameError: another view of the owner has it.
    """
    wanted = _checked(new_name)
    with transaction.atomic():
        view = _own(owner, name)
        view.name = wanted
        try:
            with transaction.atomic():
                view.save(update_fields=["name", "updated_at"])
        except IntegrityError as error:
            raise DuplicateNameError(f"You have a view named {wanted!r} already.") from error
        _recorded("view.rename", view, before=name)
    return view


def share_view(*, owner: User, name: str, is_shared: bool) -> SavedView:
    """Show a view to everyone, or to its owner alone; what runs it finds depends on who looks.

    Raises:
        NotFoundError: the owner has no view of this name.
    """
    with transaction.atomic():
        view = _own(owner, name)
        if view.is_shared != is_shared:
            view.is_shared = is_shared
            view.save(update_fields=["is_shared", "updated_at"])
            _recorded("view.share" if is_shared else "view.unshare", view)
    return view


def choose_default_view(*, owner: User, name: str) -> SavedView | None:
    """Open the owner's runs table with this view; with none where the name is empty.

    Raises:
        NotFoundError: the owner has no view of this name.
    """
    with transaction.atomic():
        _lock(owner)
        chosen = _own(owner, name) if name else None
        SavedView.objects.filter(owner=owner, is_default=True).update(is_default=False)
        if chosen is not None:
            chosen.is_default = True
            chosen.save(update_fields=["is_default", "updated_at"])
            _recorded("view.default", chosen)
    return chosen


def delete_view(*, owner: User, name: str) -> None:
    """Delete a view.

    Raises:
        NotFoundError: the owner has no view of this name.
    """
    with transaction.atomic():
        view = _own(owner, name)
        _recorded("view.delete", view, query=view.query)
        view.delete()


def _checked(name: str) -> str:
    return checked_name(name.strip(), what="The view's name", limit=100)


def _lock(owner: User) -> None:
    """One change of a person's views at a time, so that limits and the one default hold."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)


def _own(owner: User, name: str) -> SavedView:
    rows = SavedView.objects.select_for_update(of=("self",)).filter(owner=owner)
    view = None if "\0" in name else rows.filter(name=name).first()
    if view is None:
        raise NotFoundError(f"You have no view named {name[:100]!r}.")
    return view


def _recorded(action: str, view: SavedView, **details: Any) -> None:
    record(action=action, subject_id=view.name, details=details)
