"""Files of policy as they are printed: the text itself where there is one, each under its path where there are several."""

from __future__ import annotations

from mcpconf.errors import ExitCode
from mcpconf.model.base import Json
from mcpconf.reconcile.managed import PolicyFile
from mcpconf.report.style import Style, plural


def render_policies(files: tuple[PolicyFile, ...], style: Style) -> str:
    """Texts are printed as they are: nothing in them is cut."""
    if len(files) == 1:
        return files[0].text
    return "\n".join(f"==> {style.text(file.path)} <==\n{file.text}" for file in files)


def render_policy_files(written: dict[str, str], style: Style) -> str:
    lines = "".join(f"  {style.text(path)}\n" for path in written)
    return f"wrote {plural(len(written), 'file')}\n{lines}"


def policies_data(host: str, files: tuple[PolicyFile, ...]) -> dict[str, Json]:
    return {
        "host": host,
        "files": [
            {
                "path": file.path,
                "policy": file.policy.id,
                "tells": file.policy.tells,
                "lacks": list(file.policy.lacks),
                "servers": list(file.servers),
                "left_out": [{"server": item.server, "why": item.why} for item in file.left_out],
                "wider": [item.message for item in file.wider],
                "text": file.text,
            }
            for file in files
        ],
        "exit_code": int(ExitCode.SUCCESS),
    }
