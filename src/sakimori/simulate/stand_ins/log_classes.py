"""The class of a log group, which moto does not keep: STANDARD unless another was asked for when it was made.

Source: CloudWatch Logs API reference, CreateLogGroup and DescribeLogGroups; the class of a group cannot be changed.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from sakimori.simulate.call import Answer
from sakimori.simulate.stand_ins.form import Desk, StandIn

_SUCCESS: Final = 300
_STANDARD: Final = "STANDARD"


def create(desk: Desk) -> Answer:
    """Moto's answer; the class is kept."""
    asked = desk.parameters()
    answer = desk.moto()
    if answer.status < _SUCCESS:
        desk.state.services.log_classes[desk.call.region, asked["logGroupName"]] = asked.get("logGroupClass", _STANDARD)
    return answer


def describe(desk: Desk) -> Mapping[str, Any] | Answer:
    """Moto's answer, each group with its class."""
    answer = desk.moto()
    if answer.status >= _SUCCESS:
        return answer
    told = json.loads(answer.body)
    for each in told["logGroups"]:
        known = desk.state.services.log_classes
        each["logGroupClass"] = known.get((desk.call.region, each["logGroupName"]), _STANDARD)
    return Answer(status=answer.status, headers=answer.headers, body=json.dumps(told).encode())


STAND_INS: Final[Mapping[str, StandIn]] = {"logs:CreateLogGroup": create, "logs:DescribeLogGroups": describe}
