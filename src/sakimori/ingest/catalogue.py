"""All log sources, in the order in which they are asked whether a file is theirs."""

from functools import cache
from importlib import import_module
from typing import Final

from sakimori.ingest.source import Source
from sakimori.lake.table import Catalogue
from sakimori.model.errors import UsageError
from sakimori.texts.nearest import nearest

_MODULES: Final = {
    "cloudtrail": "cloudtrail.source", "vpc-flow": "vpc_flow.source", "tgw-flow": "vpc_flow.transit_gateway",
    "alb-connection": "elb.connection", "alb": "elb.application", "nlb": "elb.network", "elb": "elb.classic",
    "cloudfront": "cloudfront.source", "waf": "waf", "s3-access": "s3_access", "rds-audit": "rds_audit.source",
    "ssm-session": "ssm_session.source", "dns": "dns", "apigateway": "apigateway.source", "config": "config.source",
    "guardduty": "guardduty", "cur": "cur.source",
}  # fmt: skip
"""Where each source is. A worker reads one of them, and imports that one alone."""

AUTO: Final = "auto"
"""The name that stands for: look at each file."""


@cache
def sources() -> dict[str, Source]:
    """Every source by its name."""
    return {name: source_named(name) for name in _MODULES}


@cache
def log_tables() -> Catalogue:
    """The tables of all sources."""
    return Catalogue.of(*{source.table.name: source.table for source in sources().values()}.values())


def source_named(name: str) -> Source:
    """The source of that name; UsageError with the nearest one."""
    if name not in _MODULES:
        raise UsageError("ingest.no_such_kind", name=name, near=nearest(name, _MODULES), known=(*_MODULES, AUTO))
    return import_module(f"sakimori.ingest.{_MODULES[name]}").SOURCE


def named_beside(name: str, location: str) -> str:
    """The source of a file that was found where this one's are looked for: another where AWS's own name of the file says so."""
    others = source_named(name).beside
    return next((other for other in others if source_named(other).recognises(location, b"")), name)


def source_of(location: str, head: bytes) -> Source | None:
    """The source that recognises a file by its place and its first unpacked bytes."""
    return next((source for source in sources().values() if source.recognises(location, head)), None)


def source_whatever_it_holds(location: str) -> Source | None:
    """The source that takes a file of this place before another one is asked, whatever its bytes are; None where they tell."""
    first = next(iter(sources().values()))
    return first if first.recognises(location, b"") else None
