"""The use cases that take back: what was written, what was allowed, what was kept."""
