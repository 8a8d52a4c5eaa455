"""Plan and apply with rows made for a test, where no host that ships has what is to be shown."""

from __future__ import annotations

import json

from mcpconf.documents.manifest import load_manifest
from mcpconf.documents.store import Store
from mcpconf.hosts.rows import load_row
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.origin import PlanMachine, PlanOrigin, PlanState
from mcpconf.observe import observe
from mcpconf.reconcile import reconcile
from mcpconf.reconcile.conclude import Header, conclude
from mcpconf.reconcile.declared import names_of_servers
from mcpconf.reconcile.situate import Memory, Seen, situate
from mcpconf.reconcile.situation import Choices
from mcpconf.system.facts import rooted_machine
from mcpconf.transaction import apply

_ROW = """
id = "{name}"
title = "{name}"
docs = "x"
checked = "2026-01-01"
present = ["{{home}}"]
place = [{{ file = "own", at = ["servers", "{{server}}"] }}]
entry.words = {{ stdio = [], http = [] }}
{more}
"""


def row(name: str, more: str) -> HostRow:
    """A host whose servers lie under `servers` in the file with the id `own`."""
    return load_row(_ROW.format(name=name, more=more), name)


class Loop:
    """One machine, as it goes through plans and applies."""

    def __init__(self, world, *rows: HostRow) -> None:
        self.world = world
        self.rows = {item.id: item for item in rows}
        self.machine = rooted_machine(str(world.root))
        self.store = Store.of(self.machine)
        self.key = self.store.prepare()

    def plan(self, servers: dict, hosts=None, policy=None, **choices):
        named = {host: {} for host in (self.rows if hosts is None else hosts)}
        text = json.dumps({"mcpconf": 1, "servers": servers, "hosts": named, "policy": policy or {}})
        loaded = load_manifest(text, "m", known_hosts=self.rows)
        state = self.store.load()[0]
        observed = observe(self.machine, self.rows, (), names_of_servers(loaded.manifest, state, self.rows))
        situation = situate(
            self.machine, loaded, self.rows, Seen(observed, Memory(state, self.key), Choices(**choices))
        )
        header = Header(
            version="0",
            origin=PlanOrigin(manifest="m"),
            machine=PlanMachine(os="linux", user="dev", id=self.machine.facts.id),
            state=PlanState(serial=state.serial, applied=state.baseline is not None),
        )
        return conclude(situation, reconcile(situation), situation.desired.findings, header)

    def apply(self, *words, **more):
        plan = self.plan(*words, **more)
        outcome = apply(self.store, plan, self.store.load()[0], seen=True)
        assert outcome.exit_code == 0, outcome
        return plan

    @property
    def state(self):
        return self.store.load()[0]


def told(plan) -> list[tuple[str, ...]]:
    return [(change.action, change.reason, *change.addresses) for change in plan.changes]
