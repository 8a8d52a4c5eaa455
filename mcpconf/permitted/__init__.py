"""The use cases about what servers may do: on a machine, and from one manifest to the next."""
