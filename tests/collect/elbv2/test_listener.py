"""What a listener answers by default."""

from collections.abc import Callable
from typing import Any

import pytest

TO_HTTPS = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
TO_ITSELF = {"Type": "redirect", "RedirectConfig": {"Protocol": "#{protocol}", "StatusCode": "HTTP_301"}}
FORWARD = {"Type": "forward"}


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ([TO_HTTPS], ("redirect", True)),
        ([TO_ITSELF], ("redirect", False)),
        ([{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302"}}], ("redirect", False)),
        ([FORWARD], ("forward", False)),
        ([{**FORWARD, "Order": 2}, {"Type": "authenticate-oidc", "Order": 1}], ("forward", False)),
        ([], (None, None)),
        ([{}], (None, None)),
    ],
)
def test_only_a_redirect_that_names_https_leads_there(
    fake_door: Callable[..., Any], read: Callable[..., Any], actions: list[Any], expected: tuple[Any, Any]
) -> None:
    listener = {"ListenerArn": "l", "LoadBalancerArn": "b", "Protocol": "HTTP", "DefaultActions": actions}
    door = fake_door(
        elbv2__DescribeLoadBalancers={"LoadBalancers": [{"LoadBalancerArn": "b"}]},
        elbv2__DescribeListeners={"Listeners": [listener]},
    )
    row = read("aws_elbv2_listener", door).only
    assert (row["default_action"], row["redirects_to_https"]) == expected
