"""The credential report: asked for, waited for, and taken apart.

Source: IAM User Guide, "Generate credential reports for your AWS account" (words in the
columns), IAM API reference (states and errors).
"""

import csv
import io
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Record
from sakimori.model.words import GapKind

GENERATE: Final = "iam:GenerateCredentialReport"
GET: Final = "iam:GetCredentialReport"
KINDS: Final = ("password", "access_key_1", "access_key_2")

_WAITS_SECONDS: Final = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 4.0, 4.0, 5.0, 5.0)
_ROOT: Final = "<root_account>"
_BOOLEANS: Final = {"true": True, "false": False}
# There is no such credential, no use of it, or IAM keeps no record of it.
_NO_TIME: Final = frozenset({"N/A", "no_information", "not_supported"})


def read_credentials(door: Door, region: str, *, wait: Callable[[float], None] = time.sleep) -> Iterator[Record]:
    """Three records per user, one for each of KINDS, whether the user has it or not; waits 30 seconds at most."""
    for seconds in (*_WAITS_SECONDS, None):
        state = door.call(GENERATE, region, {}).get("State")
        if state == "COMPLETE":
            break
        if seconds is None:
            words = "the credential report was not ready in time"
            raise Refusal(call=GENERATE, kind=GapKind.UNREACHABLE, code="ReportInProgress", message=words)
        wait(seconds)
    answer = door.call(GET, region, {})
    for user in rows_of(answer.get("Content")):
        yield from credentials_of({**user, "generated_at": answer.get("GeneratedTime")})


def rows_of(content: object) -> Iterator[Record]:
    """The report's lines by column; Refusal (malformed) where it is no such report."""
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else str(content or "")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        if not {"user", "arn"} <= set(reader.fieldnames or ()):
            raise _malformed("no credential report")
        for row in reader:
            # A line longer or shorter than the header cannot be told apart: it becomes a row without a key.
            yield {} if None in row or None in row.values() else row
    except (UnicodeDecodeError, csv.Error) as error:
        raise _malformed("a credential report that is no CSV") from error


def _malformed(words: str) -> Refusal:
    return Refusal(call=GET, kind=GapKind.MALFORMED, code="Malformed", message=words)


def credentials_of(user: Record) -> Iterator[Record]:
    """A user's line as one record per kind of credential."""
    created_at = time_in(user.get("user_creation_time"))
    of_user = {
        "user_has_password": _boolean(user.get("password_enabled")),
        "user_active_key_count": _count(_boolean(user.get(f"{key}_active")) for key in KINDS[1:]),
    }
    for kind in KINDS:
        is_password = kind == "password"
        changed = user.get("password_last_changed" if is_password else f"{kind}_last_rotated")
        used = user.get("password_last_used" if is_password else f"{kind}_last_used_date")
        last_used_at, rotated_at = time_in(used), time_in(changed)
        was_used = True if last_used_at else False if used in _NO_TIME else None
        is_readable = was_used is not None and (rotated_at is not None or changed in _NO_TIME)
        yield {
            "arn": user.get("arn"),
            "name": user.get("user"),
            "kind": kind,
            "is_root": user.get("user") == _ROOT,
            "is_active": _boolean(user.get("password_enabled" if is_password else f"{kind}_active")),
            "has_mfa": _boolean(user.get("mfa_active")),
            "was_used": was_used,
            "last_used_at": last_used_at,
            "rotated_at": rotated_at,
            "created_at": created_at,
            "idle_since_at": (last_used_at or rotated_at or created_at) if is_readable else None,
            "made_after_minutes": _minutes_between(created_at, rotated_at),
            "generated_at": user.get("generated_at"),
            **of_user,
        }


def time_in(text: object) -> datetime | None:
    """The UTC time in a cell, or None: words that mean none, and what is no time."""
    if not isinstance(text, str) or text in _NO_TIME:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _minutes_between(earlier: datetime | None, later: datetime | None) -> int | None:
    return int((later - earlier).total_seconds() // 60) if earlier and later else None


def _count(flags: Iterable[bool | None]) -> int | None:
    """How many are true; None where one of them is not known."""
    known = list(flags)
    return None if None in known else sum(flag is True for flag in known)


def _boolean(text: object) -> bool | None:
    return _BOOLEANS.get(text.lower()) if isinstance(text, str) else None
