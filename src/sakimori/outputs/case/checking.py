"""Checks a text for AWS, also one that a person edited: what it says must be what the case knows, and no more than was asked."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sakimori.outputs.case.facts import CaseFacts, DataEvents
from sakimori.outputs.case.known_values import KnownValues, known_values
from sakimori.outputs.case.reply_form import LIMIT, ReplyFault, Weight, length_of
from sakimori.outputs.case.reply_sections import data_sentences, session_sentence
from sakimori.outputs.case.reply_values import amounts_in, counts_in, ids_in, times_in
from sakimori.outputs.case.reply_words import volunteered_words
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

_MOST: Final = 40_000
"""Characters that are looked at: five times what AWS takes, and longer texts are refused for that."""
_PIECE: Final = 1_500
_OVERLAP: Final = 200
_QUOTE: Final = 120
_SENTENCES: Final = re.compile(r"(?<=[。！？\n])|(?<=[.!?])\s+")
_ROW: Final = re.compile(r"\s*[-・*]\s")
_JAPANESE: Final = re.compile("[\u3040-\u30ff\u4e00-\u9fff\u3005]")
_ENGLISH: Final = re.compile(r"(?:[A-Za-z][A-Za-z']*[ ,]+){6,}[A-Za-z']+")
_NO_DATA: Final[dict[Language, re.Pattern[str]]] = {
    "en": re.compile(
        r"\bno\b.{0,60}\b(exfiltrat\w*|data (theft|loss|leak\w*|breach)|(data|information|files?|objects?) (was|were|has been|have been) \w+)"
        r"|\b(data|information|files?|objects?|customers?)\b.{0,60}\b(was|were|is|are|has been|have been) not (\w+ )?"
        r"(taken|accessed|exfiltrated|stolen|copied|leaked|read|compromised|affected|downloaded|disclosed)"
        r"|\bnot exfiltrated\b|\bdid not (exfiltrate|access|take|read|download|copy|steal)\b.{0,40}\b(data|information|files?|objects?)"
        r"|\bno (evidence|sign|indication|trace)s? (of|that)\b.{0,60}\b(data|exfiltrat\w*|information|leak\w*)"
        r"|\bnothing (was|has been) (taken|stolen|exfiltrated|leaked|copied)|\bno reads of data\b|\bdata (is|remains?|was) (safe|intact|untouched)",
        re.IGNORECASE,
    ),
    "ja": re.compile(
        r"((データ|情報|(?<!プロ)ファイル|オブジェクト).{0,20}(持ち出し|持出|流出|漏洩|漏えい|窃取|閲覧|アクセス(?!キー)|読み取り|ダウンロード|取得|影響|被害)|持ち出し|持出し|(情報|データ)(流出|漏洩|漏えい))"
        r".{0,30}(ありません|ございません|なかった|なし|(確認|検出|記録|発見)され(ません|ておりません|ていません|なかった)|認められ(ません|ず|なかった)|"
        r"(確認|発生|検出)(いた)?して(い|お)(ら|り)?ません|見つかりません|見つかって(い|お)(ら|り)?ません)"
        r"|(データ|情報)は(無事|安全)",
    ),
}  # fmt: skip
_DELETED: Final[dict[Language, re.Pattern[str]]] = {
    "en": re.compile(r"\bkeys?\b.{0,80}(?<!not )(?<!not yet )(?<!not been )(?<!to be )\bdeleted\b|\bdeleted\b.{0,40}\bkeys?\b", re.IGNORECASE),
    "ja": re.compile(r"(キー).{0,60}削除(いた|し|済|され)(?!て(い|お)(ら|り)?ません)"),
}  # fmt: skip
_PLACES: Final = re.compile(r"\b(from|out of)\b|リポジトリ|履歴|ファイル|から", re.IGNORECASE)
"""Words that tell where the key was taken out, which is no deletion of the key."""
_ALL_KEYS: Final[dict[Language, re.Pattern[str]]] = {
    "en": re.compile(r"\b(all|every)\b.{0,40}\bkeys?\b.{0,60}\b(rotated|replaced|renewed)\b|\brotated all\b", re.IGNORECASE),
    "ja": re.compile(r"(すべて|全て|全)の?.{0,10}キー.{0,30}(ローテーション|交換|更新)(いた|を?(完了|実施)|し|済|され)"),
}  # fmt: skip
_SUBJECT: Final = re.compile(r"\A\s*(?:Subject|件名)\s*[::]\s*(.*)", re.IGNORECASE)
_UNSEEN: Final = frozenset("\n\t\r\u3000")


@dataclass(frozen=True, slots=True)
class _Text:
    """A text to check: as it is, and as sentences with full-width signs made plain."""

    whole: str
    sentences: tuple[str, ...]
    facts: CaseFacts
    language: Language
    known: KnownValues
    tells_review: bool


def check_reply(
    text: str, facts: CaseFacts, language: Language, *, limit: int = LIMIT, tells_review: bool = True
) -> tuple[ReplyFault, ...]:
    """What stands against this text, each thing once. It tells claims by their look: no check replaces a person who reads.

    `tells_review` is false for a text (about the bill) that says nothing of what was looked through, nor of data.
    """
    plain = unicodedata.normalize("NFKC", text[:_MOST].replace("\r\n", "\n"))
    sentences = tuple(piece for each in _SENTENCES.split(plain) if each.strip() for piece in _pieces(each.strip()))
    checked = _Text(text, sentences, facts, language, known_values(facts, language), tells_review)
    found = [fault for check in _CHECKS for fault in check(checked)]
    length = length_of(text)
    if length > limit:
        found.insert(0, _fault("too_long", length=length, limit=limit))
    if not sentences:
        found.insert(0, _fault("empty"))
    return tuple(fault for number, fault in enumerate(found) if fault not in found[:number])


def _pieces(sentence: str) -> Iterator[str]:
    """A sentence that never ends, in parts that overlap: an expression must not run over all of it at every place."""
    yield from (
        sentence[start : start + _PIECE] for start in range(0, max(len(sentence) - _OVERLAP, 1), _PIECE - _OVERLAP)
    )


def _exfiltration(text: _Text) -> Iterator[ReplyFault]:
    review = text.facts.review
    names = data_sentences(review.value) if review and review.evidence else ("case_reply.data_none",)
    if "case_reply.data_clear" in names:
        return
    wording = say(names[-1], text.language, count=review.value.data_reads if review else None)
    for sentence in text.sentences:
        if _NO_DATA[text.language].search(sentence):
            yield _fault("no_exfiltration", quote=_quoted(sentence), wording=wording)
    if review and review.evidence and review.value.data_events is not DataEvents.FULL:
        plain = unicodedata.normalize("NFKC", wording)
        if plain not in "\n".join(text.sentences) and text.tells_review:
            yield _fault("no_wording", wording=wording)


def _volunteered(text: _Text) -> Iterator[ReplyFault]:
    for sentence in text.sentences:
        for kind in volunteered_words():
            if kind.found_in(sentence, text.language):
                yield _fault("volunteered", quote=_quoted(sentence), kind=kind.title.in_(text.language))


def _language(text: _Text) -> Iterator[ReplyFault]:
    for sentence in text.sentences:
        shown = sentence
        is_other = (_JAPANESE if text.language == "en" else _ENGLISH).search(shown)
        if is_other and not _is_named(is_other[0], sentence, text):
            yield _fault("other_language", quote=_quoted(sentence))


def _is_named(found: str, sentence: str, text: _Text) -> bool:
    """A name or a subject stays as it is in every language; rows of tables are names."""
    if text.language == "ja":
        return any(found in name for name in text.known.own_names) or bool(_ROW.match(sentence))
    rest = sentence
    for name in text.known.own_names:
        if _JAPANESE.search(name):
            rest = rest.replace(unicodedata.normalize("NFKC", clean(name)), "")
    return not _JAPANESE.search(rest) or bool(_ROW.match(sentence))


def _times(text: _Text) -> Iterator[ReplyFault]:
    zone = "JST" if text.language == "ja" else "UTC"
    for sentence in text.sentences:
        for found in times_in(sentence):
            if found.zone and found.zone != zone:
                yield _fault("other_zone", quote=_quoted(found.quote))
            elif not (found.minute in text.known.minutes if found.minute else found.day in text.known.days):
                yield _fault("unknown_time", quote=_quoted(found.quote))


def _ids(text: _Text) -> Iterator[ReplyFault]:
    for sentence in text.sentences:
        for found in ids_in(sentence):
            if found not in text.known.names and found.replace("-", "") not in text.known.names:
                yield _fault("unknown_id", quote=_quoted(found))


def _counts(text: _Text) -> Iterator[ReplyFault]:
    for sentence in text.sentences:
        if _ROW.match(sentence):
            continue
        for quote, number, kind in counts_in(sentence, text.language):
            if number not in text.known.counts.get(kind, text.known.counts[""]):
                yield _fault("unknown_count", quote=_quoted(quote))


def _amounts(text: _Text) -> Iterator[ReplyFault]:
    for sentence in text.sentences:
        for quote, amount in amounts_in(sentence):
            if amount not in text.known.amounts:
                yield _fault("unknown_amount", quote=_quoted(quote))


def _keys(text: _Text) -> Iterator[ReplyFault]:
    facts, language = text.facts, text.language
    is_deleted = facts.deleted is not None and bool(facts.deleted.evidence)
    keys = facts.keys.value if facts.keys and facts.keys.evidence else ()
    count, done = len(keys), facts.rotated if keys else 0
    for sentence in text.sentences:
        if _ROW.match(sentence):
            continue
        if not is_deleted and _DELETED[language].search(sentence):
            yield _fault("not_deleted", quote=_quoted(sentence), wording=_said_of_key(sentence, text))
        if (not keys or done < count) and _ALL_KEYS[language].search(sentence):
            name = "keys_partly_open" if count else "keys_in_progress"
            wording = say(f"case_reply.{name}", language, done=done, count=count)
            yield _fault("not_all_rotated", quote=_quoted(sentence), done=done, count=count, wording=wording)


def _said_of_key(sentence: str, text: _Text) -> str:
    """What may be said instead: that it was taken out of where it lay, or that it was made inactive."""
    facts = text.facts
    if facts.is_temporary and facts.session and facts.session.evidence:
        return session_sentence(facts.key_id, facts.session, text.language).text
    moment = facts.deactivated.value if facts.deactivated and facts.deactivated.evidence else None
    if _PLACES.search(sentence) or moment is None or not facts.key_id:
        return say("case_reply.removed_from", text.language)
    return say("case_reply.deactivated", text.language, key=facts.key_id, at=show_time(moment, text.language))


def _subject(text: _Text) -> Iterator[ReplyFault]:
    first = _SUBJECT.match(text.whole)
    subject = text.facts.subject
    if first and subject and text.facts.is_abuse and clean(subject, len(first[1]) + 1) not in first[1]:
        yield _fault("other_subject", subject=subject)


def _unseen(text: _Text) -> Iterator[ReplyFault]:
    if any(
        unicodedata.category(each) in {"Cc", "Cf", "Co", "Cs"} and each not in _UNSEEN for each in text.whole[:_MOST]
    ):
        yield _fault("invisible")


_CHECKS: Final[tuple[Callable[[_Text], Iterator[ReplyFault]], ...]] = (
    _exfiltration, _keys, _times, _ids, _counts, _amounts, _volunteered, _language, _subject, _unseen,
)  # fmt: skip


def _fault(name: str, **values: object) -> ReplyFault:
    return ReplyFault(weight=Weight.REFUSED, text=f"case_reply.{name}", values=values)


def _quoted(sentence: str) -> str:
    return clean(sentence.strip(), _QUOTE)
