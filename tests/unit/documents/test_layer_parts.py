"""Layers of parts that documents may not say yet, merged as models."""

from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.merging import Join, merge
from mcpconf.model.manifest import Manifest


def joined(below, above):
    """The merged manifest, and what is wrong with the layer above, by its keys."""
    lower, upper = (Manifest.model_validate({"mcpconf": 1, **value}) for value in (below, above))
    known = LoadedManifest.in_memory(lower)
    join = Join(lower, upper, 1, known.where, known.origin, {})
    merged = merge(join)
    return merged, [".".join(map(str, fault.at)) for fault in join.faults]


def test_what_a_change_of_privilege_does():
    merged, faults = joined(
        {"policy": {"privilege": {"critical": "block", "high": "approve"}}},
        {"policy": {"privilege": {"critical": "approve", "high": "block", "low": "approve"}}},
    )
    assert merged.policy.privilege == {"critical": "block", "high": "block", "low": "approve"}
    assert faults == ["policy.privilege.critical"]


def test_rules_in_rego_of_an_organisation():
    text, other = "package mcpconf", "package mcpconf\n"
    merged, faults = joined(
        {"policy": {"rego": {"A": text, "B": text}, "schemas": {"S": {}}}},
        {"policy": {"rego": {"A": other, "B": text, "C": text, "S": text}}},
    )
    assert merged.policy.rego == {"A": text, "B": text, "C": text}
    assert faults == ["policy.rego.A", "policy.rego.S"]


def test_schemas_of_an_organisation():
    merged, faults = joined(
        {"policy": {"schemas": {"A": {"type": "object"}, "B": {}}}},
        {"policy": {"schemas": {"A": {}, "B": {}, "C": {}}}},
    )
    assert merged.policy.schemas == {"A": {"type": "object"}, "B": {}, "C": {}}
    assert faults == ["policy.schemas.A"]


def test_how_packages_are_launched():
    merged, faults = joined({"launch": "locked"}, {"launch": "pinned"})
    assert (merged.launch, faults) == ("locked", ["launch"])
    merged, faults = joined({"launch": "pinned"}, {"launch": "locked"})
    assert (merged.launch, faults) == ("locked", [])


def test_permissions_other_than_tools():
    server = {"command": ["a"], "permissions": {"env": ["A"], "net": {"out": "none"}}}
    more = {"command": ["a"], "permissions": {"env": ["A", "B"], "net": {"out": "none"}}}
    merged, faults = joined({"servers": {"s": server}}, {"servers": {"s": more}})
    assert merged.servers["s"].permissions.env == ("A",)
    assert faults == ["servers.s.permissions.env"]
    _, faults = joined({"servers": {"s": {"command": ["a"]}}}, {"servers": {"s": more}})
    assert faults == ["servers.s.permissions.env", "servers.s.permissions.net"]
