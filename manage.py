#!/usr/bin/env python
"""Django's command line for ML Platform."""

import os
import sys


def main() -> None:
    """Run the command named in the arguments."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlplatform_site.settings")
    from mlplatform_site.command_line import run  # noqa: PLC0415

    run(sys.argv)


if __name__ == "__main__":
    main()
