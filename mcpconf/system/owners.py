"""What a new file takes over from the one that it replaces, beside the content: owner, access list, mode."""

from __future__ import annotations

import errno
import os
from contextlib import suppress

from mcpconf.ports import Snapshot

_ACCESS_LIST = "system.posix_acl_access"


def own(descriptor: int, mode: int, like: tuple[Snapshot, str] | None) -> None:
    """Owner, access list and attributes of another file, which is named by its path too, and the mode.

    Raises OSError rather than leave more people access than before.
    """
    if not hasattr(os, "fchown"):
        return  # Windows: a new file inherits the folder's access list, which is the user's own
    if like is not None:
        info = os.fstat(descriptor)
        old, path = like
        if (old.owner, old.group) != (info.st_uid, info.st_gid):
            os.fchown(descriptor, old.owner, old.group)
        _copy_attributes(descriptor, path)
    os.fchmod(descriptor, mode)


def _copy_attributes(descriptor: int, source: str) -> None:
    """Extended attributes, of which the access list decides who may read: that one is copied, or nothing is written.

    A folder may give its new files an access list; where the file had none, that is taken away again.
    """
    if not hasattr(os, "listxattr"):
        return
    names = _attributes(source)
    for name in names:
        value = os.getxattr(source, name)
        if name == _ACCESS_LIST:
            os.setxattr(descriptor, name, value)
        else:
            with suppress(OSError):
                os.setxattr(descriptor, name, value)
    if _ACCESS_LIST not in names and _ACCESS_LIST in _attributes(descriptor):
        os.removexattr(descriptor, _ACCESS_LIST)


def _attributes(file: str | int) -> list[str]:
    try:
        return os.listxattr(file)
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return []
        raise
