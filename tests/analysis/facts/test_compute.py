from typing import Any

import pytest
from tests.analysis.facts.events import call, told


def run(kind: str, count: int = 1, **request: Any) -> dict[str, Any]:
    asked = {"instancesSet": {"items": [{"imageId": "ami-1", "minCount": 1, "maxCount": count}]}, "instanceType": kind}
    return call("RunInstances", {**asked, **request})


@pytest.mark.parametrize(
    ("event", "types", "gpu", "large"),
    [
        (run("t3.micro"), ("t3.micro",), False, False),
        (run("p4d.24xlarge"), ("p4d.24xlarge",), True, True),
        (run("g4dn.xlarge"), ("g4dn.xlarge",), True, False),
        (run("trn1.2xlarge"), ("trn1.2xlarge",), True, False),
        (run("inf2.xlarge"), ("inf2.xlarge",), True, False),
        (run("c7i.metal-24xl"), ("c7i.metal-24xl",), False, True),
        (run("m5.16xlarge"), ("m5.16xlarge",), False, True),
        (run("m5.12xlarge"), ("m5.12xlarge",), False, False),
        (run("t4g.small"), ("t4g.small",), False, False),
        (run("u-6tb1.112xlarge"), ("u-6tb1.112xlarge",), False, True),
        (call("ModifyInstanceAttribute", {"instanceType": {"value": "p3.2xlarge"}}), ("p3.2xlarge",), True, False),
        (
            call("CreateFleet", {"CreateFleetRequest": {"LaunchTemplateConfigs": {"Overrides": [{"InstanceType": "g5.xlarge"}, {"InstanceType": "m5.large"}]}}}),
            ("g5.xlarge", "m5.large"), True, False,
        ),
        (call("CreateNotebookInstance", {"instanceType": "ml.p3.2xlarge"}), ("ml.p3.2xlarge",), True, False),
        (call("DescribeInstanceTypes", {"instanceType": "p3.2xlarge"}), (), False, False),
        (run("not a type"), (), False, False),
    ],
)  # fmt: skip
def test_types_of_instances(event: dict[str, Any], types: tuple[str, ...], gpu: bool, large: bool) -> None:
    assert told("instance_types", event) == types
    assert told("gpu_instance", event) is gpu
    assert told("large_instance", event) is large


@pytest.mark.parametrize(
    ("event", "count"),
    [
        (run("t3.micro", 5), 5),
        ({**run("t3.micro", 5), "responseElements": {"instancesSet": {"items": [{}, {}, {}]}}}, 3),
        (call("RequestSpotInstances", {"instanceCount": "7"}), 7),
        (call("CreateFleet", {"CreateFleetRequest": {"TargetCapacitySpecification": {"TotalTargetCapacity": 4}}}), 4),
        (call("SetDesiredCapacity", {"desiredCapacity": 20}), 20),
        (call("TerminateInstances", {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}}), 2),
        (call("DescribeInstances", {"instancesSet": {"items": [{"instanceId": "i-1"}]}}), None),
        (call("RunInstances"), None),
    ],
)
def test_how_many_instances(event: dict[str, Any], count: int | None) -> None:
    assert told("instance_count", event) == count


def test_user_data_is_given_though_it_is_masked() -> None:
    assert told("user_data_given", run("t3.micro", userData="<sensitiveDataRemoved>")) is True
    assert told("user_data_given", call("ModifyInstanceAttribute", {"userData": "<sensitiveDataRemoved>"})) is True
    template = {"CreateLaunchTemplateRequest": {"LaunchTemplateData": {"UserData": "<sensitiveDataRemoved>"}}}
    assert told("user_data_given", call("CreateLaunchTemplate", template)) is True
    assert told("user_data_given", run("t3.micro")) is False
    assert told("user_data_given", run("t3.micro", userData="")) is False
