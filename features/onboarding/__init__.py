"""New customers: validated, located, stored, given first features, cached, queued for recommendations."""
