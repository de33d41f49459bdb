"""Which parts of the moves' page somebody sees: those whose lists the admin would show."""

from dataclasses import dataclass

from django.contrib.auth.models import User


@dataclass(frozen=True, slots=True)
class MoveRights:
    """What may be shown; change capture is everyone's, as the stores' health is.

    Attributes:
        causes: why a consumer stands still, with slots and hosts.
        samples: contents of records that two stores don't have alike, of whatever experiment.
    """

    causes: bool
    dual_writes: bool
    samples: bool
    backfills: bool
    imports: bool
    archives: bool

    @property
    def hidden(self) -> list[str]:
        """The parts that are left out, in words."""
        parts = {
            "dual write": self.dual_writes,
            "backfills": self.backfills,
            "imports": self.imports,
            "archives": self.archives,
        }
        return [name for name, is_seen in parts.items() if not is_seen]


def move_rights(viewer: User) -> MoveRights:
    """By the models' view permissions, of staff alone (two statements, none for a superuser)."""

    def may(model: str) -> bool:
        return viewer.is_staff and viewer.has_perm(f"registry.view_{model}")

    return MoveRights(
        causes=viewer.is_staff,
        dual_writes=may("dualwrite"),
        samples=viewer.is_superuser,
        backfills=may("backfill"),
        imports=may("import"),
        archives=may("archive"),
    )
