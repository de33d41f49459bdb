"""Two views and their online values; run by the project's own Python. Ada may push."""

import datetime as dt
import math
import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
AGE = dt.timedelta(days=2)
VIEWS = {
    "spending": {"orders": "int", "amount": "float", "city": "string", "is_new": "bool", "months": "vector"},
    "session": {"pages": "int", "cart": "float"},
}
ROWS = {
    "spending": [
        ("1", {"orders": 2**53 + 1, "amount": 12.5, "city": "Žilina", "is_new": True, "months": [1.0, 2.5]}),
        ("2", {"orders": 0, "amount": math.nan, "city": "", "is_new": False, "months": []}),
        ("3", {"orders": 3}),
        *((str(number), {"orders": number, "amount": number / 4}) for number in range(100, 600)),
    ]
}


def main() -> None:
    """``spending`` holds for good, ``session`` for a day; the sessions of customers 1 and 4 are two days old."""
    sys.path.insert(0, str(PROJECT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlplatform_site.settings")
    import django  # noqa: PLC0415 (the path and the settings come first)

    django.setup()
    from django.contrib.auth.models import Permission, User  # noqa: PLC0415

    from features.models import Entity, Feature, FeatureView  # noqa: PLC0415
    from features.online import whole  # noqa: PLC0415
    from features.queries.view_schemas import view_schema  # noqa: PLC0415
    from features.services.online_features import OnlineRow, write_online_features  # noqa: PLC0415

    entity = Entity.objects.create(name="customer", join_keys=["customer_id"])
    for name, fields in VIEWS.items():
        ttl_seconds = 86_400 if name == "session" else None
        view = FeatureView.objects.create(name=name, entity=entity, ttl_seconds=ttl_seconds)
        for field, value_type in fields.items():
            Feature.objects.create(view=view, name=field, value_type=value_type)
    now = dt.datetime.now(dt.UTC)
    rows = [OnlineRow(key, now, values) for key, values in ROWS["spending"]]
    write_online_features(view=view_schema("spending"), rows=rows)
    whole.end(whole.begin() or "")
    old = [OnlineRow(key, now - AGE, {"pages": 4, "cart": 9.5}) for key in ("1", "4")]
    write_online_features(view=view_schema("session"), rows=old)
    ada = User.objects.get(username="ada")
    ada.user_permissions.add(Permission.objects.get(codename="add_featurevalue"))


if __name__ == "__main__":
    main()
