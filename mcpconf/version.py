"""The version, where even `mcpconf --version` can have it without loading anything."""

__version__ = "0.1.0"
