"""Layers to one manifest: a later layer may add what the earlier ones admit, and tighten what they grant.

A layer without `policy` leaves it to the layers above. One with `policy` states all of it: what it does not say has its
default, and that is a limit too.
"""

from __future__ import annotations

from mcpconf.documents.merging.join import Join
from mcpconf.documents.merging.lists import absent, ignored, released, waivers
from mcpconf.documents.merging.policy import launch, policy
from mcpconf.documents.merging.selections import groups, hosts, projects
from mcpconf.documents.merging.servers import servers
from mcpconf.model.manifest import Manifest

__all__ = ["Join", "merge"]


def merge(join: Join) -> Manifest:
    """Both layers of the join as one manifest. Where the one above goes too far, the join gets a fault and the one below holds."""
    parts = {
        "servers": servers,
        "hosts": hosts,
        "projects": projects,
        "groups": groups,
        "launch": launch,
        "policy": policy,
        "waivers": waivers,
        "ignore": ignored,
        "released": released,
        "absent": absent,
    }
    said = {name: part(join) for name, part in parts.items() if name in join.above.model_fields_set}
    return join.below.model_copy(update=said)
