"""Infrastructure as code for Model Context Protocol configuration.

from mcpconf import apply, load, plan

manifest = load("mcpconf.yaml")
print(plan(manifest).summary)
print(apply(manifest).exit_code)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcpconf.version import __version__

if TYPE_CHECKING:
    from mcpconf.library import Manifest, apply, load, plan

__all__ = ["Manifest", "__version__", "apply", "load", "plan"]


def __getattr__(name: str) -> Any:
    """Loaded on first use, so that `mcpconf --version` answers at once."""
    if name in ("Manifest", "apply", "load", "plan"):
        from mcpconf import library

        return getattr(library, name)
    raise AttributeError(f"module `mcpconf` has no attribute `{name}`")
