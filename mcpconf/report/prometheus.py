"""A plan as metrics, for the textfile collectors of node_exporter and windows_exporter.

Only counts: no address, path or name of a user, so that the file may be read by others. A series is there also where it is
0, so that an alert can tell none from not measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from mcpconf.model.change import ACTIONS
from mcpconf.model.finding import SEVERITIES
from mcpconf.model.plan import Plan
from mcpconf.reconcile.drifted import drift_report

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})


def render_prometheus(plan: Plan) -> str:
    return "".join(f"{line}\n" for line in _lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    drift, summary = drift_report(plan), plan.summary
    version = {"version": plan.mcpconf_version, "os": plan.machine.os, "commit": (plan.origin.commit or "")[:12]}
    severities = Counter(item.severity for item in plan.findings if item.waived is None)
    yield from _metric("info", "What made this file.", {_labels(version): 1})
    yield from _metric("in_sync", "1 if the machine is as the manifest says.", {"": int(plan.detailed_exit_code == 0)})
    yield from _metric("blocked", "1 if a policy stops changes.", {"": int(drift.blocked)})
    yield from _metric("serial", "Serial number of what was last applied.", {"": plan.state.serial})
    changes = {_labels({"action": action}): getattr(summary, action) for action in ACTIONS}
    yield from _metric("changes", "Changes that the plan has, by action.", changes)
    kinds = {_labels({"kind": kind}): count for kind, count in drift.kinds.items()}
    yield from _metric("drift", "Differences from what was last applied, by kind.", kinds)
    found = {_labels({"severity": severity}): severities[severity] for severity in SEVERITIES}
    yield from _metric("findings", "Findings that are not waived, by severity.", found)
    yield from _metric("unmanaged", "Entries and approvals that the manifest does not list.", {"": summary.unmanaged})
    yield from _metric("residue", "What was revoked and is still effective.", {"": summary.residue})
    yield from _metric("unread", "What could not be checked.", {"": len(plan.unknowns)})
    yield from _metric("servers", "Servers that this machine gets.", {"": summary.servers})


def _metric(name: str, told: str, series: Mapping[str, int]) -> Iterator[str]:
    yield f"# HELP mcpconf_{name} {told}"
    yield f"# TYPE mcpconf_{name} gauge"
    yield from (f"mcpconf_{name}{labels} {value}" for labels, value in series.items())


def _labels(values: Mapping[str, str]) -> str:
    pairs = (f'{name}="{value.translate(_ESCAPES)}"' for name, value in values.items())
    return f"{{{','.join(pairs)}}}"
