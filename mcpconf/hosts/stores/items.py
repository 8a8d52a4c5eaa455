"""What a desktop application keeps for itself in a SQLite file, as far as the rules of its row ask for it."""

from __future__ import annotations

from mcpconf.errors import Problem, Where
from mcpconf.formats import FORMATS, FormatError, decode_text
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import ABSENT, Json
from mcpconf.model.observed import Location, ObservedFile
from mcpconf.ports import Files


def kept(files: Files, row: HostRow, location: Location) -> tuple[ObservedFile, Json]:
    """The file, and a map of the values that are JSON. It has no text, and so no lines to point at."""
    keys = (key for rule in row.rules if location.file in rule.files for key in rule.at[0])
    found = files.items(location.path, *dict.fromkeys(keys))
    if found is None or isinstance(found, Problem):
        return ObservedFile(location, found, present=found is not None), ABSENT
    try:
        value = {key: FORMATS["json"].parse(decode_text(data)).value for key, data in found.items()}
    except FormatError as error:
        message = f"what it keeps is not understood: {error.message}"
        problem = Problem(error.kind, message, Where(location.path), "look at the approvals in the application itself")
        return ObservedFile(location, problem, present=True), ABSENT
    return ObservedFile(location, present=True, mode=files.mode(location.path)), value
