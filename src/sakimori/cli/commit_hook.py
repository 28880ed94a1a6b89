"""What git calls before a commit: `python -m sakimori.cli.commit_hook pre-commit`, put there by `sakimori secrets install-hook`.

Every commit waits for it, so it goes around the command line's own door and imports what speaks only once there is
something to say. 0 lets the commit pass. 1 stops it: a secret, or something that should have been looked into and could not be.
"""

from __future__ import annotations

import sys

from sakimori.app.commit_git import GitError
from sakimori.app.commit_scan import Looked, look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sakimori.texts.language import Language


def main(arguments: Sequence[str]) -> int:
    """Look at what git is about to commit."""
    sys.excepthook = _defect
    hook, *rest = arguments
    try:
        looked = look(hook, rest)
    except GitError as error:
        _complain("no_git_answer", reason=str(error))
        return 1
    if looked.open_cache:
        from sakimori.cli.commit_pages import print_open_cache  # noqa: PLC0415

        print_open_cache(looked.open_cache, _language())
    if not (looked.stopping or looked.doubtful or looked.unread or looked.closed):
        return 0
    return _told(looked)


def _defect(kind: type[BaseException], _error: BaseException, _trace: object) -> None:
    """What nobody foresaw: Python then leaves with 1, and a commit that nobody looked at is stopped, in a sentence."""
    _complain("defect", reason=kind.__name__)


def _told(looked: Looked) -> int:
    """Say what was found on stderr; whether the commit is stopped."""
    from sakimori.cli.commit_pages import print_looked  # noqa: PLC0415 - only where there is something to say

    print_looked(looked, _language())
    return 1 if looked.stopping or looked.unread else 0


def _complain(name: str, **values: object) -> None:
    from sakimori.texts.sentences import say  # noqa: PLC0415

    sys.stderr.write(f"sakimori: {say(f'secrets_hooks.{name}', _language(), **values)}\n")


def _language() -> Language:
    from sakimori.texts.language import language_of  # noqa: PLC0415

    return language_of()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
