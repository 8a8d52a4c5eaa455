"""Whether a text is or holds a secret, and how to speak of it without showing it."""

from __future__ import annotations

from mcpconf.secrets.names import secret_named
from mcpconf.secrets.patterns import is_placeholder, looks_secret

__all__ = ["is_placeholder", "looks_secret", "secret_named"]
