"""Flow logs read slowly and simply, and read by the batch: the two sides of a comparison."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from sakimori.ingest.place import Place
from sakimori.ingest.source import Document, Reason, Refused
from sakimori.ingest.vpc_flow import source as vpc_flow
from sakimori.ingest.vpc_flow import transit_gateway as tgw_flow
from sakimori.ingest.vpc_flow.fields import Form

SAMPLES = Path(__file__).with_name("samples")
PLACE = Place(account="777788889999", region="ap-northeast-1")
DEFAULT = b"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"

# -- a slow and simple reader -----------------------------------------------------------

LIMITS = {
    "version": 2**16, "srcport": 2**16, "dstport": 2**16, "protocol": 2**8, "packets": 2**63, "bytes": 2**63,
    "tcp_flags": 2**16, "traffic_path": 2**16, "encryption_status": 2**16,
}  # fmt: skip
NUMBERS = {*LIMITS, "start", "end"}
KNOWN = set(vpc_flow.FORM.fields)
Row = dict[str, object]


def is_header(words: list[str]) -> bool:
    return (
        len(set(words)) == len(words)
        and bool({word.replace("-", "_") for word in words} & KNOWN)
        and all(word[:1].isalpha() and word.isascii() and word.islower() for word in words)
        and all(letter.isalnum() or letter in "-_" for word in words for letter in word)
    )


def looks_like_default(words: list[str]) -> bool:
    return (
        len(words) == 14
        and words[0].isdigit()
        and (words[1] in {"-", "unknown"} or (len(words[1]) == 12 and words[1].isdigit()))
        and all(9 <= len(word) <= 10 and word.isdigit() for word in words[10:12])
        and words[12] in {"ACCEPT", "REJECT", "-"}
        and words[13] in {"OK", "NODATA", "SKIPDATA"}
    )


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC).replace(tzinfo=None) + timedelta(seconds=seconds)


def simple_number(name: str, word: str) -> object:
    if not (word.isascii() and word.isdigit()):
        return Reason.BAD_LINE, name
    number = int(word)
    if name in {"start", "end"}:
        wrong = Reason.NO_TIME if name == "start" else Reason.BAD_LINE
        return at(number) if 631152000 <= number < 7258118400 else (wrong, name)
    return number if number < LIMITS[name] else (Reason.BAD_LINE, name)


def simple_row(names: list[str], words: list[str], place: Place) -> Row | tuple[Reason, str]:
    if len(words) != len(names):
        return Reason.BAD_LINE, ""
    row: Row = {}
    rest = {}
    for name, word in zip(names, words, strict=True):
        if word in {"-", ""}:
            if name == "start":
                return Reason.NO_TIME, "start"
        elif name in NUMBERS:
            number = simple_number(name, word)
            if isinstance(number, tuple):
                return number
            row[f"{name}_time" if name in {"start", "end"} else name] = number
        else:
            (row if name in KNOWN else rest)[name] = word
    if rest:
        row["rest"] = json.dumps(rest, ensure_ascii=False)
    return row | simple_place(row, place)


def simple_place(row: Row, place: Place) -> Row:
    account, region = str(row.get("account_id", "")), str(row.get("region", ""))
    region = region if region in {"us-east-1", "cn-north-1"} else place.region or "unknown"
    return {
        "account_id": account if len(account) == 12 and account.isdigit() else place.account or "unknown",
        "region": region,
        "partition": "aws-cn" if region.startswith("cn-") else "aws",
    }


def is_torn(names: list[str], words: list[str]) -> bool:
    """Of a last line without its end."""
    whole = {"log_status": {"OK", "NODATA", "SKIPDATA", "-"}, "action": {"ACCEPT", "REJECT", "-"}}
    return len(words) < len(names) or words[-1] == "" or words[-1] not in whole.get(names[-1], {words[-1]})


def simply_read(data: bytes, head: bytes, place: Place, offset: int = 0) -> tuple[list[Row], list[Refused]]:
    rows: list[Row] = []
    refused: list[Refused] = []
    words = head.decode().split(" ")
    names = [word.replace("-", "_") for word in words] if is_header(words) else None
    is_blind = False
    raws = data.split(b"\n")
    for number, raw in enumerate(raws):
        begins, offset = offset, offset + len(raw) + 1
        line = raw.rstrip(b"\r")
        if not line.strip():
            continue
        words = line.decode("utf-8", "replace").split(" ")
        if is_header(words):
            names, is_blind = [word.replace("-", "_") for word in words], False
            continue
        if names is None and looks_like_default(words):
            names = [word.decode().replace("-", "_") for word in DEFAULT.split()]
        try:
            line.decode("utf-8")
            fault = (Reason.BAD_LINE, "") if b"\0" in line or b"\r" in line else None
        except UnicodeDecodeError:
            fault = (Reason.NOT_UTF8, "")
        if names is None or "start" not in names:
            reason, detail = (Reason.NO_TIME, "start") if names else (Reason.UNKNOWN_FORMAT, "")
            begins = refused.pop().offset if is_blind else begins
            refused.append(Refused(offset=begins, reason=reason, detail=detail))
            is_blind = True
            continue
        found = fault or simple_row(names, words, place)
        is_open = number == len(raws) - 1
        if is_open and (not isinstance(found, tuple) or found[0] is Reason.BAD_LINE) and is_torn(names, words):
            found = Reason.CUT_OFF, ""
        if isinstance(found, tuple):
            refused.append(Refused(offset=begins, reason=found[0], detail=found[1], size=len(line)))
        else:
            rows.append(found)
    return rows, refused


# -- reading ----------------------------------------------------------------------------


def read_documents(documents: Iterable[Document], form: Form = vpc_flow.FORM) -> tuple[pa.Table, tuple[Refused, ...]]:
    source = vpc_flow.SOURCE if form is vpc_flow.FORM else tgw_flow.SOURCE
    batch = source.batch()
    refused = [each for document in documents for each in batch.add(document)]
    count = batch.row_count
    (table,) = batch.finish()
    assert (table.num_rows, batch.row_count) == (count, 0)
    table.validate(full=True)
    return table, tuple(refused)


def read(data: bytes, *, head: bytes = b"", offset: int = 0, place: Place = PLACE) -> tuple[list[Row], list[Refused]]:
    table, refused = read_documents([Document(location="f", data=data, head=head, offset=offset, place=place)])
    return rows_of(table), list(refused)


def rows_of(table: pa.Table) -> list[Row]:
    return [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]


def lines(*each: bytes) -> bytes:
    return b"\n".join(each) + b"\n"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def told(refused: Sequence[Refused]) -> list[tuple[int, str, str]]:
    return sorted((each.offset, each.reason.value, each.detail) for each in refused)


def sorted_rows(rows: Iterable[Row]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)
