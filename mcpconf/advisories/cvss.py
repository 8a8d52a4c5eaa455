"""How grave a vulnerability is by its CVSS vector: the base score of version 3 (https://www.first.org/cvss/v3.1/specification-document, 2026-11).

Other versions have no formula of their own that fits here: version 4 is a table of 270 cases, and records that have only
that say how grave they are in words too.
"""

from __future__ import annotations

import math

_LONGEST = 256
_PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
_LOSS = {"H": 0.56, "L": 0.22, "N": 0.0}
_REACH = {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2}
_COMPLEXITY = {"L": 0.77, "H": 0.44}
_INTERACTION = {"N": 0.85, "R": 0.62}


def base_score(vector: str) -> float | None:
    """0.0 to 10.0; None for what is no vector of CVSS 3.0 or 3.1 with all base metrics."""
    version, *metrics = vector.split("/") if len(vector) <= _LONGEST else [""]
    said = dict(item.split(":", 1) for item in metrics if ":" in item)
    if version not in ("CVSS:3.0", "CVSS:3.1"):
        return None
    try:
        losses = [1 - _LOSS[said[name]] for name in ("C", "I", "A")]
        privileges = _PRIVILEGES[said["S"]][said["PR"]]
        ease = 8.22 * _REACH[said["AV"]] * _COMPLEXITY[said["AC"]] * privileges * _INTERACTION[said["UI"]]
    except KeyError:
        return None
    lost = 1 - math.prod(losses)
    changed = said["S"] == "C"
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if changed else 6.42 * lost
    if impact <= 0:
        return 0.0
    return _round_up(min((1.08 if changed else 1.0) * (impact + ease), 10.0))


def _round_up(score: float) -> float:
    """Appendix A of the specification: to one decimal, without what floating-point arithmetic adds."""
    whole = round(score * 100_000)
    return whole / 100_000.0 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10.0
