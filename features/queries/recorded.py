"""When PostgreSQL took a row of the offline history: the order that Redis goes by."""

# In ON CONFLICT DO UPDATE, hence under the row's lock. Clocks may stand or go back; a row's time does not.
LATER = "greatest(clock_timestamp(), features_featurevalue.created_at + interval '1 millisecond')"
