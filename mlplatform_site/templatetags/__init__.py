"""Tags of the site's frame."""
