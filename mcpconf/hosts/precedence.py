"""What a host reads, and which of two entries is the stronger one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from mcpconf.hosts.vocabulary import HostRow, Place
from mcpconf.model.address import PLUGIN
from mcpconf.model.base import Json
from mcpconf.model.observed import Grant, ObservedEntry, ObservedFile

Unread = Literal["", "not_trusted", "not_approved", "not_chosen", "refused"]
"""Why a host does not read an entry: what its file needs was not given, or its address is none that is taken there."""

_NEEDS: dict[str, Unread] = {"trust": "not_trusted", "approve": "not_approved"}


class Granted:
    """What was given to whom, found by walking up from a folder. Without a folder it holds in all, without a server for all.

    What a file gives that the host does not read is not given.
    """

    def __init__(self, row: HostRow, grants: Iterable[Grant]) -> None:
        self._row = row
        self._given: set[tuple[str, str, str]] = set()
        later = []
        for grant in grants:
            if grant.effect == "token":
                continue  # no file of the row has it
            if row.files[grant.file.location.file].needs:
                later.append(grant)
            else:
                self._add(grant)
        for grant in later:
            if not self.lacks(grant.file.location.file, grant.file.location.project, ""):
                self._add(grant)

    def _add(self, grant: Grant) -> None:
        folder = grant.address.project.rstrip("/")
        self._given |= {(grant.effect, folder, server) for server in (grant.server, *grant.readings)}

    def lacks(self, file: str, folder: str, server: str) -> str:
        """The first effect that a file needs in a folder and does not have there; empty if it has all."""
        return next((need for need in self._row.files[file].needs if not self._hold(need, folder, server)), "")

    def _hold(self, effect: str, folder: str, server: str) -> bool:
        return any(
            (effect, upper.rstrip("/"), whom) in self._given
            for upper in ("", *upwards(folder))
            for whom in ("", server)
        )


def unread(row: HostRow, entry: ObservedEntry, granted: Granted, folder: str | None = None) -> Unread:
    """Why the host does not read the entry in a folder, which is its own unless said; a profile has to be chosen first."""
    if entry.address.scope == "profile":
        return "not_chosen"
    if not str(entry.entry.url).startswith(_place(row, entry).accepts):
        return "refused"
    where = entry.address.project if folder is None else folder
    lacking = granted.lacks(entry.file.location.file, where, entry.address.server)
    return _NEEDS.get(lacking, "not_approved") if lacking else ""


def _place(row: HostRow, entry: ObservedEntry) -> Place:
    return [place for place in row.places for _ in place.files][entry.rank]


def ruling(row: HostRow, files: Iterable[ObservedFile]) -> ObservedFile | None:
    """The file beside which the host reads no server from anywhere else, if it is there."""
    return next((file for file in files if file.present and row.files[file.location.file].exclusive), None)


def ruled_out(entry: ObservedEntry, only: ObservedFile | None) -> bool:
    """Whether a file that rules alone keeps the host from an entry. One of the user's keeps it from no plugin."""
    if only is None or entry.file.location.path == only.location.path:
        return False
    return entry.address.scope != PLUGIN or only.location.scope != "user"


def strength(entry: ObservedEntry) -> tuple[int, int]:
    """Smaller is stronger; of two folders, the one nearer to the project."""
    return entry.rank, -len(entry.address.project)


def upwards(folder: str) -> Iterator[str]:
    """The folder and all above it, `""` for none."""
    yield folder
    while "/" in folder.rstrip("/"):
        folder = folder.rstrip("/").rpartition("/")[0] or "/"
        yield folder


def is_in(folder: str, upper: str) -> bool:
    return folder == upper or folder.startswith(upper.rstrip("/") + "/")


def merged(weaker: Json, stronger: Json) -> Json:
    """Keys of the stronger win; maps are united, however deep. No parser lets maps nest so deep that this could not end."""
    if not isinstance(weaker, dict) or not isinstance(stronger, dict):
        return stronger
    united = {key: merged(weaker[key], value) for key, value in stronger.items() if key in weaker}
    return {**weaker, **stronger, **united}
