"""The only package that touches files, processes, clock, environment and git."""
