"""What an onboarding ends with that can't go on."""

from registry.exceptions import RegistryError


class RefusedApplicationError(RegistryError):
    """Nobody can become a customer with this application; the message says why."""
