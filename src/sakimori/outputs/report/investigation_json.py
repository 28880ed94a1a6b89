"""An investigation as JSON, `sakimori.investigation/1`.

`subject` (`kind`, `id`); `window` (`since`, `until`, `is_guessed`); `closure`: `seeds`, `credentials` (`id`, `kind`, `account`,
`account_is_ours` (null: not known), `principal`, `role`, `user`, `issued_at`, `expires_at` (null: never, or of ASIA… not told),
`expiry_is_told` (false: the longest that AWS allows), `issued_by`, `event_id`, `opened_by` (of a session with which it begins: who
opened it, "" where nothing tells), `is_outlived` (used after its latest possible end), `is_live`), `users`, `roles`, `made_roles`, `suspects`, `external_accounts`,
`unread` (why it may be larger), `rounds`, `is_cut`; `list_a` and `list_a_maybe` (from where the owner usually works): `kind` (a
type name of CloudFormation, or `other`), `id`, `arn`, `account`, `region`, `is_created`, `change`, `at`, `by`, `count`, `event_ids`,
`told`; `list_b` (null: unknown): `count` and by principal `account`, `principal`, `count`, `first_at`, `last_at`, `services`;
`questions`: `id`, `title`, `answer` (`found`, `none`, `unknown`, `elsewhere`), `count`, `denied_count`, `calls`, `denied`, `regions`,
`first_at`, `last_at`, `event_ids`, `because`; `profile`: counts, `fingerprints`, `sessions`, `matrix`, `first_seen`,
`answered_where_nobody_is`; `timeline`, `timeline_is_cut`; `cost`; `coverage` by source, `compared` (null: one source),
`validations`; `event_count`, `is_cut`. Times are UTC; lists are bounded, counts are of all.
"""

from dataclasses import asdict, replace
from typing import Any, Final

from sakimori.analysis.incident.form import Credential, Made
from sakimori.analysis.incident.investigation import Investigation
from sakimori.analysis.incident.questions import Answer
from sakimori.outputs.report.plain_values import plain
from sakimori.texts.language import Language

SCHEMA: Final = "sakimori.investigation/1"


def investigation_json(found: Investigation, language: Language) -> dict[str, object]:
    """The whole answer; only the titles of the questions are of a language."""
    told: dict[str, object] = {
        "schema": SCHEMA,
        "subject": {"kind": str(found.subject.kind), "id": found.subject.id},
        "now": found.now,
        "window": {"since": found.since, "until": found.until, "is_guessed": found.since_is_guessed},
        "closure": _closure(found),
        "list_a": [_made(each) for each in found.made],
        "list_a_maybe": [_made(each) for each in found.maybe],
        "list_b": None
        if found.others is None
        else {"count": found.others_count, "principals": [asdict(each) for each in found.others]},
        "questions": [_answer(each, language) for each in found.answers],
        "profile": {
            **asdict(found.profile),
            "answered_where_nobody_is": [asdict(each) for each in found.lonely],
        },
        "timeline": [asdict(each) for each in found.entries],
        "timeline_is_cut": found.entries_are_cut,
        "cost": _cost(found),
        "coverage": [{**asdict(each), "is_complete": each.is_complete} for each in found.looked],
        "compared": None if found.compared is None else {**asdict(found.compared), "agree": found.compared.agree},
        "validations": [asdict(each) for each in found.validations],
        "event_count": found.event_count,
        "is_cut": found.is_cut,
    }
    made: Any = plain(told)
    return made


def _closure(found: Investigation) -> dict[str, object]:
    closure = found.closure
    live = {each.id for each in closure.live(found.now)}
    return {
        "seeds": closure.seeds,
        "credentials": [_credential(each, is_live=each.id in live) for each in closure.credentials],
        "users": closure.users,
        "roles": closure.roles,
        "made_roles": closure.made_roles,
        "suspects": closure.suspects,
        "external_accounts": closure.external_accounts,
        "unread": closure.unread,
        "rounds": closure.rounds,
        "is_cut": closure.is_cut,
    }


def _credential(credential: Credential, *, is_live: bool) -> dict[str, object]:
    return {**asdict(credential), "kind": str(credential.kind), "is_live": is_live}


def _made(made: Made) -> dict[str, object]:
    # What the event told may be a read-only view, which asdict cannot copy.
    told = asdict(replace(made, told={}))
    del told["is_from_known_origin"]
    return {**told, "told": dict(made.told)}


def _answer(answer: Answer, language: Language) -> dict[str, object]:
    question = answer.question
    return {
        "id": question.id,
        "title": question.ja if language == "ja" else question.en,
        "answer": str(answer.answered),
        "count": answer.count,
        "denied_count": answer.denied_count,
        "calls": answer.calls,
        "denied": answer.denied,
        "regions": answer.regions,
        "first_at": answer.first_at,
        "last_at": answer.last_at,
        "event_ids": answer.event_ids,
        "because": answer.because,
    }


def _cost(found: Investigation) -> dict[str, object]:
    cost = found.cost
    return {
        "usd": round(cost.usd, 2),
        "usd_an_hour": round(cost.usd_an_hour, 4),
        "unknown_count": cost.unknown_count,
        "prices_as_of": cost.as_of,
        "prices_source": cost.source,
        "is_estimate": True,
        "lines": [
            {
                "kind": each.made.kind,
                "id": each.made.id,
                "account": each.made.account,
                "region": each.made.region,
                "size": each.size or None,
                "started_at": each.made.at,
                "ended_at": each.ended_at,
                "usd_an_hour": each.usd_an_hour,
                "usd": each.usd,
            }
            for each in cost.lines
        ],
    }
