from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("statement", "holds_costs"),
    [
        ("SELECT a, b FROM COST_AND_USAGE_REPORT", True),
        ("select a\nfrom  cost_and_usage_report where b = 'c'", True),
        ("SELECT a FROM FOCUS_1_0_AWS", True),
        ("SELECT a FROM FOCUS_1_0_AWS_PREVIEW", True),
        ("SELECT a FROM COST_OPTIMIZATION_RECOMMENDATIONS", False),
        ("SELECT 'COST_AND_USAGE_REPORT' FROM CARBON_EMISSIONS", False),
        (None, None),
    ],
)
def test_what_an_export_holds_stands_in_its_query(
    fake_door: Callable[..., Any], read: Callable[..., Any], statement: str | None, holds_costs: bool | None
) -> None:
    listed = {"Exports": [{"ExportArn": "e", "ExportName": "n", "ExportStatus": {"StatusCode": "HEALTHY"}}]}
    export = {"Export": {"ExportArn": "e", "DataQuery": {"QueryStatement": statement}}}
    door = fake_door(**{"bcm-data-exports__ListExports": listed, "bcm-data-exports__GetExport": export})
    assert read("aws_bcm_export", door).only["holds_costs"] is holds_costs
