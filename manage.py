#!/usr/bin/env python
"""Django's command line for ML Platform."""

import os
import sys


def main() -> None:
    """Run the command named in the arguments."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlplatform_site.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    from registry.acting import acting_as  # noqa: PLC0415

    with acting_as(channel="command"):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
