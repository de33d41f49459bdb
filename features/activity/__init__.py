"""Real-time analytics: what customers do, accepted once and brought to three consumers (docs/activity.md).

POST /api/1/events → :mod:`.accepting` (the record in PostgreSQL, and a message a kind and country) →
the topic exchange ``events`` → :mod:`.consumers`: raw events (MongoDB), counters (Redis), alerts.
"""
