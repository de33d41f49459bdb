"""Moving a kind of data from one store to another while it is written and read (docs/dual-write.md)."""
