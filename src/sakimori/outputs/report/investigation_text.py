"""The sentences of an investigation, the same on a terminal and on a page."""

from collections.abc import Iterator, Sequence
from typing import Final

from sakimori.analysis.incident.form import Credential, CredentialKind, Looked, Made
from sakimori.analysis.incident.investigation import Investigation
from sakimori.analysis.incident.questions import Answer, Answered
from sakimori.outputs.report.words import counted
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

_NAMED: Final = 12
_MANY: Final = 3


def title_of(found: Investigation, language: Language) -> str:
    """What was investigated."""
    kind = say(f"investigate.subject_{found.subject.kind}", language)
    return say("investigate.title", language, kind=kind, id=found.subject.id)


def head_lines(found: Investigation, language: Language) -> Iterator[str]:
    """The window, the counts, and what a reader must know before he trusts anything below."""
    until = show_time(found.until, language)
    if found.since:
        name = "window_guessed" if found.since_is_guessed else "window"
        yield say(f"investigate.{name}", language, since=show_time(found.since, language), until=until)
    profile = found.profile
    yield say(
        "investigate.counts", language, count=found.event_count, denied=profile.denied_count, writes=profile.write_count,
        sessions=profile.session_count, baseline=profile.baseline_count,
    )  # fmt: skip
    for each in found.closure.unread:
        yield say(f"investigate.unread_{each}", language)
    if found.is_cut:
        yield say("investigate.cut", language, count=found.event_count)
    if found.closure.suspects:
        yield say("investigate.suspects", language, names=found.closure.suspects[:_NAMED])
    if found.closure.external_accounts:
        yield say("investigate.external", language, names=found.closure.external_accounts[:_NAMED])


def banner(found: Investigation, language: Language) -> str:
    """What stands above everything where two sources do not agree, "" where they do."""
    other = found.compared
    if other is None or other.agree:
        return ""
    return say(
        "investigate.disagree", language, first=say(f"investigate.source_{other.first}", language),
        second=say(f"investigate.source_{other.second}", language), first_count=other.first_count, second_count=other.second_count,
        only_first=other.only_first_count, only_second=other.only_second_count,
    )  # fmt: skip


def coverage_lines(found: Investigation, language: Language) -> Iterator[str]:
    """What was looked through, whether the sources agree, and whether the files were validated."""
    yield from (_looked(each, language) for each in found.looked)
    if refused := sum(each.files_refused for each in found.looked):
        yield counted("investigate.coverage_refused", refused, language)
    if cut_at := max((each.cut_at for each in found.looked if each.cut_at), default=None):
        yield say("investigate.coverage_cut", language, at=show_time(cut_at, language))
    if found.compared is None:
        is_live = any(each.source == "lookup" and each.regions for each in found.looked)
        yield say("investigate.one_source_live" if is_live else "investigate.one_source", language)
    elif found.compared.agree:
        yield say("investigate.agree", language, count=found.compared.first_count)
    listed = sum(each.listed_count for each in found.validations)
    verified = sum(each.verified_count for each in found.validations)
    if not found.validations:
        yield say("investigate.digest_not_run", language)
    else:
        is_whole = verified == listed and all(each.state == "verified" for each in found.validations)
        name = "digest_verified" if is_whole else "digest_partial"
        yield say(f"investigate.{name}", language, verified=verified, listed=listed)


def _looked(looked: Looked, language: Language) -> str:
    return say(
        f"investigate.coverage_{looked.source}", language, regions=len(looked.regions), regions_asked=looked.regions_asked,
        days=looked.days, days_asked=looked.days_asked, files=looked.files, holes=looked.holes, gaps=len(looked.gaps),
        data=None if looked.has_data_events is None else say(f"investigate.data_{'on' if looked.has_data_events else 'off'}", language),
    )  # fmt: skip


def credential_line(credential: Credential, language: Language) -> str:
    """One credential: whose, from which, until when."""
    if credential.is_outlived:
        life = say("investigate.life_outlived", language)
    elif credential.expires_at is None:
        is_temporary = not credential.is_key or credential.id.startswith("ASIA")
        life = say(f"investigate.life_{'unknown' if is_temporary else 'forever'}", language)
    else:
        name = "life_until" if credential.expiry_is_told else "life_until_most"
        life = say(f"investigate.{name}", language, at=show_time(credential.expires_at, language))
    return say(
        "investigate.credential_line", language, id=credential.id, kind=say(f"investigate.kind_{credential.kind}", language),
        principal=credential.principal or None, by=credential.issued_by or clean(credential.opened_by, 200) or say("investigate.seed", language), life=life,
    )  # fmt: skip


def credential_lines(credentials: Sequence[Credential], language: Language) -> Sequence[tuple[str, int]]:
    """The credentials, each with how many it stands for: many sessions of one name and one role are told together."""
    found: dict[tuple[str, ...], list[Credential]] = {}
    for each in credentials:
        is_session = each.kind is CredentialKind.ROLE_SESSION and bool(each.principal)
        found.setdefault((each.principal, each.role) if is_session else (each.id,), []).append(each)
    return [
        line
        for among in found.values()
        for line in (
            [(_together(among, language), len(among))]
            if len(among) > _MANY
            else [(credential_line(each, language), 1) for each in among]
        )
    ]


def first_credentials(credentials: Sequence[Credential], most: int, language: Language) -> tuple[Sequence[str], int]:
    """At most so many lines, and how many credentials none of them stands for."""
    told = credential_lines(credentials, language)[:most]
    return [line for line, _ in told], len(credentials) - sum(count for _, count in told)


def _together(credentials: Sequence[Credential], language: Language) -> str:
    kind = say(f"investigate.kind_{credentials[0].kind}", language)
    values = {"kind": kind, "principal": credentials[0].principal, "count": len(credentials)}
    issued = [each.issued_at for each in credentials if each.issued_at]
    if len(issued) < len(credentials):
        return say("investigate.credentials_together_undated", language, **values)
    first, last = show_time(min(issued), language), show_time(max(issued), language)
    return say("investigate.credentials_together", language, **values, first=first, last=last)


def made_line(made: Made, language: Language) -> str:
    """One thing of list A."""
    return say(
        "investigate.made_line", language, at=show_time(made.at, language, seconds=True), change=made.change, kind=made.kind,
        id=made.id or made.arn, region=made.region, by=made.by,
    )  # fmt: skip


def answer_line(answer: Answer, found: Investigation, language: Language) -> str:
    """The answer to one question; a "none" carries its coverage."""
    because = [say(f"investigate.because_{each}", language) for each in answer.because]
    if answer.answered is Answered.FOUND and answer.first_at and answer.last_at:
        calls = [f"{call} {count}" for call, count in [*answer.calls.items(), *answer.denied.items()][:_NAMED]]
        return say(
            "investigate.answer_found", language, count=answer.count, denied=answer.denied_count, calls=calls,
            first=show_time(answer.first_at, language), last=show_time(answer.last_at, language),
        )  # fmt: skip
    coverage = " ".join(_looked(each, language) for each in found.looked)
    return say(f"investigate.answer_{answer.answered}", language, because=because, coverage=coverage)


def cost_line(found: Investigation, language: Language) -> str:
    """What the machines cost."""
    cost = found.cost
    return say(
        "investigate.cost_line", language, usd=f"{cost.usd:,.0f}", hour=f"{cost.usd_an_hour:,.2f}", as_of=cost.as_of,
        unknown=cost.unknown_count,
    )  # fmt: skip


def lonely_line(found: Investigation, language: Language) -> str:
    """Reads that were answered where nobody else is, "" where there are none."""
    if not found.lonely:
        return ""
    count = sum(each.count for each in found.lonely)
    return say("investigate.lonely_line", language, count=count, places=len(found.lonely))
