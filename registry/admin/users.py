"""Users and groups as Django has them, in lists that count nothing and forms whose fields have names."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group, User

from .base import RecordAdmin

if TYPE_CHECKING:
    OfUsers = StockUserAdmin[User]
    OfNewUsers = AdminUserCreationForm[User]
else:  # Django's classes take no parameters when the site runs
    OfUsers = StockUserAdmin
    OfNewUsers = AdminUserCreationForm

admin.site.unregister((User, Group))


class UserAddForm(OfNewUsers):
    """Without ``autofocus``: the admin's script focuses the first field, and browsers complain of both."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["username"].widget.attrs["autofocus"]


@admin.register(User)
class UserAdmin(RecordAdmin, OfUsers):
    add_form = UserAddForm
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("username", "email")
    filter_horizontal = ()


@admin.register(Group)
class GroupAdmin(RecordAdmin, StockGroupAdmin):
    filter_horizontal = ()
