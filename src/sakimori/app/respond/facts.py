"""The case as its reports and its reply are written from: every claim from a line of the log that names its evidence."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sakimori.actions.journal import Entry, journal_path, read_journal
from sakimori.actions.respond.erasing import ERASING, erasure_of
from sakimori.analysis.incident.form import Made
from sakimori.app.respond.case import BY_HAND, KNOWN_PEOPLE, UNREADABLE, Case, RunLine, StepState, moment_of
from sakimori.app.respond.clocks import began_of, detected_at
from sakimori.app.respond.denied_people import denied_at
from sakimori.app.respond.known_people import people_vouched
from sakimori.app.respond.looked_at import entries
from sakimori.app.respond.measures import KEY_OFF, ROLE_DENIED, ROLE_REVOKED, USER_DENIED
from sakimori.app.respond.rail import RAIL
from sakimori.app.respond.removal import list_a, mark_of
from sakimori.model.verdict import Text
from sakimori.outputs.case.causes import is_cause
from sakimori.outputs.case.facts import (
    CaseFacts,
    Claim,
    DataEvents,
    DigestResult,
    DoneStep,
    Item,
    ItemState,
    KeyRotation,
    Moment,
    Negative,
    OtherItem,
    Prevention,
    Review,
    RevokedRole,
    RogueCost,
    RootCause,
    StoppedSession,
    Sweep,
)
from sakimori.texts.language import LANGUAGES, clean
from sakimori.texts.sentences import say, text

_MARKS: Final = 5
_KEY_ERASED: Final = "access-key-erased"
_ENDING_SESSIONS: Final = (ROLE_REVOKED, ROLE_DENIED, "role-erased")
"""A role that may do nothing, or is gone, has no session that works. Source: IAM User Guide, "Disabling permissions for temporary
security credentials"."""
_STOPPED: Final = frozenset({"instance-isolated", "function-stopped", "auto-scaling-suspended"})
_ABUSE: Final = "abuse"
Done = Mapping[tuple[str, str], tuple[datetime, RunLine]]
"""By step of the action catalogue and resource: when it was seen to hold, and by which run."""


def facts_of(directory: Path, case: Case) -> CaseFacts:
    """What is known, with the evidence that shows it."""
    done = _done(directory, case)
    found = list_a(case)
    told = case.answers.get("investigation") or {}
    items = tuple(_item(each, done, case, told) for each in found.made)
    key = f"{case.suspect.user}/{case.suspect.key_id}"
    evidence_of_a = _evidence(case, "R13")
    return CaseFacts(
        case=case.id,
        accounts=_accounts(case, found.made),
        aws_case=case.aws_case,
        subject=case.subject,
        is_abuse=_ABUSE in case.subject.lower(),
        deadline=case.deadline_at,
        began=began_of(case),
        detected=detected_at(case),
        opened=case.opened_at,
        notified=case.notified_at,
        contained=case.contained_at,
        recovered=_at(case, "R70"),
        key_id=case.suspect.key_id,
        user=case.suspect.user_name,
        deactivated=_claim(done, KEY_OFF, key, case),
        deleted=_claim(done, _KEY_ERASED, key, case),
        denied=_claim(done, USER_DENIED, case.suspect.user, case),
        session=_session(done, case),
        roles=tuple(_roles(done, case)),
        roles_assumed=Claim(len(set(case.closure.get("roles", ())) - _own_role(case)), evidence_of_a) if case.closure else None,
        keys=_keys(case),
        review=_review(told),
        iam_items=Claim(tuple(each for each in items if each.kind.startswith("AWS::IAM::")), evidence_of_a) if case.closure else None,
        resources=Claim(tuple(each for each in items if not each.kind.startswith("AWS::IAM::")), evidence_of_a) if case.closure else None,
        others=tuple(
            OtherItem(kind="", id=f"{each['count']} ×", account=each["account"], region="", at=datetime.fromisoformat(each["at"]), by=each["principal"])
            for each in told.get("others", ())
        ),
        second_sweep=_sweep(case),
        prevention=_prevention(case),
        cause=_cause(case),
        residual=tuple(_residual(case, told)),
        costs=tuple(_costs(told)),
        steps=tuple(_steps(case)),
        moments=tuple(_moments(told)),
        negatives=tuple(_negatives(told)),
        open_questions=tuple(_open_questions(case)),
    )  # fmt: skip


def _accounts(case: Case, made: Iterable[Made]) -> tuple[str, ...]:
    """The accounts that the thief was in; those that were only looked at are nobody's business."""
    told = (case.suspect.account, *(str(each.get("account", "")) for each in case.closure.get("credentials", ())), *(each.account for each in made))  # fmt: skip
    outside = set(case.closure.get("external_accounts", ()))
    return tuple(dict.fromkeys(each for each in told if each and each not in outside))


def _done(directory: Path, case: Case) -> Done:
    """What the journals of the case say was seen to hold and was not taken back."""
    found: dict[tuple[str, str], tuple[datetime, RunLine]] = {}
    for run in case.runs:
        path = journal_path(directory, run.account, run.run)
        for line in read_journal(path) if path.exists() else ():
            if line.kind is Entry.VERIFIED and line.body["holds"]:
                place = (str(line.body["step"]), str(line.body["resource"]))
                if line.body["undone"]:
                    found.pop(place, None)
                else:
                    found.setdefault(place, (line.at, run))
    return found


def _claim(done: Done, step: str, resource: str, case: Case) -> Claim[datetime] | None:
    if (step, resource) not in done:
        return None
    at, run = done[step, resource]
    return Claim(at, _evidence(case, run.step))


def _own_role(case: Case) -> set[str]:
    """The role whose session it began with: that one was not assumed by what leaked."""
    return {case.suspect.role} if case.suspect.key_id else set()


def _session(done: Done, case: Case) -> Claim[StoppedSession] | None:
    credentials = case.closure.get("credentials", ())
    principal = next(
        (str(each.get("principal", "")) for each in credentials if each.get("id") == case.suspect.key_id), ""
    )
    person = principal.rpartition("/")[2]
    at = denied_at(case, person) if person else None
    if at is not None:
        return Claim(StoppedSession(at=at, name=person, is_person=True), _evidence(case, "R12"))
    for step in _ENDING_SESSIONS:
        if claim := _claim(done, step, case.suspect.role, case):
            name = case.suspect.role.rpartition("/")[2]
            return Claim(StoppedSession(at=claim.value, name=name, is_person=False), claim.evidence)
    return None


def _roles(done: Done, case: Case) -> Iterator[RevokedRole]:
    """Those whose sessions were ended, each when it was first."""
    roles = {resource for step, resource in done if step in _ENDING_SESSIONS} - _own_role(case)
    for role in sorted(roles):
        at, run = min((done[step, role] for step in _ENDING_SESSIONS if (step, role) in done), key=lambda each: each[0])
        yield RevokedRole(arn=role, at=at, evidence=_evidence(case, run.step))


def _evidence(case: Case, step: str) -> tuple[str, ...]:
    line = case.steps.get(step)
    return line.evidence if line else ()


def _at(case: Case, step: str) -> datetime | None:
    line = case.steps.get(step)
    return line.at if line and line.state is StepState.DONE else None


def _item(made: Made, done: Done, case: Case, told: Mapping[str, Any]) -> Item:
    state, at, evidence = _state(made, done, case)
    hourly = next(
        (each["hourly"] for each in told.get("costs", ()) if (each["kind"], each["id"]) == (made.kind, made.id)), None
    )
    return Item(
        kind=made.kind, id=made.id or made.arn, account=made.account, region=made.region, at=made.at, change=made.change,
        is_created=made.is_created, by=made.by, state=state, state_at=at, evidence=(*_evidence(case, "R13"), *evidence),
        hourly=Decimal(str(hourly)) if hourly is not None else None,
    )  # fmt: skip


def _by_hand(made: Made, case: Case) -> tuple[ItemState, datetime | None, tuple[str, ...]]:
    """What no step does is done where a person says so; it rests on that word, and the reply says that."""
    for each in entries(case, BY_HAND):
        if mark_of(made) in each["marks"]:
            return ItemState.BY_HAND, each["at"], _evidence(case, "R64")
    return ItemState.OPEN, None, ()


def _state(made: Made, done: Done, case: Case) -> tuple[ItemState, datetime | None, tuple[str, ...]]:
    erasure = erasure_of(made)
    if erasure is not None and (erasure.step, erasure.resource) in done:
        at, run = done[erasure.step, erasure.resource]
        is_gone = made.is_created and erasure.step == ERASING.get(made.kind) and "erased" in erasure.step
        return (ItemState.DELETED if is_gone else ItemState.RESTORED if not made.is_created else ItemState.STOPPED), at, _evidence(case, run.step)  # fmt: skip
    if not made.is_created and (whole := _whole_of(made, done)) is not None:
        at, run = whole
        return ItemState.DELETED, at, _evidence(case, run.step)
    resource = erasure.resource if erasure else made.arn
    for (step, whose), (at, run) in done.items():
        if whose == resource and (step in _STOPPED or step in {KEY_OFF, USER_DENIED}):
            return ItemState.STOPPED, at, _evidence(case, run.step)
    return _by_hand(made, case)


def _whole_of(made: Made, done: Done) -> tuple[datetime, RunLine] | None:
    """When what this is a part of was erased."""
    step = ERASING.get(made.kind, "")
    return done.get((step, made.arn)) if step.endswith("-erased") else None


def _keys(case: Case) -> Claim[tuple[KeyRotation, ...]] | None:
    told = case.answers.get("keys")
    if not told:
        return None
    evidence = (str(told["evidence"]),) if told.get("evidence") else ()
    keys = tuple(
        KeyRotation(key_id=str(each["key_id"]), user=str(each["user"]), rotated_at=moment_of(each.get("rotated_at")), evidence=evidence)
        for each in told["keys"]
    )  # fmt: skip
    return Claim(keys, evidence)


def _review(told: Mapping[str, Any]) -> Claim[Review] | None:
    since = moment_of(told.get("since"))
    if since is None:
        return None
    verified, listed = told["digest_files"]
    data = {True: DataEvents.PARTIAL, False: DataEvents.NONE, None: DataEvents.NONE}[told["has_data_events"]]
    review = Review(
        since=since, until=datetime.fromisoformat(told["until"]), regions=told["regions"], regions_enabled=told["regions_enabled"],
        events=told["events"], data_events=data, digest=DigestResult(told["digest"]), digest_files=(verified, listed),
    )  # fmt: skip
    return Claim(review, (told["evidence"],))


def _sweep(case: Case) -> Claim[Sweep] | None:
    told, line = case.answers.get("sweep"), case.steps.get("R64")
    if not told or line is None:
        return None
    regions = int(told["regions"])
    sweep = Sweep(
        at=datetime.fromisoformat(told["at"]), regions=regions, regions_enabled=regions, left=int(told["left"])
    )
    return Claim(sweep, line.evidence)


def _prevention(case: Case) -> Prevention:
    told = case.answers.get("prevention")
    if not told:
        return Prevention()
    evidence = (str(told["evidence"]),)
    return Prevention(
        cost_services=Claim(tuple(told["watching"]), evidence),
        security_services=Claim(tuple(told["protecting"]), evidence),
    )


def _cause(case: Case) -> RootCause:
    told = case.answers.get("cause") or {}
    evidence = (str(told["evidence"]),) if told.get("evidence") else ()
    cause, note = str(told.get("cause", "")), str(told.get("note", ""))
    if cause and not is_cause(cause):  # of another version of the program, or of nobody's
        cause, note = "", f"{cause} {note}".rstrip()
    return RootCause(cause=cause, fix=_both(told.get("fix") or ""), note=note, evidence=evidence)


def _residual(case: Case, told: Mapping[str, Any]) -> Iterator[Claim[Text]]:
    evidence = (str(told["evidence"]),) if told.get("evidence") else ()
    if told.get("unread") or case.closure.get("unread"):
        yield Claim(text("respond.residual_unread"), evidence or _evidence(case, "R13"))
    for each in entries(case, UNREADABLE):
        values = {"count": len(each["marks"]), "marks": each["marks"][:_MARKS], "by": clean(each["by"], 80), "words": clean(each["text"], 300)}  # fmt: skip
        both = {lang: say("respond.residual_unreadable", lang, **values) for lang in LANGUAGES}
        yield Claim(Text(en=both["en"], ja=both["ja"]), _evidence(case, "R13"))
    vouched = people_vouched(case)
    for each in (one for one in entries(case, KNOWN_PEOPLE) if one["marks"][0] in vouched):
        # The first mark is the name, the others are the name with an address.
        values = {"user": clean(each["marks"][0], 128), "count": len(each["marks"]) - 1, "by": clean(each["by"], 80), "words": clean(each["text"], 300)}  # fmt: skip
        both = {lang: say("respond.residual_vouched", lang, **values) for lang in LANGUAGES}
        yield Claim(Text(en=both["en"], ja=both["ja"]), _evidence(case, "R13"))
    if spared := [str(each) for each in case.closure.get("spared", ())]:
        values = {"count": len(spared), "spared": [each[-4:] if each.startswith("AKIA") else each for each in spared[:_MARKS]]}  # fmt: skip
        both = {lang: say("respond.residual_spared", lang, **values) for lang in LANGUAGES}
        yield Claim(Text(en=both["en"], ja=both["ja"]), _evidence(case, "R13"))
    if told.get("is_cut"):
        yield Claim(text("respond.residual_cut"), evidence)
    if told.get("agrees") is False:
        yield Claim(text("respond.residual_counts_differ"), evidence)


def _costs(told: Mapping[str, Any]) -> Iterator[RogueCost]:
    for each in told.get("costs", ()):
        if each["usd"] is not None:
            yield RogueCost(
                account=each["account"], region=each["region"], usage=f"{each['kind']} {each['size']}".strip(), resource=each["id"],
                amount=Decimal(str(round(each["usd"], 2))), evidence=(told["evidence"],),
            )  # fmt: skip


def _steps(case: Case) -> Iterator[DoneStep]:
    for step in RAIL:
        line = case.steps.get(step.id)
        if line is not None and line.state is StepState.DONE:
            run = next((each.run for each in reversed(case.runs) if each.step == step.id), "")
            yield DoneStep(
                id=step.id, title=text(step.title), at=line.at, by=line.by, approved_by=case.approvers_of(step.id), run=run,
                evidence=line.evidence,
            )  # fmt: skip


def _moments(told: Mapping[str, Any]) -> Iterator[Moment]:
    for each in told.get("moments", ()):
        words = f"{', '.join(each['calls'])} × {each['count']}" + (f" ({each['error']})" if each["error"] else "")
        yield Moment(
            at=datetime.fromisoformat(each["at"]), what=Text(en=words, ja=words), source="CloudTrail", account=each["account"],
            region=each["region"], actor=each["actor"], raw=each["resource"], evidence=(told["evidence"],),
        )  # fmt: skip


def _negatives(told: Mapping[str, Any]) -> Iterator[Negative]:
    for each in told.get("negatives", ()):
        yield Negative(
            question=_both(each["question"]), coverage=_both(each["coverage"]), is_complete=bool(each["is_complete"]),
            evidence=(told["evidence"],),
        )  # fmt: skip


def _open_questions(case: Case) -> Iterator[Text]:
    for _, by, words in case.notes:
        said = f"{by}: {words}"
        yield Text(en=said, ja=said)


def _both(told: str | Mapping[str, str]) -> Text:
    """What a person wrote in one language stands in both."""
    return Text(en=told, ja=told) if isinstance(told, str) else Text(en=told["en"], ja=told.get("ja") or told["en"])
