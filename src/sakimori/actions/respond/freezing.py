"""Which step stops what a thief made and that costs money while it runs (R16). Nothing is deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from sakimori.actions.respond.erasing import Erasure, erasure_of, in_order
from sakimori.analysis.incident.form import Made

FREEZING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AWS::AutoScaling::AutoScalingGroup": "auto-scaling-suspended",
        "AWS::EC2::SpotInstanceRequest": "spot-request-cancelled",
        "AWS::EC2::SpotFleet": "spot-fleet-cancelled",
        "AWS::EC2::EC2Fleet": "fleet-deleted",
        "AWS::EC2::Instance": "instance-isolated",
        "AWS::Lambda::Function": "function-stopped",
        "AWS::ECS::Service": "service-stopped",
        "AWS::ECS::Task": "task-stopped",
        "AWS::SageMaker::NotebookInstance": "notebook-stopped",
        "AWS::SageMaker::TrainingJob": "training-stopped",
        "AWS::Lightsail::Instance": "lightsail-instance-stopped",
        "AWS::Glue::Job": "glue-job-stopped",
        "AWS::EMR::Cluster": "emr-cluster-ended",
        "AWS::CodeBuild::Build": "build-stopped",
        "AWS::GameLift::Fleet": "game-fleet-emptied",
        "AWS::Batch::JobQueue": "batch-queue-disabled",
        "AWS::Batch::ComputeEnvironment": "batch-environment-disabled",
    }
)
"""The step by type name; what starts things anew goes first by the steps' own order."""


def freezes_of(made: Sequence[Made]) -> tuple[Erasure, ...]:
    """What is to be stopped of these things, each once, in the order of doing it."""
    found: dict[Erasure, None] = {}
    for each in made:
        step = FREEZING.get(each.kind, "") if each.is_created else ""
        named = erasure_of(each) if step else None
        if named is not None:
            found[replace(named, step=step)] = None
    return in_order(found)
