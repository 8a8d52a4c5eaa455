"""Reading YAML as hosts read it: the types of the core schema of YAML 1.2, one document, no tag that makes an object.

`.inf` and `.nan` are given as text. An empty document is an empty map, as it is for its readers.
"""

from __future__ import annotations

from mcpconf.formats.base import Duplicate, Format, Parsed, places
from mcpconf.model.base import Absence, Json, KeyPath


def parse(text: str) -> Parsed:
    from mcpconf.formats.yaml_edit import composed

    page = composed(text)
    offsets = places(page.text, (offset for _, _, offset in page.repeated))
    repeated = zip(page.repeated, offsets, strict=True)
    return Parsed(_copied(page.value), tuple(Duplicate(path, key, *at) for (path, key, _), at in repeated))


def _copied(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _put(text: str, path: KeyPath, value: Json | Absence) -> str:
    from mcpconf.formats import yaml_edit

    return yaml_edit.put(text, path, value)


def _rename(text: str, path: KeyPath, name: str) -> str:
    from mcpconf.formats import yaml_edit

    return yaml_edit.rename(text, path, name)


def _position(text: str, path: KeyPath) -> tuple[int, int] | None:
    from mcpconf.formats import yaml_edit

    return yaml_edit.position(text, path)


YAML = Format("yaml", "", parse, _put, _rename, _position, null_is_empty=True)
