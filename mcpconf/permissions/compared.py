"""What one server may do that it could not before, by what is declared of it and by how it is launched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mcpconf.permissions.change import PrivilegeChange
from mcpconf.permissions.extent import Comparison, Order, ordered

State = Literal["added", "removed", "there"]


@dataclass(frozen=True, slots=True)
class Compared:
    """One server of both sides. `declared` are its permissions; `launch` what its command line or address hands out."""

    name: str
    state: State
    declared: tuple[Comparison, ...]
    launch: tuple[PrivilegeChange, ...]

    @property
    def order(self) -> Order:
        orders = {item.order for item in self.declared}
        orders |= {"incomparable" if item.direction == "both" else item.direction for item in self.launch}
        if "incomparable" in orders:
            return "incomparable"
        return ordered(gained="wider" in orders, lost="narrower" in orders)
