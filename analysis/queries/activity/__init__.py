"""What happens at the moment: events, alerts, queues, onboarding."""
