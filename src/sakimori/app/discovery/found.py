"""What looking for logs finds: places to read, logs that go where nobody here can read them, and what is logged nowhere."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.ingest.slices import Note
from sakimori.lake.table_rows import Row
from sakimori.model.gap import Gap

_LOG_GROUP: Final = re.compile(
    r"arn:[a-z-]+:logs:(?P<region>[a-z0-9-]*):(?P<account>[0-9]*):log-group:(?P<name>[^:*]+)"
)
_BUCKET: Final = re.compile(r"arn:[a-z-]+:s3:::(?P<path>.+)\Z")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Destination:
    """Where a log lies: `kind` and `uri` are what `sakimori ingest KIND SOURCE` takes, `region` that of a log group, or "".

    `why` says whose log it is.
    """

    account: str
    kind: str
    uri: str
    region: str
    why: str
    values: tuple[tuple[str, str], ...] = ()

    @property
    def reason(self) -> Note:
        """Whose log it is, as a sentence."""
        return Note(text=self.why, values=dict(self.values))


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Hole:
    """What nothing logs: the resources of one kind in one account and Region; none where it is the Region itself."""

    account: str
    region: str
    what: str
    resources: tuple[str, ...] = ()

    @property
    def sentence(self) -> Note:
        """What that means."""
        return Note(text=self.what, values={"count": len(self.resources), "region": self.region})


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Elsewhere:
    """A log that goes where this program cannot read it, as Firehose: `address` is an ARN."""

    account: str
    region: str
    address: str
    why: str
    values: tuple[tuple[str, str], ...] = ()


Found = Destination | Hole | Elsewhere | Gap
Rows = Callable[[str], Sequence[Row]]
"""The rows of a table by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account that is looked through: its door, its rows of a table, and whether a table was read in a Region."""

    door: Door
    all_rows: Rows
    is_read: Callable[[str, str, str], bool]
    """Of a table, an account and a Region: only then does a row that is not there say something."""

    @property
    def id(self) -> str:
        """The twelve digits."""
        return self.door.account.id

    def rows(self, table: str) -> Iterator[Row]:
        """The account's rows of a table."""
        return (row for row in self.all_rows(table) if row["account_id"] == self.id)

    def knows(self, region: str, *tables: str) -> bool:
        """Whether all these tables were read in a Region (`global` for what belongs to the account)."""
        return all(self.is_read(table, self.id, region) for table in tables)

    def regions_of(self, table: str) -> tuple[str, ...]:
        """The Regions in which the table has rows."""
        return tuple(sorted({str(row["region"]) for row in self.rows(table)}))

    def ask(
        self, operation: str, region: str, member: str, parameters: Mapping[str, object] | None = None
    ) -> list[Mapping[str, Any]] | Gap:
        """The items of a listing, or the gap where AWS refuses it."""
        try:
            pages = self.door.pages(operation, region, parameters or {})
            return [each for page in pages for each in page.get(member) or ()]
        except Refusal as refusal:
            return Gap(
                table="", account=self.id, region=region, call=refusal.call, kind=refusal.kind, code=refusal.code,
                message=refusal.message,
            )  # fmt: skip

    def tell(self, operation: str, region: str, parameters: Mapping[str, object]) -> Mapping[str, Any] | Gap:
        """One answer, or the gap where AWS refuses it."""
        try:
            return self.door.call(operation, region, parameters)
        except Refusal as refusal:
            return Gap(
                table="", account=self.id, region=region, call=refusal.call, kind=refusal.kind, code=refusal.code,
                message=refusal.message,
            )  # fmt: skip

    def in_bucket(self, kind: str, bucket: str, *below: str, why: str, **values: object) -> Destination:
        """A place in S3: the parts are joined by one slash each, and the last one is a folder where it ends in one."""
        parts = [each.strip("/") for each in below[:-1]] + [each.lstrip("/") for each in below[-1:]]
        path = "/".join(each for each in parts if each)
        return Destination(
            account=self.id, kind=kind, uri=f"s3://{bucket}/{path}", region="", why=why, values=_texts(values)
        )

    def at(self, kind: str, arn: str, *below: str, why: str, **values: object) -> Destination | Elsewhere:
        """The place that an ARN names: a bucket (with `below` under it), a log group of this account, or elsewhere."""
        if bucket := _BUCKET.match(arn):
            name, _, prefix = bucket["path"].partition("/")
            return self.in_bucket(kind, name, prefix.removesuffix("*"), *below, why=why, **values)
        group = _LOG_GROUP.match(arn)
        if group and group["account"] in {self.id, ""}:
            return self.in_group(kind, group["name"], group["region"], why=why, **values)
        region = arn.split(":")[3] if arn.count(":") > 3 else ""  # noqa: PLR2004 - an ARN's fourth part
        return Elsewhere(account=self.id, region=region, address=arn, why=why, values=_texts(values))

    def in_group(self, kind: str, group: str, region: str, *, why: str, **values: object) -> Destination:
        """A log group."""
        return Destination(
            account=self.id, kind=kind, uri=f"logs://{group}", region=region, why=why, values=_texts(values)
        )

    def hole(self, what: str, region: str, *resources: object) -> Hole:
        """What nothing logs."""
        return Hole(account=self.id, region=region, what=what, resources=tuple(map(str, resources)))


def text_of(row: Row, name: str) -> str:
    """A text of a row; "" where it is not known."""
    return str(row.get(name) or "")


def listed_in(row: Row, name: str) -> tuple[str, ...]:
    """The parts of a text that are separated by commas."""
    return tuple(each.strip() for each in text_of(row, name).split(",") if each.strip())


def _texts(values: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in values.items())
