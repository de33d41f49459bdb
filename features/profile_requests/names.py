"""What the tasks are called, for those who promise them and those who run them."""

COMPUTE = "profiles.compute"
REQUEST = "profiles.request"
"""Asks for a profile as a reader would: for those who prepare one, such as the onboarding."""
