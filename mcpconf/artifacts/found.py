"""Programs of the machine that lock, install or start packages."""

from __future__ import annotations

from mcpconf.ports import Machine

_ENDINGS = {"windows": (".exe", ".cmd", ".bat")}


def on_path(name: str, machine: Machine) -> str:
    """The full path of a program on the user's PATH; "" if there is none. Folders that are no full paths are left out."""
    windows = machine.facts.os == "windows"
    for folder in machine.facts.env.get("PATH", "").split(";" if windows else ":"):
        plain = folder.replace("\\", "/").rstrip("/") if windows else folder.rstrip("/")
        if not plain.startswith("/") and plain[1:3] != ":/":
            continue
        for ending in _ENDINGS.get(machine.facts.os, ("",)):
            path = f"{plain}/{name}{ending}"
            if machine.files.exists(path) and (windows or _runs(path, machine)):
                return path
    return ""


def _runs(path: str, machine: Machine) -> bool:
    mode = machine.files.mode(path)
    return mode is None or bool(mode & 0o111)
