"""``manage.py api_token``: who may use the API, with what, how long."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from registry.enums import TokenScope
from registry.exceptions import NotFoundError, RegistryError
from registry.management.tables import print_rows
from registry.management.telling import tell
from registry.models import ApiToken
from registry.queries.users import user_named
from registry.services.api_tokens import issue_token, revoke_token

USUAL_SCOPES = (TokenScope.READ.value, TokenScope.WRITE.value)


@dataclass(frozen=True)
class TokenRow:
    """A token as it is listed."""

    user: str
    name: str
    prefix: str
    scopes: str
    state: str
    expires_at: dt.datetime
    last_used_at: dt.datetime | None


class Command(BaseCommand):
    help = "Issue, list and revoke API tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True)
        issue = kinds.add_parser("issue", help="print a new token, this once; it replaces one of its name")
        issue.add_argument("user", metavar="USER")
        issue.add_argument("--name", default="default")
        issue.add_argument(
            "--scopes", nargs="+", choices=TokenScope.values, default=USUAL_SCOPES, metavar="SCOPE",
            help=f"out of {', '.join(TokenScope.values)} (default: read write)",
        )  # fmt: skip
        issue.add_argument("--days", type=int, default=90, help="days until it expires (default 90)")
        listing = kinds.add_parser("list", help="every token, without its text, which nobody has")
        listing.add_argument("--user")
        listing.add_argument("--json", action="store_true")
        revoke = kinds.add_parser("revoke", help="end a token for good")
        revoke.add_argument("user", metavar="USER")
        revoke.add_argument("name", metavar="NAME")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            getattr(self, f"_{options['kind']}")(options)
        except RegistryError as error:
            raise CommandError(str(error)) from error

    def _issue(self, options: dict[str, Any]) -> None:
        text, token = issue_token(
            user=user_named(options["user"]),
            name=options["name"],
            scopes=options["scopes"],
            expires_in_days=options["days"],
        )
        tell(self, f"Valid until {token.expires_at:%Y-%m-%d}. It is not shown again:")
        self.stdout.write(text)

    def _list(self, options: dict[str, Any]) -> None:
        tokens = ApiToken.objects.select_related("user").order_by("user__username", "name")
        if options["user"]:
            tokens = tokens.filter(user=user_named(options["user"]))
        print_rows(
            [_row(token) for token in tokens],
            out=self.stdout,
            as_json=options["json"],
            title="API tokens",
            empty="There are no tokens. Issue one: manage.py api_token issue USER",
        )

    def _revoke(self, options: dict[str, Any]) -> None:
        token = ApiToken.objects.filter(user=user_named(options["user"]), name=options["name"]).first()
        if token is None:
            raise NotFoundError(f"{options['user']} has no token named {options['name']!r}.")
        revoke_token(token_id=token.pk)
        self.stdout.write(f"Revoked {token.name!r} of {options['user']}.")


def _row(token: ApiToken) -> TokenRow:
    expired = "expired" if token.expires_at <= timezone.now() else "valid"
    return TokenRow(
        user=token.user.get_username(),
        name=token.name,
        prefix=f"{token.prefix}…",
        scopes=" ".join(token.scopes),
        state="revoked" if token.revoked_at else expired,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
    )
