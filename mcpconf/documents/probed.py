"""What goes between mcpconf and the process that asks servers, as JSON: what to ask, and what was answered.

The bytes of a result go as text: they were read as UTF-8.
"""

from __future__ import annotations

from pydantic import TypeAdapter

from mcpconf.model.probe import Probe, Probed

_PROBES = TypeAdapter(list[Probe])
_PROBED = TypeAdapter(Probed)


def render_probes(probes: list[Probe]) -> bytes:
    return _PROBES.dump_json(probes)


def parse_probes(data: bytes) -> list[Probe]:
    """Raises pydantic.ValidationError."""
    return _PROBES.validate_json(data)


def render_probed(answer: Probed) -> bytes:
    """One line."""
    return _PROBED.dump_json(answer)


def parse_probed(line: bytes) -> Probed:
    """Raises pydantic.ValidationError."""
    return _PROBED.validate_json(line)
