"""What a hook says on stderr: each secret with file and line, and how to go on."""

import sys
from collections.abc import Sequence

from sakimori.app.commit_scan import Looked, Seen
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

_SHOWN = 20


def print_looked(looked: Looked, language: Language) -> None:
    """Everything that was found or not read, and what to do about it."""
    if looked.stopping:
        _line("found", language, count=len(looked.stopping))
        for seen in looked.stopping[:_SHOWN]:
            _secret(seen, language)
        if len(looked.stopping) > _SHOWN:
            _line("more", language, count=len(looked.stopping) - _SHOWN)
        _ways_on(looked, language)
    for seen in looked.doubtful[:_SHOWN]:
        _line("doubtful", language, **_values(seen, language))
    if looked.unread:
        _line("unread", language)
        _gaps(looked.unread, language)
        _line("unread_way", language)
    if looked.closed:
        _line("closed", language, count=len(looked.closed))
        _gaps(looked.closed, language)


def print_open_cache(folder: str, language: Language) -> None:
    """Why commits wait: nothing that is kept to be faster is used."""
    sys.stderr.write(f"sakimori: {say('secrets.cache_open', language, path=folder)}\n")


def _gaps(gaps: Sequence[tuple[str, str, str]], language: Language) -> None:
    for name, reason, detail in gaps[:_SHOWN]:
        why = say(f"secrets.gap_{reason}", language, detail=clean(detail), name=clean(name))
        sys.stderr.write(f"  {why}\n")


def _secret(seen: Seen, language: Language) -> None:
    sys.stderr.write("  ")
    _line("secret", language, **_values(seen, language))
    if seen.found.account_id:
        sys.stderr.write("    ")
        _line("account", language, account=seen.found.account_id)
    if seen.found.bare_allow:
        sys.stderr.write(f"    {say('secrets.bare_allow', language)}\n")


def _ways_on(looked: Looked, language: Language) -> None:
    """Take it out; say that it is none; or contain a key that has been out already."""
    _line("way_out", language)
    _line("way_allow", language)
    keys = dict.fromkeys(key for seen in looked.stopping if (key := seen.key_id))
    for key in list(keys)[:_SHOWN]:
        _line("way_contain", language, key=key)


def _values(seen: Seen, language: Language) -> dict[str, object]:
    return {
        "file": seen.file,
        "line": seen.found.line,
        "column": seen.found.column,
        "kind": seen.title.in_(language),
        "masked": seen.found.masked,
    }


def _line(name: str, language: Language, **values: object) -> None:
    sys.stderr.write(say(f"secrets_hooks.{name}", language, **values) + "\n")
