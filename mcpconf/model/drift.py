"""What differs on a machine from what was last applied."""

from __future__ import annotations

from mcpconf.model.base import Tolerant
from mcpconf.model.origin import PlanMachine, PlanOrigin, PlanState
from mcpconf.model.plan import FORMAT_VERSION, Drift


class DriftReport(Tolerant):
    """Each difference once, in its kind. Holds no time stamp, so the same machine gives the same bytes.

    `kinds` counts them. `converged`, `noise` and `pending` are only counted: entries changed by hand to what the manifest
    asks for by now; keys of hosts and others that are not compared; changes that a newer manifest brings. `exit_code` is 2
    if anything here is `counted`, 3 if the manifest is blocked or something is held by policy, 8 if not `complete`.
    """

    format_version: str = FORMAT_VERSION
    mcpconf_version: str
    origin: PlanOrigin
    machine: PlanMachine
    state: PlanState
    drift: list[Drift] = []
    kinds: dict[str, int] = {}
    converged: int = 0
    noise: int = 0
    pending: int = 0
    complete: bool = True
    blocked: bool = False
    exit_code: int = 0
