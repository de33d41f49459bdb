"""Parts of an address."""


class _AsItIs:
    """A part that is text on both sides."""

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


class HexIdConverter(_AsItIs):
    """The public id of a run: 32 hexadecimal characters."""

    regex = "[0-9a-f]{32}"


class ArtifactPathConverter(_AsItIs):
    """An artifact's path, slashes and all; never a NUL, which PostgreSQL would refuse."""

    regex = "[^\\x00]+"


class NameConverter(_AsItIs):
    """A name of any characters, slashes and all; never a NUL, which PostgreSQL would refuse."""

    regex = "[^\\x00]+"
