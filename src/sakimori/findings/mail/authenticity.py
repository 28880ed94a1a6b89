"""Whether a mail is AWS's: proven, not to be told, or likely a forgery, with each reason.

A mail is never called authentic without a signature (DKIM) of the sender's own domain, or SPF and DMARC for it, that the server
which received it has checked. Source of what AWS never does: "How do I make sure that the email that I received is actually from
Amazon?", https://repost.aws/knowledge-center/amazon-spoofed-email.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sakimori.findings.mail.extraction import Named
from sakimori.findings.mail.hosts import (
    Host,
    Voice,
    host_of,
    is_imitation,
    is_within,
    judge_host,
    judge_sender,
    organisation,
)
from sakimori.findings.mail.kinds import BY_NAME, OTHER, UNRELATED, speaks_of_aws
from sakimori.findings.mail.message import Address, Link, Mail, Passing
from sakimori.findings.mail.results import Results, Trace, trace_of


class Verdict(StrEnum):
    """Each has its sentence `mail.verdict_<value>`."""

    AUTHENTIC = "authentic"
    UNVERIFIED = "unverified"
    SUSPICIOUS = "suspicious"


class Weight(StrEnum):
    """What a reason does."""

    STRONG = "strong"
    """By itself it makes the mail suspicious."""
    WEAK = "weak"
    """Two of them do, where nothing proves the sender."""
    NOTE = "note"
    """It says what could not be told."""
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `name` has its sentence `mail.reason_<name>`, which quotes `value`."""

    name: str
    weight: Weight
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticity:
    """The verdict with its reasons, the gravest first; `server` is who checked the sender, "" where nobody did."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    server: str = ""


_MAX_REASONS: Final = 20
_AWS_NAME: Final = re.compile(r"\baws\b|amazon|アマゾン", re.IGNORECASE)
_HIDDEN: Final = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u061c]")
_MIXED: Final = re.compile("[A-Za-z][\u0370-\u052f]|[\u0370-\u052f][A-Za-z]")
_SECRETS: Final = re.compile(
    r"(?:enter|confirm|verify|provide|send|submit|reply\s+with|update)\s+(?:us\s+)?(?:your|the)\s+(?:current\s+|aws\s+|account\s+|root\s+)*(?:password|secret\s+(?:access\s+)?key|mfa\s+code|credit\s+card|card\s+number|login\s+credentials|one[\s-]time)"
    r"|(?:パスワード|シークレット(?:アクセス)?キー|クレジットカード(?:番号|情報)?|カード情報|認証コード|ワンタイム)(?:と[^。\n]{0,20})?を[^。\n]{0,12}(?:入力|返信|送信|ご提供|お知らせ|ご記入)",
    re.IGNORECASE,
)
_DANGEROUS: Final = re.compile(
    r"\.(?:exe|scr|js|jse|vbs|vbe|hta|html?|shtml|svg|zip|rar|7z|iso|img|lnk|bat|cmd|ps1|docm|xlsm|pptm|jar|msi|one)\s*$",
    re.IGNORECASE,
)
_SHOWN_HOST: Final = re.compile(r"(?:https?://)?((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})(?:[/:?#]\S*)?", re.IGNORECASE)
_QUOTING: Final = frozenset({"abuse-report", "key-exposed", "guardduty", "health-credentials", "irregular-activity"})
"""Kinds that quote addresses of others: where a key lies, what was attacked."""
_RANK: Final = {weight: rank for rank, weight in enumerate((Weight.STRONG, Weight.WEAK, Weight.PROOF, Weight.NOTE))}


def judge(mail: Mail, kind: str, named: Named) -> Authenticity:
    """Whether it is AWS's own, with reasons."""
    trace = trace_of(mail) if mail.passing is Passing.DIRECT else Trace()
    proof = _proof(mail, trace.trusted)
    reasons = [
        *_passing(mail, trace),
        *_sender(mail, kind),
        *_checks(mail, trace, is_proven=proof is not None),
        *_links(mail, kind, named, is_proven=proof is not None),
        *_content(mail),
    ]
    if proof:
        reasons.append(proof)
    kept = sorted(dict.fromkeys(reasons), key=lambda each: _RANK[each.weight])[:_MAX_REASONS]
    return Authenticity(
        verdict=_verdict(kept), reasons=tuple(kept), server=trace.trusted.server if trace.trusted else ""
    )


def _verdict(reasons: list[Reason]) -> Verdict:
    weights = [each.weight for each in reasons]
    is_proven = Weight.PROOF in weights
    if Weight.STRONG in weights or (weights.count(Weight.WEAK) > 1 and not is_proven):
        return Verdict.SUSPICIOUS
    return Verdict.AUTHENTIC if is_proven else Verdict.UNVERIFIED


def _proof(mail: Mail, results: Results | None) -> Reason | None:
    """A passed check of the domain in From, where that one is a sender of AWS's; None without one."""
    domain = mail.sender.domain
    if results is None or judge_sender(domain) not in {Voice.AWS, Voice.RELAY}:
        return None
    if any(result == "fail" and about in {"", domain} for result, about in results.dmarc):
        return None
    for result, signer in results.dkim:
        if result == "pass" and _is_aligned(signer, domain):
            return Reason("dkim_passes", Weight.PROOF, signer)
    has_dmarc = any(result == "pass" and about == domain for result, about in results.dmarc)
    if has_dmarc and any(result == "pass" and _is_aligned(about, domain) for result, about in results.spf):
        return Reason("spf_passes", Weight.PROOF, domain)
    return None


def _is_aligned(signer: str, domain: str) -> bool:
    """Whether a checked domain speaks for the sender's: the same or one above it; below it only where all names are Amazon's."""
    if not signer or judge_sender(signer) not in {Voice.AWS, Voice.RELAY}:
        return False
    return is_within(domain, signer) or (
        organisation(domain) in {"amazon.com", "aws.com", "amazon.co.jp"}
        and organisation(signer) == organisation(domain)
    )


def _passing(mail: Mail, trace: Trace) -> Iterator[Reason]:
    if mail.passing is not Passing.DIRECT:
        yield Reason(f"passed_{mail.passing}", Weight.NOTE, mail.forwarder.address)
    elif trace.trusted is None:
        yield Reason(
            "untrusted_results" if trace.others else "no_results",
            Weight.NOTE,
            trace.others[0].server if trace.others else "",
        )


def _sender(mail: Mail, kind: str) -> Iterator[Reason]:
    sender = mail.quoted.sender if mail.passing is Passing.INLINE and mail.quoted.sender.domain else mail.sender
    voice = judge_sender(sender.domain)
    if voice is Voice.LOOKALIKE:
        yield Reason("lookalike_sender", Weight.STRONG, sender.domain)
    elif voice is Voice.AMAZON:
        yield Reason("unknown_sender", Weight.WEAK, sender.domain)
    elif voice is Voice.FOREIGN and not _is_list(mail):
        yield from _foreign(mail, sender)
    if voice is Voice.RELAY and kind in BY_NAME and BY_NAME[kind].is_of_credentials:
        yield Reason("wrong_voice", Weight.STRONG, sender.address)
    if _is_amazon(voice) and mail.passing is Passing.DIRECT:
        yield from _elsewhere(mail)


def _foreign(mail: Mail, sender: Address) -> Iterator[Reason]:
    if _AWS_NAME.search(sender.name) and not (mail.passing is Passing.INLINE and sender is mail.sender):
        yield Reason("spoofed_name", Weight.STRONG, sender.address)
    elif mail.passing is not Passing.INLINE or sender is not mail.sender:
        yield Reason("foreign_sender", Weight.WEAK, sender.address)


def _elsewhere(mail: Mail) -> Iterator[Reason]:
    """Answers or bounces that go to somebody else."""
    if mail.reply_to.domain and judge_sender(mail.reply_to.domain) in {Voice.FOREIGN, Voice.LOOKALIKE}:
        yield Reason("reply_elsewhere", Weight.STRONG, mail.reply_to.address)
    back = mail.return_path.domain
    if back and judge_sender(back) in {Voice.FOREIGN, Voice.LOOKALIKE} and not is_within(back, "amazonses.com"):
        yield Reason("bounces_elsewhere", Weight.WEAK, mail.return_path.address)


def _checks(mail: Mail, trace: Trace, *, is_proven: bool) -> Iterator[Reason]:
    results = trace.trusted
    if results is not None and _is_amazon(judge_sender(mail.sender.domain)):
        if any(result == "fail" for result, _ in results.dmarc):
            yield Reason("dmarc_fails", Weight.STRONG, mail.sender.domain)
        elif not is_proven:
            is_failing = any(result in {"fail", "softfail", "permerror"} for result, _ in (*results.dkim, *results.spf))
            yield (
                Reason("checks_fail", Weight.STRONG, mail.sender.domain)
                if is_failing
                else Reason("checks_are_silent", Weight.NOTE, results.server)
            )
    for other in trace.others:
        if other.server == (results.server if results else None) and results and other.says("pass") and not is_proven:
            yield Reason("contradicting_results", Weight.STRONG, other.server)


def _links(mail: Mail, kind: str, named: Named, *, is_proven: bool) -> Iterator[Reason]:
    for link in mail.links:
        yield from _of_link(link)
    if is_proven and judge_sender(mail.sender.domain) is Voice.AWS:
        return
    linked = {link.target for link in mail.links}
    for url in named.urls:
        if url in linked:
            continue
        host, authority = host_of(url), url.partition("://")[2].partition("/")[0]
        whose = judge_host(host)
        if "@" in authority:
            yield Reason("link_hides_host", Weight.STRONG, host)
        elif whose is Host.LOOKALIKE and kind != "abuse-report":
            yield Reason("link_lookalike", Weight.STRONG, host)
        elif whose in {Host.ADDRESS, Host.RENTED, Host.FOREIGN} and kind not in _QUOTING:
            yield Reason(f"link_{whose}", Weight.WEAK, host)


def _of_link(link: Link) -> Iterator[Reason]:
    scheme = link.target.partition(":")[0].lower()
    if scheme in {"mailto", "tel", "cid", "#"} or link.target.startswith("#"):
        return
    if scheme in {"javascript", "data", "file", "vbscript"}:
        yield Reason("link_runs_code", Weight.STRONG, scheme)
        return
    host = host_of(link.target)
    whose = judge_host(host)
    shown = _SHOWN_HOST.fullmatch(link.shown.strip())
    claimed = shown.group(1).lower() if shown else ""
    if "@" in link.target.partition("://")[2].partition("/")[0]:
        yield Reason("link_hides_host", Weight.STRONG, host)
    elif whose is not Host.AWS and claimed and judge_host(claimed) is Host.AWS:
        yield Reason("link_shows_other", Weight.STRONG, host)
    elif whose in {Host.LOOKALIKE, Host.ADDRESS}:
        yield Reason(f"link_{whose}", Weight.STRONG, host)
    elif whose in {Host.RENTED, Host.FOREIGN}:
        yield Reason(f"link_{whose}", Weight.WEAK, host)


def _content(mail: Mail) -> Iterator[Reason]:
    if _SECRETS.search(mail.body):
        yield Reason("asks_for_secrets", Weight.STRONG)
    for name in mail.attachments:
        if _DANGEROUS.search(name):
            yield Reason("dangerous_attachment", Weight.STRONG, name)
    shown = f"{mail.subject}\n{mail.sender.name}\n" + "\n".join(link.shown for link in mail.links)
    if _HIDDEN.search(f"{mail.subject}\n{mail.sender.name}\n{mail.sender.address}"):
        yield Reason("hidden_letters", Weight.STRONG)
    if _MIXED.search(shown):
        yield Reason("mixed_letters", Weight.STRONG)
    if (
        _AWS_NAME.search(mail.sender.name)
        and is_imitation(mail.sender.name.rpartition("@")[2])
        and "@" in mail.sender.name
        and not _is_amazon(judge_sender(mail.sender.domain))
    ):
        yield Reason("spoofed_name", Weight.STRONG, mail.sender.address)


def _is_list(mail: Mail) -> bool:
    """Whether a group of the receiver's own organisation passed it on, with its own address as sender."""
    if not mail.header("list-id"):
        return False
    own = organisation(mail.sender.domain)
    receivers: Iterable[str] = (mail.header("delivered-to"), mail.header("to"), mail.header("x-original-to"))
    return any(own and organisation(each.rpartition("@")[2].strip(" >")) == own for each in receivers)


def _is_amazon(voice: Voice) -> bool:
    return voice in {Voice.AWS, Voice.RELAY, Voice.AMAZON}


def is_worth_telling(mail: Mail, kind: str, authenticity: Authenticity) -> bool:
    """Whether a mail concerns AWS: one of its kinds, or one in AWS's name that is likely a forgery."""
    if kind not in {UNRELATED, OTHER}:
        return True
    names_aws = kind == OTHER or speaks_of_aws(mail.sender.name, mail.sender.domain, mail.body)
    return names_aws and authenticity.verdict is Verdict.SUSPICIOUS
