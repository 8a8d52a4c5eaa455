"""What the manifest says about the surface of a server: which texts in it may move, and whether resources are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import model_validator

from mcpconf.model.written import Boolean, Fault, Part, RefusedError, shown

MAXIMUM_TEMPLATED = 100
LONGEST_POINTER = 1000

_POINTER = r"/(?:tools|prompts|templates|resources|instructions|capabilities)(?:/(?:[^~/]|~[01])*)*"


class SurfaceWish(Part):
    """`templated`: by JSON pointer into the surface, a pattern of what may differ from probe to probe in the text there.

    What the pattern fits is not kept: the rest of the text is. `resources`: keep each resource, not only the schemes.
    """

    templated: dict[str, str] = {}
    resources: Boolean = False

    @model_validator(mode="after")
    def _check(self) -> SurfaceWish:
        faults = tuple(_faults(self))
        if faults:
            raise RefusedError(*faults)
        return self


def _faults(wish: SurfaceWish) -> Iterator[Fault]:
    if not wish.templated:
        return
    if len(wish.templated) > MAXIMUM_TEMPLATED:
        yield Fault(
            f"has more than {MAXIMUM_TEMPLATED} entries", "what moves that much is better not locked", ("templated",)
        )
        return
    from mcpconf.model.patterns import PatternError, compiled

    for pointer, pattern in wish.templated.items():
        at = ("templated", pointer)
        if len(pointer) > LONGEST_POINTER or not re.fullmatch(_POINTER, pointer):
            yield Fault(
                f"is no pointer into a surface: {shown(pointer)}", "write such as `/tools/NAME/description`", at
            )
            continue
        try:
            compiled(pattern)
        except PatternError as error:
            yield Fault(str(error), "use literal text, classes, and `*`, `+`, `?` or `{m,n}` behind one of them", at)
