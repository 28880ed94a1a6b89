"""How git is asked, by a scan and by a hook alike: a repository decides nothing.

No hooks, no fetching, no other programs, no replaced objects, no other files that its configuration names (they may have no end). A hook waits for this on each commit, so it imports nothing
that takes time. Sources: git(1), git-config(1) and gitprotocol(7); `GIT_NO_LAZY_FETCH` is known to git from 2.45 on.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

SAFE: Final = (
    "--no-replace-objects", "--no-optional-locks", "--literal-pathspecs", "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never", "-c", "core.quotePath=false",
    "-c", "log.showSignature=false", "-c", "core.commitGraph=false", "-c", "diff.orderFile=/dev/null",
    "-c", "core.attributesFile=/dev/null", "-c", "core.excludesFile=/dev/null", "-c", "log.mailmap=false",
)  # fmt: skip
_NO_PROTOCOL: Final = "none"
"""A repository's `protocol.ext.allow` comes before our `protocol.allow`; before this word of the environment comes nothing."""
_CLOSED: Final = {
    "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": _NO_PROTOCOL, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
    "GIT_GRAFT_FILE": f"{os.devnull}/none",
}  # fmt: skip
"""A graft hides parents of a commit: there is no file of them."""
_PROGRAMS: Final = ("GIT_EXTERNAL_DIFF",)


def closed_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment with which git starts nothing else and speaks to nobody."""
    return {**{name: value for name, value in environment.items() if name not in _PROGRAMS}, **_CLOSED}
