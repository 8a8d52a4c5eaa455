"""Notices as JUnit XML, in the elements that Jenkins, GitLab and GitHub actions all read.

GitLab (checked 2026-11) shows the text of a failure and not its attribute, and drops a second case of the same name: so
the text has everything, and a name ends with the id.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from mcpconf.report.notices import Notice

IN_ORDER = "in order"
"""The one case of a suite that has nothing to tell: some readers take an empty suite for a broken one."""


def render_junit(notices: Sequence[Notice], suite: str) -> str:
    """One case for each notice: failed if it fails the command, in error if it could not be checked, skipped if waived."""
    failures = sum(notice.fails and not notice.unread for notice in notices)
    errors = sum(notice.fails and notice.unread for notice in notices)
    skipped = sum(bool(notice.waived) for notice in notices)
    counts = {"tests": len(notices) or 1, "failures": failures, "errors": errors, "skipped": skipped}
    told = {name: str(count) for name, count in counts.items()}
    root = ET.Element("testsuites", {"name": "mcpconf", **told})
    top = ET.SubElement(root, "testsuite", {"name": suite, **told})
    for notice in notices:
        _case(top, notice)
    if not notices:
        ET.SubElement(top, "testcase", {"classname": suite, "name": IN_ORDER, "time": "0"})
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _case(top: ET.Element, notice: Notice) -> None:
    about = notice.address or (notice.place.path if notice.place is not None else notice.rule)
    attributes = {"classname": notice.rule, "name": f"{about} [{notice.id}]", "time": "0"}
    if notice.place is not None and notice.place.inside:
        attributes["file"] = notice.place.path
        attributes |= {"line": str(notice.place.line)} if notice.place.line is not None else {}
    case = ET.SubElement(top, "testcase", attributes)
    if notice.waived:
        ET.SubElement(case, "skipped", {"message": notice.waived})
    elif not notice.fails:
        ET.SubElement(case, "system-out").text = notice.text
    else:
        kind = "error" if notice.unread else "failure"
        told = ET.SubElement(case, kind, {"type": notice.rule, "message": notice.message})
        told.text = notice.text
