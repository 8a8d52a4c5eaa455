"""The law of import: what it writes asks for exactly what is there, but for secrets, which become references."""

from __future__ import annotations

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from tests.laws.import_worlds import SYSTEMS, check, machines, world_of


@settings(max_examples=60, phases=[Phase.generate])
@given(machines(secrets=False), st.sampled_from(sorted(SYSTEMS)))
def test_without_secrets_nothing_is_to_be_done(machine, system):
    with world_of(machine, system) as world:
        data = check(world)
        event(f"{len(data['servers'])} servers, {len(data['left_out'])} left out")


@settings(max_examples=60, phases=[Phase.generate])
@given(machines(secrets=True), st.sampled_from(sorted(SYSTEMS)))
def test_each_literal_secret_becomes_a_reference_and_nothing_else_changes(machine, system):
    with world_of(machine, system) as world:
        data = check(world)
        event(f"{len(data['secrets'])} secrets")
        done = world.run("apply", "--yes", "--move-secrets")
        assert done.code in (0, 8), done.stdout + done.stderr
        assert not world.plan("--move-secrets")["changes"]
