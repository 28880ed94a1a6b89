"""What the machines that a thief started cost: an hour, and so far, where the price is known. An estimate, never a bill."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import as_file, files
from typing import Any, Final

import msgspec

from sakimori.analysis.incident.form import Event, Made
from sakimori.analysis.incident.json_paths import texts_at
from sakimori.texts.bounded_yaml import read_yaml

INSTANCE: Final = "AWS::EC2::Instance"
ENDING: Final = frozenset({"TerminateInstances", "StopInstances"})
COSTING: Final = frozenset(
    {
        INSTANCE, "AWS::EC2::SpotInstanceRequest", "AWS::EC2::SpotFleet", "AWS::EC2::EC2Fleet", "AWS::ECS::Service", "AWS::ECS::Task",
        "AWS::EKS::Cluster", "AWS::EKS::Nodegroup", "AWS::Batch::ComputeEnvironment", "AWS::Batch::Job", "AWS::SageMaker::NotebookInstance",
        "AWS::SageMaker::TrainingJob", "AWS::SageMaker::ProcessingJob", "AWS::SageMaker::Endpoint", "AWS::Lightsail::Instance",
        "AWS::Glue::DevEndpoint", "AWS::EMR::Cluster", "AWS::GameLift::Fleet", "AWS::AppRunner::Service",
        "AWS::Bedrock::ProvisionedModelThroughput", "AWS::Lambda::Function", "AWS::EC2::Snapshot", "AWS::EC2::Volume",
        "AWS::AutoScaling::AutoScalingGroup",
    }
)  # fmt: skip
"""Kinds that cost by the hour or by use."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    as_of: date
    source: str
    usd_an_hour: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """One thing that costs. Without a known price both figures are None. `ended_at` is None while no event ends it."""

    made: Made
    size: str
    usd_an_hour: float | None
    usd: float | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """`usd_an_hour` is of what no event has ended, `usd` of all so far; `unknown_count` lines are in neither."""

    lines: tuple[CostLine, ...]
    usd_an_hour: float
    usd: float
    unknown_count: int
    as_of: date
    source: str


@cache
def _prices() -> _File:
    with as_file(files("sakimori") / "rulebook" / "incident" / "hourly_prices.yaml") as path:
        told: Any = read_yaml(path).data
    return msgspec.convert(told, _File)


def cost_of(made: Iterable[Made], endings: Iterable[Event], now: datetime) -> Cost:
    """What these cost up to `now`; `endings` are events of `ENDING`, whoever made them."""
    ends: dict[str, datetime] = {}
    for event in endings:
        for instance in () if event.error else texts_at(event.request, "instancesSet[].instanceId"):
            ends[instance] = max(event.at, ends.get(instance, event.at))
    lines = tuple(_line(each, ends, now) for each in made if each.is_created and each.kind in COSTING)
    prices = _prices()
    return Cost(
        lines=lines,
        usd_an_hour=sum(line.usd_an_hour or 0.0 for line in lines if line.ended_at is None),
        usd=sum(line.usd or 0.0 for line in lines),
        unknown_count=sum(line.usd is None for line in lines),
        as_of=prices.as_of,
        source=prices.source,
    )


def _line(made: Made, ends: Mapping[str, datetime], now: datetime) -> CostLine:
    size = str(made.told.get("instanceType") or "") if made.kind == INSTANCE else ""
    price = _prices().usd_an_hour.get(size)
    ended = ends.get(made.id)
    ended = ended if ended and ended >= made.at else None
    hours = max(((ended or now) - made.at).total_seconds(), 0.0) / 3_600
    return CostLine(
        made=made, size=size[:40], usd_an_hour=price, usd=None if price is None else price * hours, ended_at=ended
    )
