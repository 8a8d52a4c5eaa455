"""Which commit of a manifest took something away."""

from __future__ import annotations

from mcpconf.model.base import Tolerant


class Revocation(Tolerant):
    """The commit that took something away, who made it, and its day: `2026-10-02`, as its author's clock had it."""

    commit: str
    author: str
    date: str

    @property
    def words(self) -> str:
        return f"{self.commit[:7]} ({self.author}, {self.date})" if self.author else f"{self.commit[:7]} ({self.date})"
