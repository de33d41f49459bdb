"""Parts of an address."""


class HexIdConverter:
    """The public id of a run: 32 hexadecimal characters."""

    regex = "[0-9a-f]{32}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value
