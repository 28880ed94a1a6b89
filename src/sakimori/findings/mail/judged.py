"""A mail as judged: its kind, what it names, whether it is AWS's, by when to act; and the finding that it makes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sakimori.findings.mail.authenticity import Authenticity, Reason, Verdict, Weight, is_worth_telling, judge
from sakimori.findings.mail.deadlines import Deadline, deadline_of
from sakimori.findings.mail.extraction import Named, defanged, named_in
from sakimori.findings.mail.hosts import Host, Voice, host_of, judge_host, judge_sender
from sakimori.findings.mail.kinds import BY_NAME, OTHER, PHISHING, UNRELATED, kind_of
from sakimori.findings.mail.message import Mail, Passing
from sakimori.findings.mail.quoting import plain_subject
from sakimori.model.detection import MAX_RESOURCES, Detection
from sakimori.model.identity import identity
from sakimori.model.verdict import Text
from sakimori.model.words import GLOBAL, Confidence, Severity
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

PRODUCER: Final = "aws-mail"
_MAX_URLS: Final = 20
_AHEAD: Final = timedelta(days=1)
"""How far a mail's Date may lie ahead of our clock and still be believed."""
_CONFIDENCE: Final = {
    Verdict.AUTHENTIC: Confidence.HIGH,
    Verdict.UNVERIFIED: Confidence.MEDIUM,
    Verdict.SUSPICIOUS: Confidence.MEDIUM,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A mail with everything that was found out about it.

    `kind` is what it says that it is (`sakimori.findings.mail.kinds`); `rule` what it is for us: a forgery is of its own kind.
    `urls` are safe to show: those of AWS's own pages stay links unless the mail is suspicious.
    """

    mail: Mail
    kind: str
    named: Named
    authenticity: Authenticity
    deadline: Deadline | None
    sent_at: datetime
    account: str = ""
    account_of_key: Mapping[str, str] = field(default_factory=dict[str, str])
    urls: tuple[str, ...] = ()

    @property
    def is_suspicious(self) -> bool:
        """Likely a forgery."""
        return self.authenticity.verdict is Verdict.SUSPICIOUS

    @property
    def is_recorded(self) -> bool:
        """Whether it opens a finding."""
        return is_worth_telling(self.mail, self.kind, self.authenticity)

    @property
    def rule(self) -> str:
        """The name of the rule of its finding."""
        return f"{PRODUCER}/{PHISHING if self.is_suspicious else self.kind}"

    @property
    def severity(self) -> Severity:
        """How grave it is if it is true; a forgery by itself is of middle gravity."""
        if self.is_suspicious:
            return Severity.MEDIUM
        return BY_NAME[self.kind].severity if self.kind in BY_NAME else Severity.INFORMATIONAL

    @property
    def principal(self) -> str:
        """The ARN of the user whom it names, where account and user are both known and there is one."""
        if self.account and len(self.named.users) == 1:
            return f"arn:aws:iam::{self.account}:user/{self.named.users[0]}"
        return ""


def judge_mail(mail: Mail, now: datetime, account_of: Callable[[str], str]) -> Judged:
    """The mail judged at `now`; `account_of` gives the account of an access key id, "" where it does not say."""
    named = named_in(mail)
    subject = plain_subject(mail.subject)
    is_from_amazon = judge_sender((mail.quoted.sender or mail.sender).domain) in {Voice.AWS, Voice.RELAY, Voice.AMAZON} or judge_sender(mail.sender.domain) in {Voice.AWS, Voice.RELAY}  # fmt: skip
    kind = kind_of(subject or mail.quoted.subject, mail.body, is_from_amazon=is_from_amazon)
    authenticity = judge(mail, kind, named)
    sent_at = _sent_at(mail, now)
    keys = {key: account for key in named.key_ids if (account := account_of(key))}
    hours = BY_NAME[kind].clock_hours if kind in BY_NAME else 0
    return Judged(
        mail=mail,
        kind=kind,
        named=named,
        authenticity=authenticity,
        deadline=deadline_of(mail.body, sent_at, hours) if kind in BY_NAME else None,
        sent_at=sent_at,
        account=_account(named, keys),
        account_of_key=keys,
        urls=_urls(mail, named, is_suspicious=authenticity.verdict is Verdict.SUSPICIOUS),
    )


def detection_of(judged: Judged) -> Detection:
    """The finding that the mail opens; the same mail, however it came, opens the same one."""
    named = judged.named
    return Detection(
        rule=judged.rule,
        title=title_of(judged),
        severity=judged.severity,
        confidence=_CONFIDENCE[judged.authenticity.verdict],
        tactics=("credential-access",)
        if judged.kind in BY_NAME and BY_NAME[judged.kind].is_of_credentials and not judged.is_suspicious
        else (),
        first_at=judged.sent_at,
        last_at=judged.sent_at,
        count=1,
        principal=judged.principal if not judged.is_suspicious else "",
        origins=named.addresses[:20],
        account=judged.account,
        region=named.regions[0] if len(named.regions) == 1 else GLOBAL,
        resources=(*named.key_ids, *named.arns, *named.instances)[:MAX_RESOURCES],
        message=message_of(judged),
        evidence=evidence_of(judged),
        producer=PRODUCER,
        native_id=identity_of(judged),
        # A copy that proves nothing must not speak over one that is proven: the later word counts, so that one is later.
        updated_at=judged.sent_at + timedelta(seconds=judged.authenticity.verdict is Verdict.AUTHENTIC),
    )


def title_of(judged: Judged) -> Text:
    """What it is, in one line."""
    if judged.is_suspicious:
        return _both("mail.title_phishing", kind=_kind(judged))
    return _kind(judged)


def message_of(judged: Judged) -> Text:
    """What it is, whose, by when, and the next command."""
    return Text(en=_message(judged, "en"), ja=_message(judged, "ja"))


def identity_of(judged: Judged) -> str:
    """What tells this mail from others: its Message-ID, with sender, kind and keys, for anybody can repeat a Message-ID."""
    mail = judged.mail
    sender = mail.quoted.sender.address or mail.sender.address
    parts = [judged.rule, sender, *judged.named.key_ids, *judged.named.accounts]
    if mail.message_id and mail.passing is not Passing.INLINE:
        parts.append(mail.message_id)
    else:
        date = mail.quoted.date or mail.date
        parts += [plain_subject(mail.subject), date.isoformat() if date else mail.body]
    return identity(*parts, digits=40)


def evidence_of(judged: Judged) -> dict[str, object]:
    """What the finding rests on; addresses that are not AWS's own cannot be followed by a click."""
    mail, named = judged.mail, judged.named
    found: dict[str, object] = {
        "kind": judged.kind,
        "authenticity": judged.authenticity.verdict.value,
        "checked_by": judged.authenticity.server,
        "reasons": [each.name for each in judged.authenticity.reasons],
        "reasons_en": list(reasons_in(judged, "en")),
        "reasons_ja": list(reasons_in(judged, "ja")),
        "deadline": judged.deadline.at if judged.deadline else None,
        "deadline_set_by": judged.deadline.clock.value if judged.deadline else None,
        "deadline_words": clean(judged.deadline.words) if judged.deadline else "",
        "subject": clean(mail.subject),
        "sender": clean(mail.sender.address),
        "sender_name": clean(mail.sender.name),
        "message_id": clean(mail.message_id),
        "passing": mail.passing.value,
        "forwarded_by": clean(mail.forwarder.address),
        "damages": sorted(each.value for each in mail.damages),
        "key_ids": list(named.key_ids),
        "key_accounts": dict(judged.account_of_key),
        "users": list(named.users),
        "accounts": list(named.accounts),
        "urls": list(judged.urls),
        "addresses": list(named.addresses),
        "events": list(named.events),
        "event_times": list(named.event_times),
        "instances": list(named.instances),
        "cases": list(named.cases),
        "regions": list(named.regions),
    }
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def reasons_in(judged: Judged, language: Language) -> tuple[str, ...]:
    """Why it was judged so, as sentences."""
    return tuple(reason_in(each, language) for each in judged.authenticity.reasons)


def reason_in(reason: Reason, language: Language) -> str:
    """One reason as a sentence; what it quotes cannot be followed by a click."""
    value = reason.value if reason.weight is Weight.PROOF or "." not in reason.value else defanged(reason.value)
    return say(f"mail.reason_{reason.name}", language, value=clean(value))


def commands_of(judged: Judged) -> tuple[str, ...]:
    """What can be run now: what the key or the user did, and the attacks of the last days. Nothing of a mail but exact shapes goes in."""
    if judged.is_suspicious and not judged.named.key_ids:
        return ()
    commands = [f"sakimori ask who-did {key}" for key in judged.named.key_ids[:2]]
    commands += [f"sakimori timeline {each}" for each in (judged.principal, *judged.named.instances[:1]) if each][:1]
    if judged.kind not in {OTHER, UNRELATED, "support-case"} and not judged.is_suspicious:
        commands.append("sakimori detect --since 7d")
    return tuple(commands)


def acts_of(judged: Judged) -> str:
    """The name of the sentence that says what to do now."""
    if judged.is_suspicious:
        return "mail.act_phishing_key" if judged.named.key_ids else "mail.act_phishing"
    if judged.kind in BY_NAME and BY_NAME[judged.kind].is_of_credentials:
        return "mail.act_sign_in" if judged.kind == "root-sign-in" else "mail.act_credentials"
    return {
        "abuse-report": "mail.act_abuse", "suspension": "mail.act_suspension", "sign-in": "mail.act_sign_in", "billing": "mail.act_billing",
        "support-case": "mail.act_case", "guardduty": "mail.act_finding",
    }.get(judged.kind, "mail.act_other")  # fmt: skip


def _message(judged: Judged, language: Language) -> str:
    parts = [say(f"mail.verdict_{judged.authenticity.verdict}", language, server=clean(judged.authenticity.server))]
    if whose := whose_of(judged):
        parts.append(say("mail.whose", language, whose=", ".join(whose)))
    if judged.deadline and not judged.is_suspicious:
        parts.append(say(f"mail.clock_{judged.deadline.clock}", language, at=show_time(judged.deadline.at, language)))
    parts.append(say(acts_of(judged), language))
    if commands := commands_of(judged):
        parts.append(say("mail.next", language, command=commands[0]))
    return (" " if language == "en" else "").join(parts)


def whose_of(judged: Judged) -> tuple[str, ...]:
    """Key, user, instance and account, as far as the mail names them."""
    named = judged.named
    return tuple(each for each in (*named.key_ids[:3], *named.users[:3], *named.instances[:3], judged.account) if each)


def _kind(judged: Judged) -> Text:
    return _both(f"mail.kind_{judged.kind.replace('-', '_')}")


def _both(identifier: str, **values: Text) -> Text:
    en = say(identifier, "en", **{name: value.en for name, value in values.items()})
    return Text(en=en, ja=say(identifier, "ja", **{name: value.ja for name, value in values.items()}))


def _sent_at(mail: Mail, now: datetime) -> datetime:
    """When AWS sent it: the date of the first mail where it was passed on; now where there is none, or one that lies ahead."""
    found = mail.quoted.date or mail.date or mail.received_at
    return found if found is not None and found <= now + _AHEAD else now


def _account(named: Named, keys: Mapping[str, str]) -> str:
    if len(named.accounts) == 1:
        return named.accounts[0]
    of_keys = set(keys.values())
    return of_keys.pop() if len(of_keys) == 1 and not named.accounts else next(iter(named.accounts), "")


def _urls(mail: Mail, named: Named, *, is_suspicious: bool) -> tuple[str, ...]:
    found = dict.fromkeys((*named.urls, *(link.target for link in mail.links)))
    safe = (
        url if not is_suspicious and judge_host(host_of(url)) is Host.AWS else defanged(url)
        for url in list(found)[:_MAX_URLS]
    )
    return tuple(clean(url) for url in safe)
