"""Leaks as machines read them: JSON (`sakimori.secrets/1`) and SARIF 2.1.0.

Sources: OASIS SARIF 2.1.0, and GitHub's "SARIF support for code scanning". A message never holds the secret.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Final, TextIO
from urllib.parse import quote

from sakimori.analysis.secrets.found import Found, Unread
from sakimori.analysis.secrets.kinds import Kind
from sakimori.analysis.secrets.places.piece import Located
from sakimori.analysis.secrets.report import Report
from sakimori.model.verdict import Text
from sakimori.model.version import __version__
from sakimori.model.words import Confidence
from sakimori.outputs.report.plain_values import escaped_json, escaped_pieces
from sakimori.outputs.report.sarif_words import LEVEL, SCORE
from sakimori.outputs.report.sarif_words import SCHEMA as SARIF
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say, say_both

SCHEMA: Final = "sakimori.secrets/1"
_NAME: Final = 1_000
_KEY_ID: Final = "aws.access-key-id"
_NO_FILE: Final = "ENOTREG"


def key_of(found: Found) -> Found | None:
    """The AWS key id that it is, or that lies with it; None where there is none, or it is of a session."""
    key = found if found.kind == _KEY_ID else found.pair
    return key if key is not None and key.kind == _KEY_ID else None


def command_for(found: Found) -> str:
    """The command that contains a leaked AWS key, of an id that does not tell its account too; "" for what `respond` does not know."""
    key = key_of(found)
    return f"sakimori respond start --key {key.secret}" if key else ""


def is_ours(found: Found, report: Report) -> bool | None:
    """Whether an AWS key is of an account of ours; None where its id does not say, or nobody has said which are ours."""
    account = account_of(found)
    return account in report.own_accounts if account and report.own_accounts else None


def account_of(found: Found) -> str:
    """The AWS account of the key, or of the one that it lies with; "" where the id does not say."""
    return found.account_id or (found.pair.account_id if found.pair else "")


def message_of(found: Found, kinds: Mapping[str, Kind]) -> Text:
    """What to do about it, in both languages."""
    return kinds[found.kind].message


def gap_sentence(unread: Unread) -> Text:
    """What could not be read, and why."""
    text = "no_file" if unread.detail == _NO_FILE else unread.reason
    return say_both(f"secrets.gap_{text}", name=clean(unread.name, _NAME), detail=clean(unread.detail))


def write_secrets_json(
    report: Report, stream: TextIO, *, show_secrets: bool = False, more: Mapping[str, object] | None = None
) -> None:
    """Write the whole report; the secrets themselves only where a person has asked for them. `more` are further members."""
    scanned = {
        "sources": list(report.sources),
        "pieces": report.pieces,
        "bytes": report.bytes_read,
        "repositories": report.repositories,
        "history": report.history,
    }
    head = {"schema": SCHEMA, "is_whole": report.is_whole, "scanned": scanned}
    lists: dict[str, Iterator[object]] = {
        "findings": (_finding(each, report, show_secrets=show_secrets) for each in report.located),
        "allowed": (
            {**_finding(each.located, report, show_secrets=show_secrets), "reason": each.reason}
            for each in report.allowed
        ),
        "known": (_finding(each, report, show_secrets=show_secrets) for each in report.known),
        "gaps": (
            {"name": each.name, "reason": each.reason, "detail": each.detail, "message": _both(gap_sentence(each))}
            for each in report.unread
        ),
    }
    stream.write(escaped_json(head)[:-1])
    for name, values in lists.items():
        stream.write(f',"{name}":')
        stream.writelines(escaped_pieces(values))
    stream.write(f",{escaped_json(more)[1:-1]}}}\n" if more else "}\n")


def _finding(located: Located, report: Report, *, show_secrets: bool) -> dict[str, object]:
    found, where = located.found, located.provenance
    kind = report.kinds[found.kind]
    record: dict[str, object] = {
        "kind": found.kind,
        "title": _both(kind.title),
        "severity": found.severity,
        "confidence": found.confidence,
        "because": list(found.because),
        "allow_without_reason": found.bare_allow,
        "secret_masked": found.masked,
        "secret_sha256": found.sha256,
        "source": where.source,
        "file": where.file,
        "inside": found.inside,
        "line": found.line,
        "column": found.column,
        "offset": found.offset,
        "commit": where.commit or None,
        "blob": where.blob or None,
        "resource": where.resource or None,
        "entropy": found.entropy,
        "account_id": account_of(found) or None,
        "is_ours": is_ours(found, report),
        "command": command_for(found) or None,
        "pair_sha256": found.pair.sha256 if found.pair else None,
        "message": _both(message_of(found, report.kinds)),
    }
    return record | {"secret": found.secret} if show_secrets else record


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "ja": text.ja}


def write_secrets_sarif(report: Report, stream: TextIO, language: Language) -> None:
    """Write the log: open leaks, allowed ones as suppressed, and what could not be read as notifications."""
    used = sorted({each.found.kind for each in (*report.located, *(one.located for one in report.allowed))})
    places = {kind: number for number, kind in enumerate(used)}
    driver = {
        "name": "sakimori", "version": __version__, "language": language,
        "rules": [_rule(report.kinds[kind], language) for kind in used],
    }  # fmt: skip
    notes = [{"level": "warning", "message": {"text": gap_sentence(each).in_(language)}} for each in report.unread]
    run = {
        "tool": {"driver": driver},
        "language": language,
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": "sakimori/secrets"},
        "invocations": [{"executionSuccessful": report.is_whole, "toolExecutionNotifications": notes}],
        "results": [],
    }
    head, _, tail = escaped_json({"$schema": SARIF, "version": "2.1.0", "runs": [run]}).rpartition("[]")
    stream.write(head)
    stream.writelines(escaped_pieces(_results(report, places, language)))
    stream.write(f"{tail}\n")


def _results(report: Report, places: Mapping[str, int], language: Language) -> Iterator[object]:
    for each in report.located:
        yield _result(each, report, places, language)
    for each in report.allowed:
        suppressed = {"kind": "inSource" if each.located.found.allowed else "external", "justification": each.reason}
        yield {**_result(each.located, report, places, language), "suppressions": [suppressed]}


def _rule(kind: Kind, language: Language) -> dict[str, object]:
    return {
        "id": kind.id,
        "shortDescription": {"text": kind.title.in_(language)},
        "fullDescription": {"text": kind.message.in_(language)},
        "defaultConfiguration": {"level": LEVEL[kind.severity]},
        "properties": {"tags": ["security", "secret"], "security-severity": SCORE[kind.severity]},
    }


def _result(located: Located, report: Report, places: Mapping[str, int], language: Language) -> dict[str, object]:
    found, where = located.found, located.provenance
    text = say(
        "secrets.sarif_message", language, title=report.kinds[found.kind].title.in_(language), masked=found.masked
    )
    region = {"startLine": found.line, "startColumn": found.column}
    return {
        "ruleId": found.kind,
        "ruleIndex": places[found.kind],
        "level": "note" if found.confidence is Confidence.LOW else LEVEL[found.severity],
        "message": {"text": clean(text, _NAME)},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": quote(os.fsencode(where.file) or "-")}, "region": region}}
        ],
        "partialFingerprints": {"secret/v1": f"{found.kind}:{found.sha256}"},
        "properties": {"confidence": found.confidence, "commit": where.commit, "inside": clean(found.inside, _NAME)},
    }
