"""Users and their tokens, as JSON on standard output; run by the project's own Python."""

import datetime as dt
import json
import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PASSWORD = "of a test, on loopback"
SCOPES = {"ada": ["read", "write"], "eve": ["read", "write"], "rex": ["read"], "old": ["read", "write"]}


def main() -> None:
    """Ada works, Eve is another user, Rex may only read, Old's token has expired; root may do everything."""
    sys.path.insert(0, str(PROJECT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlplatform_site.settings")
    import django  # noqa: PLC0415 (the path and the settings come first)

    django.setup()
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from registry.models import ApiToken  # noqa: PLC0415
    from registry.services.api_tokens import issue_token  # noqa: PLC0415

    users = get_user_model().objects
    users.create_superuser("root", password=PASSWORD)
    tokens = {"password": PASSWORD}
    for name, scopes in SCOPES.items():
        text, _ = issue_token(user=users.create_user(name), name="test", scopes=scopes, expires_in_days=1)
        tokens[name] = text
    ApiToken.objects.filter(user__username="old").update(
        created_at=timezone.now() - dt.timedelta(days=2), expires_at=timezone.now() - dt.timedelta(days=1)
    )
    json.dump(tokens, sys.stdout)


if __name__ == "__main__":
    main()
