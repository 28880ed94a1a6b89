"""R00: what a case begins with - a key, a user, a role, a mail from AWS, a finding - and what it says by itself."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sakimori.app.inbox import meant_by, quiet_of
from sakimori.app.mail_intake import take_files
from sakimori.app.respond.case import Suspect
from sakimori.aws.key_ids import account_of_key
from sakimori.findings.inbox import InboxFinding
from sakimori.findings.mail.judged import Judged
from sakimori.findings.mutes import MuteEntry
from sakimori.model.arn import Arn
from sakimori.model.detection import Detection
from sakimori.model.errors import UsageError
from sakimori.state.store import Store
from sakimori.texts.language import clean

KEY: Final = re.compile(r"A(?:KIA|SIA)[A-Z2-7]{16}\Z")
_KEY_WITHIN: Final = re.compile(r"(?<![A-Z0-9])A(?:KIA|SIA)[A-Z2-7]{16}(?![A-Z0-9])")
_NAME: Final = re.compile(r"[\w+=,.@-]{1,64}\Z")
_ABUSE: Final = "abuse-report"
_PRINCIPALS: Final = {"AIDA": "user", "AROA": "role"}
"""Prefixes of ids that are no access keys. Source: IAM User Guide, "IAM identifiers", unique identifiers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """`words` is what was given, without anything secret; `playbook` the one that it asks for."""

    words: str
    suspect: Suspect
    occurred_at: datetime | None = None
    deadline_at: datetime | None = None
    subject: str = ""
    aws_case: str = ""
    playbook: str = "leaked-key"


def by_key(told: str) -> Trigger:
    """From the id of an access key; UsageError for what is none, saying what it is."""
    key = told.strip()
    if not KEY.match(key):
        kind = _PRINCIPALS.get(key[:4], "")
        raise UsageError(f"respond.no_key_{kind}" if kind else "respond.no_key", key=clean(key[:4]))
    suspect = Suspect(kind="key", key_id=key, account=account_of_key(key))
    return Trigger(words=suspect.name, suspect=suspect)


def by_principal(told: str, kind: str) -> Trigger:
    """From the ARN or name of a user or role (`kind`); UsageError for what is neither."""
    words = told.strip()
    if words.startswith("arn:"):
        arn = _arn(words)
        if arn is not None and kind == "user" and arn.resource == "root":
            return Trigger(words=words, suspect=Suspect(kind="root", account=arn.account_id))
        if arn is None or not arn.resource.startswith(f"{kind}/"):
            raise UsageError(f"respond.no_{kind}", name=clean(words))
        name = {"user": words} if kind == "user" else {"role": words}
        return Trigger(words=words, suspect=Suspect(kind=kind, account=arn.account_id, **name))
    if not _NAME.match(words):
        raise UsageError(f"respond.no_{kind}", name=clean(words))
    # Until the account has said where it lies, a bare name stands in the place of the ARN.
    return Trigger(words=words, suspect=Suspect(kind=kind, **({"user": words} if kind == "user" else {"role": words})))


def by_mail(path: Path, now: datetime, *, is_believed: bool = False) -> Trigger:
    """From a mail of AWS's; UsageError where it names nothing to begin with, or is likely a forgery and nobody said that it is meant."""
    told = take_files([str(path)], now).told
    found = next((each for each in told if each.named.key_ids), next(iter(told), None))
    if found is None:
        raise UsageError("respond.no_mail_of_aws", path=path)
    if found.kind == _ABUSE and not found.named.key_ids:
        raise UsageError("respond.mail_is_abuse", path=path, instances=found.named.instances or ("—",))
    if found.is_suspicious and not is_believed:
        raise UsageError("respond.mail_suspicious", path=path)
    return Trigger(
        words=clean(found.mail.subject, 200), suspect=_suspect_of_mail(found, path), occurred_at=found.sent_at,
        deadline_at=found.deadline.at if found.deadline else None, subject=clean(found.mail.subject, 300),
        aws_case=next(iter(found.named.cases), ""),
    )  # fmt: skip


def _suspect_of_mail(found: Judged, path: Path) -> Suspect:
    named = found.named
    key = next(iter(named.key_ids), "")
    user = found.principal or next(iter(named.users), "")
    if not key and not user:
        raise UsageError("respond.mail_names_nobody", path=path)
    account = (account_of_key(key) if key else "") or found.account
    return Suspect(kind="key" if key else "user", key_id=key, user=user, account=account)


def by_finding(store: Store, word: str, mutes: Sequence[MuteEntry], clock: Callable[[], datetime]) -> Trigger:
    """From a finding of the inbox, or one of its cases; UsageError where it names no credential."""
    meant = meant_by(store, word, quiet_of(store, mutes, clock().date()))
    told = [each.told for each in meant.findings if isinstance(each.told, Detection)]
    suspect = next((found for each in told if (found := _suspect_of(each)) is not None), None)
    if suspect is None:
        raise UsageError("respond.finding_names_nobody", finding=clean(word))
    first = min(meant.findings, key=_began)
    return Trigger(words=meant.case or first.id[:16], suspect=suspect, occurred_at=_began(first))


def _began(found: InboxFinding) -> datetime:
    return found.told.first_at if isinstance(found.told, Detection) else found.first_seen


def _suspect_of(found: Detection) -> Suspect | None:
    values = [*found.resources, *(str(each) for each in found.evidence.values())]
    key = next((match[0] for each in values if (match := _KEY_WITHIN.search(each))), "")
    arn = _arn(found.principal)
    kind = arn.resource.partition("/")[0] if arn and arn.service == "iam" else ""
    user = found.principal if kind == "user" else ""
    role = found.principal if kind == "role" else ""
    if arn and arn.resource == "root":
        return Suspect(kind="root", key_id=key, account=arn.account_id)
    if not (key or user or role):
        return None
    account = (account_of_key(key) if key else "") or found.account
    return Suspect(kind="key" if key else kind, key_id=key, user=user, role=role, account=account)


def _arn(text: str) -> Arn | None:
    try:
        return Arn.parse(text)
    except ValueError:
        return None
