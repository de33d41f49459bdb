"""What can go wrong with the embedded servers."""


class StackError(Exception):
    """A cause and its cure, for the person at the keyboard."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(f"{cause}\n  {cure}")
        self.cause = cause
        self.cure = cure
