"""Whose an access key is: asked of IAM, or looked up among the events of the lake."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.app.iam import find_identity
from sakimori.app.query import QueryRequest, ask
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.errors import UsageError
from sakimori.model.words import GLOBAL

KEY: Final = re.compile(r"A(?:KIA|SIA)[A-Z2-7]{16}\Z")
_SIGNED: Final = """
select coalesce(session_issuer_arn, user_identity_arn) from aws_cloudtrail_event
where user_identity_access_key_id = $key and user_identity_arn is not null
order by event_time desc limit 1
"""


def identity_of_key(
    home: Path, account: IamAccount, key: str, door: Door | None, *, clock: Callable[[], datetime]
) -> Identity:
    """The user, or the role of the session, that signs with the key; UsageError where neither IAM nor the lake knows it.

    A lake that cannot be read fails: it may know.
    """
    name = _asked(door, key) if door is not None and key.startswith("AKIA") else ""
    words = f"user/{name}" if name else _seen(home, key, clock)
    if not words:
        raise UsageError("iam.no_such_key", key=f"…{key[-4:]}")
    return find_identity(account, words)


def _asked(door: Door, key: str) -> str:
    try:
        return str(door.call("iam:GetAccessKeyLastUsed", GLOBAL, {"AccessKeyId": key}).get("UserName") or "")
    except Refusal:
        return ""


def _seen(home: Path, key: str, clock: Callable[[], datetime]) -> str:
    if not (home / "lake" / "manifest.db").exists():
        return ""
    with ask(QueryRequest(home=home, sql=_SIGNED, parameters={"key": key}), clock=clock) as answer:
        return next((str(who) for (who,) in answer.rows()), "")
