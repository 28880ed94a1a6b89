"""All log sources, in the order in which they are asked whether a file is theirs."""

from functools import cache
from importlib import import_module
from typing import Final

from sakimori.ingest.source import Source
from sakimori.lake.table import Catalogue
from sakimori.model.errors import UsageError
from sakimori.texts.nearest import nearest

_MODULES: Final = (
    "cloudtrail.source", "vpc_flow.source", "vpc_flow.transit_gateway", "elb.connection", "elb.application", "elb.network",
    "elb.classic", "cloudfront.source", "waf", "s3_access", "rds_audit.source",
    "ssm_session.source", "dns", "apigateway.source", "config.source", "guardduty", "cur.source",
)  # fmt: skip

AUTO: Final = "auto"
"""The name that stands for: look at each file."""


@cache
def sources() -> dict[str, Source]:
    """Every source by its name."""
    found = [import_module(f"sakimori.ingest.{module}").SOURCE for module in _MODULES]
    return {source.name: source for source in found}


@cache
def log_tables() -> Catalogue:
    """The tables of all sources."""
    return Catalogue.of(*{source.table.name: source.table for source in sources().values()}.values())


def source_named(name: str) -> Source:
    """The source of that name; UsageError with the nearest one."""
    if name not in sources():
        raise UsageError("ingest.no_such_kind", name=name, near=nearest(name, sources()), known=(*sources(), AUTO))
    return sources()[name]


def source_of(location: str, head: bytes) -> Source | None:
    """The source that recognises a file by its place and its first unpacked bytes."""
    return next((source for source in sources().values() if source.recognises(location, head)), None)
