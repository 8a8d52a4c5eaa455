"""Whether a text is or holds a secret, and how to speak of it without showing it."""

from __future__ import annotations

from mcpconf.secrets.escape import escape
from mcpconf.secrets.literals import SecretLiteral, find, in_text, is_scheme
from mcpconf.secrets.names import secret_named
from mcpconf.secrets.patterns import is_placeholder, looks_secret
from mcpconf.secrets.show import Scrubber, cleaned, describe, redact

__all__ = [
    "Scrubber",
    "SecretLiteral",
    "cleaned",
    "describe",
    "escape",
    "find",
    "in_text",
    "is_placeholder",
    "is_scheme",
    "looks_secret",
    "redact",
    "secret_named",
]
