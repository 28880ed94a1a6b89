"""The script that git calls before a commit, and whether one that lies there is as it was written.

A person may have added lines to it, which nobody else has: it is neither written anew nor taken away then. Each script
holds a seal over its own lines, so that those of an older program are known too.
"""

import re
import shlex
import sys
from hashlib import sha256
from typing import Final

from sakimori.app.home import cache_directory
from sakimori.texts.language import Language
from sakimori.texts.sentences import say

MARK: Final = "# sakimori-secrets-hook"
KEPT: Final = ".before-sakimori"
"""What is put behind the name of a hook that was there before."""

# $0 stays what git called, so that a hook finds its neighbours; the former hook runs first, for it may change what is staged.
# -c, for -m looks about longer than the hook does; -P: a repository's own files are never imported in place of Python's.
_SCRIPT: Final = """\
#!/bin/sh
{mark} {hook}
# {about}
if [ -x "$0{kept}" ]; then
  "$0{kept}" "$@" || exit $?
fi
{only}[ -n "$SAKIMORI_CACHE" ] || SAKIMORI_CACHE={cache}
export SAKIMORI_CACHE
python={python}
if [ -x "$python" ]; then
  exec "$python" -P -c 'import sys; from sakimori.cli.commit_hook import main; sys.exit(main(sys.argv[1:]))' {hook} "$@"
fi
echo {gone} >&2
exit 1
"""

_ONLY_A_MERGE: Final = """\
case "$2,$3" in merge,) ;; *) exit 0 ;; esac
"""
"""Of what git asks before a message is written only a merge brings something in: nothing is started for the rest."""


def script_of(hook: str, language: Language) -> bytes:
    """The script for this program, its Python and its cache."""
    bare = _written(
        hook, cache=shlex.quote(str(cache_directory())), python=shlex.quote(sys.executable),
        about=say("secrets_hooks.about", language), gone=shlex.quote(say("secrets_hooks.gone", language)),
    )  # fmt: skip
    return bare.replace(f"{MARK} {hook}\n", f"{MARK} {hook} {_seal_of(bare)}\n", 1).encode()


def is_untouched(text: str, hook: str) -> bool:
    """Whether a hook with our mark holds nothing but what the program wrote."""
    sealed = _SEALED.search(text)
    if sealed and sealed["seal"] == _seal_of(text.replace(f" {sealed['seal']}\n", "\n", 1)):
        return True
    # Without a seal that holds: the same lines, for another Python, cache or language.
    parts = _written(hook, cache="\0", python="\0", about="\0", gone="\0").split("\0")
    pattern = "[^\n]*".join(re.escape(part) for part in parts)
    return re.fullmatch(pattern, _SEALED.sub(f"{MARK} {hook}\n", text, count=1)) is not None


def _written(hook: str, **values: str) -> str:
    only = _ONLY_A_MERGE if hook == "prepare-commit-msg" else ""
    return _SCRIPT.format(mark=MARK, hook=hook, kept=KEPT, only=only, **values)


def _seal_of(bare: str) -> str:
    return sha256(bare.encode()).hexdigest()[:16]


_SEALED: Final = re.compile(rf"{MARK} [a-z-]+ (?P<seal>[0-9a-f]{{16}})\n")
