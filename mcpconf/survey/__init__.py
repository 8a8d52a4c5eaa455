"""The use cases about the hosts of a machine: which are there, and what they really run."""
