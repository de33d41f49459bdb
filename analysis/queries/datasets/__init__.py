"""What the pages of datasets show."""
