"""Sign-ins that hosts and their helpers keep on the machine: that they are there, whose they are, and until when.

Nothing that a sign-in consists of leaves this package, or stays in memory after a file was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mcpconf.hosts.stores import document, named
from mcpconf.hosts.stores.kept import Look

STORES: Mapping[str, Callable[..., Look]] = {"document": document.look, "named": named.look}
"""By the word in `kind`. Each takes the files of a machine, the store, a path, and what the path's last hole stands for."""
