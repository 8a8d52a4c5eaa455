"""What there is to know about a machine before any of its files is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mcpconf.model.trust import Trust

OperatingSystem = Literal["linux", "macos", "windows"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to know about a machine before any file is read.

    Paths are absolute in the machine's own spelling but always with `/`: `/home/dev`, `C:/Users/dev`.
    `id` is an opaque text that differs between machines and users; `labels` select groups of machines. `uid` is the
    number of the user, None where that is not known or means nothing. `administers`: the user may write for all users.
    `state` is the folder for the state, if it is not the user's own; `trust` whom it believes about manifests.
    """

    os: OperatingSystem
    home: str
    user: str
    id: str
    env: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    uid: int | None = None
    administers: bool = False
    state: str = ""
    trust: Trust | None = None

    def folder(self, variable: str, usual: str) -> str:
        """What a variable names if it is absolute, as the XDG base directory specification 0.8 says, else what is usual."""
        path = self.env.get(variable, "").replace("\\" if self.os == "windows" else "/", "/").rstrip("/")
        return path if path.startswith("/") or path[1:3] == ":/" else usual

    @property
    def state_folder(self) -> str:
        """`$XDG_STATE_HOME/mcpconf`, `~/Library/Application Support/mcpconf`, `%LOCALAPPDATA%/mcpconf`."""
        return self.state or self._own_folder("XDG_STATE_HOME", ".local/state")

    @property
    def data_folder(self) -> str:
        """`$XDG_DATA_HOME/mcpconf`, `~/Library/Application Support/mcpconf`, `%LOCALAPPDATA%/mcpconf`."""
        return self._own_folder("XDG_DATA_HOME", ".local/share")

    def _own_folder(self, variable: str, usual: str) -> str:
        match self.os:
            case "windows":
                base = self.folder("LOCALAPPDATA", f"{self.home}/AppData/Local")
            case "macos":
                base = f"{self.home}/Library/Application Support"
            case _:
                base = self.folder(variable, f"{self.home}/{usual}")
        return f"{base}/mcpconf"
