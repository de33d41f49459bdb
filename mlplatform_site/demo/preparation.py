"""What the demo needs before anyone looks: stores, an administrator, real data, a token."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from mlplatform_site.stack import endpoints
from mlplatform_site.stack.files import ensure_secrets
from registry.enums import TokenScope
from registry.services.api_tokens import issue_token

ADMIN = "admin"
TOKEN_NAME = "demo"  # noqa: S105 (a name, not a secret)
Report = Callable[[str], None]


@dataclass(frozen=True)
class Access:
    """How to get in."""

    username: str
    password: str
    token: str


def prepare(report: Report, *, is_seeded: bool = True) -> Access:
    """Bring the stores to the newest state and (``is_seeded``) seed what is absent; safe to repeat."""
    report("Preparing the stores")
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns without it
    call_command("init_stores")
    password = _administrator()
    if is_seeded:
        report("Seeding real training runs and customers (first time: about a minute)")
        call_command("seed_demo", user=ADMIN)
        _prepare_windows(report)
    return Access(ADMIN, password, _token())


def _prepare_windows(report: Report) -> None:
    """The electrocardiogram and the images; a platform without their wheels goes without them."""
    try:
        call_command("windows", "prepare")
    except CommandError as error:
        report(str(error))


def _administrator() -> str:
    """The administrator with the password that the stack's folder keeps."""
    password = ensure_secrets(endpoints.stack_dir() / "secrets.json", ("ADMIN_PASSWORD",))["ADMIN_PASSWORD"]
    users = get_user_model()
    admin, _ = users.objects.get_or_create(
        username=ADMIN, defaults={"is_staff": True, "is_superuser": True, "email": "admin@example.com"}
    )
    if not admin.check_password(password):
        admin.set_password(password)
        admin.save(update_fields=["password"])
    return password


def _token() -> str:
    admin = get_user_model().objects.get(username=ADMIN)
    text, _ = issue_token(
        user=admin, name=TOKEN_NAME, scopes=[TokenScope.READ, TokenScope.WRITE], expires_in_days=30
    )
    return text
