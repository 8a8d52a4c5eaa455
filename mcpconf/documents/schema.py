"""JSON Schemas of our documents, for editors and readers. They describe the whole contract, also what is refused yet.

An editor gives types to scalars that the loader reads as text. Numbers and booleans are text to the loader everywhere,
but a schema admits them only where they are usual: in arguments, variables and headers. The loader in turn refuses more,
because it knows names and versions.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from mcpconf.documents.machine import MachineFacts
from mcpconf.model.alone import BELONGS
from mcpconf.model.approvals import Approvals
from mcpconf.model.base import Json
from mcpconf.model.drift import DriftReport
from mcpconf.model.effective import EffectiveReport
from mcpconf.model.lock import Lock
from mcpconf.model.manifest import Manifest
from mcpconf.model.outcome import Outcome
from mcpconf.model.plan import Plan
from mcpconf.model.residue import ResidueReport
from mcpconf.model.review import ReviewReport
from mcpconf.model.state import State

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MODELS: dict[str, type[BaseModel]] = {"manifest": Manifest, "machine": MachineFacts}
_WRITTEN: dict[str, type[BaseModel]] = {
    "lock": Lock,
    "approvals": Approvals,
    "plan": Plan,
    "drift": DriftReport,
    "state": State,
    "outcome": Outcome,
    "effective": EffectiveReport,
    "residue": ResidueReport,
    "review": ReviewReport,
}
"""Documents that mcpconf writes; readers must bear with keys they do not know."""


class _Terse(GenerateJsonSchema):
    """No title for a key: it would only repeat it."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  the base class names it
        return False


def schemas() -> dict[str, dict[str, Json]]:
    """The schema of each document, by its name."""
    asked = {name: _schema(name, model) for name, model in _MODELS.items()}
    return asked | {name: _written_schema(name, model) for name, model in _WRITTEN.items()}


def render_schema(schema: dict[str, Json]) -> str:
    """The text of the file `schemas/NAME.schema.json`: the same for every run."""
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _schema(name: str, model: type[BaseModel]) -> dict[str, Json]:
    schema = model.model_json_schema(schema_generator=_Terse)
    _simplify(schema)
    if name == "manifest":
        _say_what_belongs_together(schema)
    _let_sections_be_empty(schema)
    return {"$schema": DIALECT, "$id": f"urn:mcpconf:schema:{name}:1", **schema}


def _written_schema(name: str, model: type[BaseModel]) -> dict[str, Json]:
    schema = model.model_json_schema(mode="serialization", schema_generator=_Terse)
    return {"$schema": DIALECT, "$id": f"urn:mcpconf:schema:{name}:1", **schema}


def _simplify(node: Json) -> None:
    """A key is left out, not null; keys of a map are held to their pattern; empty defaults are not told."""
    if isinstance(node, list):
        for item in node:
            _simplify(item)
    if not isinstance(node, dict):
        return
    if "description" in node:
        node["description"] = " ".join(str(node["description"]).split())
    if not isinstance(node.get("default", ""), (str, bool)):
        del node["default"]
    options = [option for option in node.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        del node["anyOf"]
        node |= options[0]
    elif options:
        node["anyOf"] = options
    for pattern, member in node.pop("patternProperties", {}).items():
        node |= {"additionalProperties": member, "propertyNames": {"pattern": pattern}}
    for item in node.values():
        _simplify(item)


def _let_sections_be_empty(schema: dict[str, Json]) -> None:
    """`servers:` with nothing behind it says nothing; so does a host."""
    for name, section in schema["properties"].items():
        if name not in schema["required"]:
            schema["properties"][name] = {"anyOf": [section, {"type": "null"}]}


def _say_what_belongs_together(schema: dict[str, Json]) -> None:
    """One of package, command and url; and the keys that mean something beside it."""
    server = schema["$defs"]["Server"]
    server["anyOf"] = [{"required": [kind]} for kind in BELONGS]
    every = frozenset[str]().union(*BELONGS.values())
    server["if"], server["then"] = {"required": ["url"]}, {"properties": _without(every - BELONGS["url"])}
    server["else"] = {
        "if": {"required": ["package"]},
        "then": {"properties": _without(every - BELONGS["package"])},
        "else": {"properties": _without(every - BELONGS["command"])},
    }
    hosts = schema["properties"]["hosts"]
    hosts["additionalProperties"] = {"anyOf": [hosts["additionalProperties"], {"type": "null"}]}


def _without(keys: frozenset[str]) -> dict[str, Json]:
    return dict.fromkeys(sorted(keys), False)
