"""The numbered parts of the reply to AWS, each sentence from a claim that has evidence."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from sakimori.outputs.case.causes import find_cause
from sakimori.outputs.case.facts import (
    CaseFacts,
    Claim,
    DataEvents,
    DigestResult,
    Item,
    ItemState,
    Review,
    StoppedSession,
)
from sakimori.outputs.case.reply_form import ReplyFault, Sentence, Weight
from sakimori.outputs.case.reply_tables import Table, item_table, shown_rows
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

T = TypeVar("T")

LEAST_COST_SERVICES: Final = 2
LEAST_SECURITY_SERVICES: Final = 1
SERVICES: Final = {
    "budgets": "harden_case.budgets",
    "cloudtrail": "harden_case.cloudtrail",
    "trusted-advisor": "harden_case.trusted_advisor",
    "cost-anomaly-detection": "harden_case.cost_anomaly_detection",
    "mfa": "harden_case.mfa",
    "security-hub": "harden_case.security_hub",
    "guardduty": "harden_case.guardduty",
}
"""By requirement of the framework `aws-key-reply`: what the service is called."""
_FREE_TEXT: Final = 280
_MOST_RESIDUAL: Final = 6
_IAM_FILE: Final = "iam-changes.csv"
_RESOURCE_FILE: Final = "resources.csv"
_RESOURCES: Final = ("case_reply.resources_none", "case_reply.resources_done", "case_reply.resources_partly", "case_reply.resources_yet")  # fmt: skip


@dataclass(slots=True)
class Sections:
    """Writes the parts of one reply with tables of at most `rows` rows; `faults` fills meanwhile, `tables` too."""

    facts: CaseFacts
    language: Language
    rows: int
    faults: list[ReplyFault] = field(default_factory=list[ReplyFault])
    tables: list[Table] = field(default_factory=list[Table])

    def parts(self) -> list[list[Sentence]]:
        """The parts that have anything to say, in order."""
        made = (self._key(), self._keys(), self._reviewed(), self._resources(), self._prevention(), self._residual())
        return [part for part in map(list, made) if part]

    def services(self, claim: Claim[tuple[str, ...]]) -> tuple[str, ...]:
        """The services of a claim by the names that people know; none without evidence."""
        known = tuple(each for each in claim.value if each in SERVICES)
        if known and not claim.evidence:
            self._miss("no_evidence", "what_prevention")
            return ()
        return tuple(say(SERVICES[each], self.language) for each in known)

    # -- 1: the key ------------------------------------------------------------------------

    def _key(self) -> Iterator[Sentence]:
        facts = self.facts
        if facts.is_temporary:
            yield from self._session()
        elif facts.key_id:
            yield from self._key_itself()
        denied = self._claimed(facts.denied, "what_denied") if facts.denied else None
        if denied:
            # Where a key is named, its user is told with it.
            is_told = facts.key_id and not facts.is_temporary
            name = "case_reply.denied_user" if facts.user and not is_told else "case_reply.denied"
            yield self._said(name, denied.evidence, user=clean(facts.user, 64), at=denied.value)
        yield from self._roles()

    def _key_itself(self) -> Iterator[Sentence]:
        facts = self.facts
        deactivated = self._claimed(facts.deactivated, "what_deactivated")
        if deactivated:
            name = "case_reply.deactivated_user" if facts.user else "case_reply.deactivated"
            told = {"key": facts.key_id, "user": clean(facts.user, 64), "at": deactivated.value}
            yield self._said(name, deactivated.evidence, **told)
        deleted = self._claimed(facts.deleted, "what_deleted") if facts.deleted else None
        if deleted:
            yield self._said("case_reply.deleted", deleted.evidence, at=deleted.value)
        else:
            self.faults.append(ReplyFault(weight=Weight.WARNING, text="case_reply.key_not_deleted"))

    def _session(self) -> Iterator[Sentence]:
        if self.facts.denied:
            return  # a session of the user's own, of whom it is told
        stopped = self._claimed(self.facts.session, "what_session")
        if stopped:
            yield session_sentence(self.facts.key_id, stopped, self.language)

    def _roles(self) -> Iterator[Sentence]:
        assumed = self._claimed(self.facts.roles_assumed, "what_roles")
        if not assumed:
            return
        if not assumed.value:
            yield self._said(
                "case_reply.roles_none" if self.facts.key_id else "case_reply.sessions_none", assumed.evidence
            )
            return
        revoked = self._shown(self.facts.roles, "what_roles")
        if not revoked:
            self._miss("not_known", "what_roles")
            return
        of = "roles" if self.facts.key_id else "sessions"
        name = f"case_reply.{of}_revoked" if len(revoked) >= assumed.value else f"case_reply.{of}_partly"
        evidence = (*assumed.evidence, *(one for role in revoked for one in role.evidence))
        count = max(assumed.value, len(revoked))
        yield self._said(name, evidence, count=count, done=len(revoked), at=max(each.at for each in revoked))

    # -- 2: all keys -----------------------------------------------------------------------

    def _keys(self) -> Iterator[Sentence]:
        keys = self._claimed(self.facts.keys, "what_keys")
        if not keys:
            return
        count, done = len(keys.value), self.facts.rotated
        evidence = (*keys.evidence, *(one for key in keys.value for one in key.evidence))
        if not count:
            yield self._said("case_reply.keys_none", evidence)
        elif done == count:
            yield self._said("case_reply.keys_all", evidence, count=count)
        else:
            told = {"count": count, "done": done}
            self.faults.append(ReplyFault(weight=Weight.WARNING, text="case_reply.keys_not_all", values=told))
            by = self.facts.keys_by
            name = "case_reply.keys_partly" if by else "case_reply.keys_partly_open"
            yield self._said(name, evidence, **told, by=by)

    # -- 3: what was looked through -------------------------------------------------------------

    def _reviewed(self) -> Iterator[Sentence]:
        review = self._claimed(self.facts.review, "what_review")
        if review:
            found = review.value
            name = "case_reply.reviewed" if _is_everywhere(found) else "case_reply.reviewed_partly"
            yield self._said(
                name, review.evidence, since=found.since, until=found.until, regions=found.regions,
                enabled=found.regions_enabled, events=found.events,
            )  # fmt: skip
            yield from self._digest(found, review.evidence)
            yield from (self._said(name, review.evidence, count=found.data_reads) for name in data_sentences(found))
        items = self._claimed(self.facts.iam_items, "what_iam")
        if items:
            none = "case_reply.iam_none"
            if self.facts.roles_assumed is None or self.facts.roles_assumed.value:
                none = "case_reply.iam_none_but_sessions"
            yield from self._items(
                items, (none, "case_reply.iam_done", "case_reply.iam_partly", "case_reply.iam_yet"), _IAM_FILE
            )

    def _digest(self, found: Review, evidence: tuple[str, ...]) -> Iterator[Sentence]:
        done, count = found.digest_files
        if found.digest is DigestResult.FAILED:
            self.faults.append(ReplyFault(weight=Weight.REFUSED, text="case_reply.digest_failed"))
        elif found.digest is not DigestResult.NOT_RUN and done:
            yield self._said("case_reply.digest", evidence, done=done, count=count)

    # -- 4: resources --------------------------------------------------------------------------

    def _resources(self) -> Iterator[Sentence]:
        items = self._claimed(self.facts.resources, "what_resources")
        if items:
            yield from self._items(items, _RESOURCES, _RESOURCE_FILE)
        sweep = self._claimed(self.facts.second_sweep, "what_sweep")
        if sweep:
            found = sweep.value
            is_clear = not found.left and found.regions_enabled and found.regions >= found.regions_enabled
            name = "case_reply.sweep_clear" if is_clear else "case_reply.sweep_partly"
            told = {"regions": found.regions, "enabled": found.regions_enabled, "left": found.left}
            yield self._said(name, sweep.evidence, at=found.at, **told)

    def _items(self, claim: Claim[tuple[Item, ...]], names: tuple[str, str, str, str], file: str) -> Iterator[Sentence]:
        rogue = [each for each in claim.value if each.state is not ItemState.KEPT]
        shown = self._shown(rogue, "what_iam" if file == _IAM_FILE else "what_resources")
        none, done_all, partly, yet = names
        if not rogue:
            review = self.facts.review
            if review is None or not _is_everywhere(review.value):
                yield Sentence(text=say("case_reply.scope", self.language), is_claim=False)
            yield self._said(none, claim.evidence)
            return
        if not shown:
            return
        done = [each for each in shown if each.state is not ItemState.OPEN]
        ends = [each.state_at for each in done if each.state_at]
        is_all = len(done) == len(rogue) and len(ends) == len(done)
        told: dict[str, Any] = {"count": len(shown), "done": len(done), "at": max(ends) if ends else None}
        yield self._said(done_all if is_all else partly if done else yet, claim.evidence, **told)
        table = item_table(shown, file, self.rows, self.language)
        yield from shown_rows(table, self.language)
        self.tables.append(table)

    # -- 5 and 6: prevention, cause, what is open --------------------------------------------------

    def _prevention(self) -> Iterator[Sentence]:
        prevention = self.facts.prevention
        cost, security = self.services(prevention.cost_services), self.services(prevention.security_services)
        if len(cost) < LEAST_COST_SERVICES or len(security) < LEAST_SECURITY_SERVICES:
            told = {"cost": LEAST_COST_SERVICES, "security": LEAST_SECURITY_SERVICES, "cost_held": len(cost), "security_held": len(security)}  # fmt: skip
            self.faults.append(ReplyFault(weight=Weight.WARNING, text="case_reply.few_services", values=told))
        if cost or security:
            evidence = (*prevention.cost_services.evidence, *prevention.security_services.evidence)
            yield self._said("case_reply.prevention", evidence, services=[*cost, *security])
        cause = self.facts.cause
        if cause.cause and cause.evidence:
            phrase = find_cause(cause.cause).phrase.in_(self.language)
            yield self._said("case_reply.cause", cause.evidence, phrase=phrase)
            fix = cause.fix.in_(self.language)
            if fix:
                yield self._said("case_reply.fix", cause.evidence, fix=clean(fix, _FREE_TEXT).rstrip(".。 "))
            elif cause.fix.en or cause.fix.ja:
                self._miss("not_known", "what_fix")
            return
        if cause.cause:
            self._miss("no_evidence", "what_cause")
        yield Sentence(text=say("case_reply.cause_unknown", self.language), is_claim=False)

    def _residual(self) -> Iterator[Sentence]:
        for claim in self.facts.residual[:_MOST_RESIDUAL]:
            if claim.evidence:
                what = clean(claim.value.in_(self.language), _FREE_TEXT)
                yield self._said("case_reply.residual", claim.evidence, what=what)
            else:
                self._miss("no_evidence", "what_residual")

    # -- the way of all of them ----------------------------------------------------------------------

    def _said(self, name: str, evidence: Iterable[str], **values: object) -> Sentence:
        return Sentence(text=say(name, self.language, **values), evidence=tuple(dict.fromkeys(evidence)))

    def _claimed(self, claim: Claim[T] | None, what: str) -> Claim[T] | None:
        """The claim where it may be said; a fault tells what is not said, and why."""
        if claim is None:
            self._miss("not_known", what)
            return None
        if not claim.evidence:
            self._miss("no_evidence", what)
            return None
        return claim

    def _shown(self, items: Sequence[Any], what: str) -> list[Any]:
        """Those with evidence."""
        shown = [each for each in items if each.evidence]
        if len(shown) < len(items):
            self._miss("no_evidence", what)
        return shown

    def _miss(self, kind: str, what: str) -> None:
        values = {"what": say(f"case_reply.{what}", self.language)}
        fault = ReplyFault(weight=Weight.WARNING, text=f"case_reply.{kind}", values=values)
        if fault not in self.faults:
            self.faults.append(fault)


def data_sentences(review: Review) -> tuple[str, ...]:
    """The ids of what may be said about data that was taken: *none* only where data events cover everything."""
    reads = ("case_reply.data_reads",) if review.data_reads else ()
    if review.data_events is DataEvents.NONE:
        return (*reads, "case_reply.data_none")
    if review.data_events is DataEvents.PARTIAL or not _is_everywhere(review):
        return (*reads, "case_reply.data_partial")
    if review.data_reads is None:
        return ("case_reply.data_unread",)
    return reads or ("case_reply.data_clear",)


def session_sentence(key: str, stopped: Claim[StoppedSession], language: Language) -> Sentence:
    """How the temporary credentials with which it began were stopped."""
    name = "person_denied" if stopped.value.is_person else "session_revoked"
    told = {"key": key, "name": clean(stopped.value.name, 64), "at": stopped.value.at}
    return Sentence(text=say(f"case_reply.{name}", language, **told), evidence=tuple(dict.fromkeys(stopped.evidence)))


def last_of(times: Iterable[datetime | None]) -> datetime | None:
    """The latest of those that are known."""
    return max((each for each in times if each), default=None)


def _is_everywhere(review: Review) -> bool:
    return 0 < review.regions_enabled <= review.regions
