"""A change of a policy is never passed over, is told the other way round backwards, and never judges itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.merging.policy import LOOSEST_FIRST
from mcpconf.model.manifest import Manifest
from mcpconf.model.policy import Policy
from mcpconf.review.tightness import judging, loosened, policy_changes
from mcpconf.rules import RULES

WORDS = {name: st.sampled_from([word for word in order if word]) for name, order in LOOSEST_FIRST.items()}
NAMES = st.sampled_from(["one", "two", "three"])
PATTERNS = st.lists(st.sampled_from(["npm:a/*", "npm:b", "pypi:*"]), max_size=3, unique=True)
OF_RULES = st.dictionaries(st.sampled_from(sorted(RULES)[:3]), WORDS["rules"].filter(bool), max_size=2)
SAID = st.fixed_dictionaries(
    {},
    optional={
        **{name: WORDS[name] for name in ("unmanaged", "grants", "fail_on", "expired")},
        "on_conflict": st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("not_ours", "both_changed"), WORDS["on_conflict"])
        ),
        "privilege": st.dictionaries(st.sampled_from(["critical", "high"]), WORDS["privilege"], max_size=2),
        "rules": OF_RULES,
        "require": st.lists(st.sampled_from(["owner", "hash", "reason"]), max_size=2, unique=True),
        "packages": st.fixed_dictionaries({}, optional={"allow": PATTERNS, "deny": PATTERNS}),
        "schemas": st.dictionaries(
            st.sampled_from(["ACME001", "ACME002"]),
            st.sampled_from([{"type": "object"}, {"required": ["owner"]}]),
            max_size=2,
        ),
        "rego": st.dictionaries(
            st.sampled_from(["TEAM001", "TEAM002"]),
            st.sampled_from(["package mcpconf", "package mcpconf\ndeny contains 1"]),
            max_size=2,
        ),
        "cooldown": st.integers(0, 9),
        "registries": st.lists(st.sampled_from(["npm.acme.example", "wheels.acme.example"]), max_size=2, unique=True),
        "approvers": st.dictionaries(NAMES, st.lists(NAMES, min_size=1, max_size=2, unique=True), max_size=2),
        "approvals": st.lists(st.builds(lambda count: {"require": count}, st.integers(0, 3)), max_size=2),
    },
)
POLICIES = SAID.map(Policy.model_validate)


def loaded(policy: Policy) -> LoadedManifest:
    return LoadedManifest.in_memory(
        Manifest.model_validate({"mcpconf": 1, "policy": policy.model_dump(exclude_unset=True)})
    )


@given(POLICIES, POLICIES)
def test_a_policy_that_differs_is_told(before: Policy, after: Policy) -> None:
    told = [*policy_changes(before, after)]
    assert not [*policy_changes(before, before)]
    same = {name for name in Policy.model_fields if getattr(before, name) == getattr(after, name)}
    about = {key.partition(".")[0] for _, key, _ in told}
    assert not about & same
    assert before == after or told or _alike(before, after)


def _alike(before: Policy, after: Policy) -> bool:
    """Said otherwise, and meant the same: a default in words, an order, an empty list."""
    return not [*policy_changes(after, before)]


@given(POLICIES, POLICIES)
def test_backwards_it_is_the_other_way_round(before: Policy, after: Policy) -> None:
    mirror = {"wider": "narrower", "narrower": "wider", "both": "both"}
    forth = sorted((direction, key) for direction, key, _ in policy_changes(before, after))
    back = sorted((mirror[direction], key) for direction, key, _ in policy_changes(after, before))
    assert forth == back


@given(POLICIES, POLICIES)
def test_what_judges_is_nowhere_looser_than_the_base_or_the_change(before: Policy, after: Policy) -> None:
    judge = judging(loaded(before), loaded(after)).manifest.policy
    assert (judge.approvers, judge.rego) == (before.approvers, before.rego)
    for side, kept in (
        (before, "packages.allow"),
        (after, ("packages.allow", "approvers", "rules", "on_conflict", "rego")),
    ):
        wider = [(key, text) for direction, key, text in policy_changes(side, judge) if direction == "wider"]
        assert not [item for item in wider if not item[0].startswith(kept)], wider


@given(POLICIES, POLICIES)
def test_nothing_of_a_policy_is_called_narrower_and_grave(before: Policy, after: Policy) -> None:
    for change in loosened(loaded(before), loaded(after)):
        assert (change.severity == "critical") == (change.direction != "narrower")
