"""Text to value, and text to text with only one value changed. Pure; no format knows a host or a file.

The law of every `put`: what was inserted at a path is removed again, byte for byte, by ABSENT at the first step that
was missing; and the text outside the edited value never changes.
"""

from __future__ import annotations

from mcpconf.formats.base import BYTE_ORDER_MARK, MAXIMUM_DEPTH, Duplicate, Format, FormatError, Parsed, UnsafeEditError
from mcpconf.formats.front_matter import MARKDOWN
from mcpconf.formats.json_text import JSON, JSONC
from mcpconf.formats.text import decode_text, encode_text
from mcpconf.formats.toml_text import TOML
from mcpconf.formats.yaml_text import YAML

FORMATS: dict[str, Format] = {form.name: form for form in (JSON, JSONC, TOML, YAML, MARKDOWN)}

__all__ = [
    "BYTE_ORDER_MARK",
    "FORMATS",
    "MAXIMUM_DEPTH",
    "Duplicate",
    "Format",
    "FormatError",
    "Parsed",
    "UnsafeEditError",
    "decode_text",
    "encode_text",
]
