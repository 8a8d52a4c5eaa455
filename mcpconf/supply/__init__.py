"""Use cases around the bytes of servers: locking them, installing them, keeping the store."""
