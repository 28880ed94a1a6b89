"""One HTTP listener sends its visitors on to HTTPS: Security Hub ELB.1.

Its own rules are heard before the default action and are not touched. Source: botocore's model of elbv2 (ModifyListener);
Elastic Load Balancing, "Redirect actions" for Application Load Balancers.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Risk

_DESCRIBE: Final = "elbv2:DescribeListeners"
_RULES: Final = "elbv2:DescribeRules"
_MODIFY: Final = "elbv2:ModifyListener"
_KEY: Final = "DefaultActions"
_HTTPS: Final = "HTTPS"


def _listener(site: Site) -> Mapping[str, Any] | None:
    answer = site.call(_DESCRIBE, ("ListenerNotFound",), ListenerArns=[site.resource])
    return next(iter((answer or {}).get("Listeners") or ()), None)


def _read(site: Site, _name: str) -> State | None:
    """Empty where the listener is none of HTTP: nothing is to be redirected there."""
    found = _listener(site)
    if found is None:
        return None
    if found.get("Protocol") != "HTTP":
        return {}
    return {_KEY: sorted((_action(each) for each in found.get(_KEY) or ()), key=lambda each: each.get("Order", 0))}


def _action(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """The action; a group of targets that AWS tells twice is told once."""
    forward: Mapping[str, Any] = told.get("ForwardConfig") or {}
    left_out = ("TargetGroupArn",) if forward.get("TargetGroups") else ("ForwardConfig",)
    return {key: value for key, value in told.items() if key not in left_out}


def _redirects(state: State) -> bool:
    actions = state[_KEY]
    return bool(actions) and (actions[-1].get("RedirectConfig") or {}).get("Protocol") == _HTTPS


def _safe(state: State) -> State:
    if not state or _redirects(state):
        return state
    where = {
        "Protocol": _HTTPS, "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}",
        "StatusCode": "HTTP_302",
    }  # fmt: skip
    return {_KEY: [{"Type": "redirect", "Order": 1, "RedirectConfig": where}]}


def _put(site: Site, _name: str, _key: str, target: State) -> Call:
    parameters = {"ListenerArn": site.resource, _KEY: target[_KEY]}
    return Call(operation=_MODIFY, region=site.region, parameters=parameters)


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    return [*looked(lambda: _https(site, name)), *looked(lambda: _own_rules(site, name))]


def _https(site: Site, name: str) -> Sequence[Caution]:
    """Whether the load balancer has something that answers where visitors are sent."""
    balancer = (_listener(site) or {}).get("LoadBalancerArn")
    others = site.all_of(_DESCRIBE, "Listeners", LoadBalancerArn=balancer)
    if any(each.get("Protocol") == _HTTPS and each.get("Port") == 443 for each in others):  # noqa: PLR2004 - of HTTPS
        return (Caution(text="fix_network.redirect_clients", values={"name": name}),)
    return (Caution(text="fix_network.redirect_nowhere", values={"name": name}, blocks=True),)


def _own_rules(site: Site, name: str) -> Sequence[Caution]:
    rules = [each for each in site.all_of(_RULES, "Rules", ListenerArn=site.resource) if not each.get("IsDefault")]
    return (Caution(text="fix_network.redirect_rules", values={"name": name, "count": len(rules)}),) if rules else ()


STEP: Final = setting_step(
    Setting(
        id="listener-redirected-to-https",
        order=1180,
        texts="fix_network.redirect",
        rules=("aws.elbv2.listener-http-redirected",),
        kind=Kind(
            service="elasticloadbalancing", call=_DESCRIBE, prefix="listener/app/",
            pattern=r"[A-Za-z0-9-]{1,32}/[0-9a-f]{1,32}/[0-9a-f]{1,32}",
        ),
        reads=(_DESCRIBE, _RULES),
        writes=(_MODIFY,),
        read=_read,
        safe=_safe,
        put=_put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
    )
)  # fmt: skip
