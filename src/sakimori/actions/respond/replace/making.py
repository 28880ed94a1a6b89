"""R33: an access key is made and its secret delivered, journaled, and known to nobody but the destination.

The journal has the intent with the keys of before, then the id and the first digits of the secret's digest, then the
delivery. Only a run that came to its end has delivered: of any other the keys that its user did not have before are taken
back by the steps `replacement-key` and `replacement-secret`, and another one is made.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sakimori.actions.journal import Entry, Journal, Line
from sakimori.actions.respond.replace import replacement_key
from sakimori.actions.respond.replace.destination import (
    Destination,
    NewKey,
    Target,
    check_file,
    check_secret,
    deliver_to_service,
    write_file,
)
from sakimori.actions.respond.replace.replacement_key import keys_of
from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Call
from sakimori.model.errors import ActionError, UsageError

PLAN: Final = "replacement-key"
"""Stands in a journal in the place of a plan's id: a secret is never planned."""
_DIGITS: Final = 12
_LIMIT: Final = "LimitExceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A key that was made and delivered; `digest` are the first 12 hexadecimal digits of the SHA-256 of its secret."""

    user: str
    key_id: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMaking:
    """Makes one key for the user of `site` (its ARN is the site's resource). The journal has its beginning already."""

    site: Site
    destination: Destination
    journal: Journal
    clock: Callable[[], datetime]
    created: Callable[[MadeKey], None]
    """Told when the key is there and not yet delivered."""

    def make(self) -> MadeKey:
        """The key. UsageError or ActionError where it cannot be made or delivered; then what came of it is still to be taken back."""
        before = self._read(replacement_key.STEP, self.site)
        delivered_before = self._check()
        key = self._created(before)
        made = MadeKey(user=self.site.resource, key_id=key.id, digest=digest_of(key.secret))
        self.created(made)
        if self.destination.target is Target.FILE:
            write_file(Path(self.destination.name), key)
        else:
            self._deliver(key, delivered_before)
        now: State = {"keys": sorted((*before["keys"], key.id))}
        self._write(Entry.VERIFIED, replacement_key.ID, self.site, holds=True, now=now, undone=False)
        return made

    def _check(self) -> State:
        """What is at the destination: nothing is made that could not be delivered, as far as that is known before."""
        if self.destination.target is Target.FILE:
            check_file(Path(self.destination.name))
            return {}
        step = self.destination.step
        assert step is not None  # noqa: S101 - of a service there is one
        place = self.destination.at(self.site)
        found = self._read(step, place)
        if self.destination.target is Target.SECRET:
            check_secret(self.destination, place)
        if self.destination.target is Target.PARAMETER and found.get("type", "SecureString") != "SecureString":
            raise UsageError("respond_rotate.parameter_is_open", name=self.destination.name)
        return found

    def _created(self, before: State) -> NewKey:
        name = self.site.resource.rpartition("/")[2]
        call = Call(operation=replacement_key.CREATE, region=self.site.region, parameters={"UserName": name})
        told = {"change": "key", "call": asdict(call), "undo": []}
        self._write(Entry.INTENT, replacement_key.ID, self.site, **told, before=before)
        try:
            answer = (self.site.call(call.operation, **call.parameters) or {})["AccessKey"]
        except Refusal as refusal:
            self._write(Entry.FAILED, replacement_key.ID, self.site, **told, code=refusal.code, message="")
            if refusal.code == _LIMIT:
                raise UsageError("respond_rotate.limit", user=name) from refusal
            raise _refused(replacement_key.ID, self.site, refusal) from refusal
        key = NewKey(user=name, id=str(answer["AccessKeyId"]), secret=str(answer["SecretAccessKey"]))
        kept = {"AccessKeyId": key.id, "sha256_12": digest_of(key.secret)}
        self._write(Entry.RESULT, replacement_key.ID, self.site, **told, answer=kept)
        return key

    def _deliver(self, key: NewKey, before: State) -> None:
        step, site = self.destination.step, self.destination.at(self.site)
        assert step is not None  # noqa: S101 - of a service there is one
        # Only what names the place: the value is no part of what is written down.
        call = Call(operation=self.destination.call, region=site.region, parameters={"Name": self.destination.name})
        told = {"change": "delivery", "call": asdict(call), "undo": []}
        self._write(Entry.INTENT, step.id, site, **told, before=before)
        try:
            deliver_to_service(self.destination, site, key, before)
        except Refusal as refusal:
            # AWS's words may repeat what was sent.
            self._write(Entry.FAILED, step.id, site, **told, code=refusal.code, message="")
            raise _refused(step.id, site, refusal) from None
        self._write(Entry.RESULT, step.id, site, **told, answer={"AccessKeyId": key.id})
        self._write(Entry.VERIFIED, step.id, site, holds=True, now=self._read(step, site), undone=False)

    def _read(self, step: Step, site: Site) -> State:
        try:
            return keys_of(site) if step.id == replacement_key.ID else step.read(site)
        except Refusal as refusal:
            raise _refused(step.id, site, refusal) from refusal

    def _write(self, kind: Entry, step: str, site: Site, **told: object) -> None:
        place = {"step": step, "region": site.region, "resource": site.resource}
        self.journal.write(kind, self.clock(), {**place, **told})


def digest_of(secret: str) -> str:
    """By which a secret can be known again by who has it, and by nobody else."""
    return hashlib.sha256(secret.encode()).hexdigest()[:_DIGITS]


def is_undelivered(lines: Sequence[Line]) -> bool:
    """Whether these lines are of a run that makes a key and did not come to its end, nor was taken back to its end."""
    begun: Mapping[str, Any] | None = next((line.body for line in lines if line.kind is Entry.BEGIN), None)
    return bool(begun) and begun.get("plan") == PLAN and not any(line.kind is Entry.END for line in lines)


def _refused(step: str, site: Site, refusal: Refusal) -> ActionError:
    where = f"{site.region} {site.resource}"
    return ActionError("harden.refused", step=step, region=where, call=refusal.call, code=refusal.code)
