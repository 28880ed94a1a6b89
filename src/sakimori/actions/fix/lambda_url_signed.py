"""A function's URL that serves only requests signed with credentials of IAM.

The finding's resource is the function, or the alias that the URL is of. Source: botocore's model of lambda; Lambda
Developer Guide, "Control access to Lambda function URLs".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Risk

_GET: Final = "lambda:GetFunctionUrlConfig"
_UPDATE: Final = "lambda:UpdateFunctionUrlConfig"
_KEY: Final = "AuthType"


def _named(name: str) -> dict[str, str]:
    function, _, alias = name.partition(":")
    return {"FunctionName": function, **({"Qualifier": alias} if alias else {})}


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_GET, ("ResourceNotFoundException",), **_named(name))
    return None if answer is None else {_KEY: answer[_KEY]}


def _put(site: Site, name: str, key: str, target: State) -> Call:
    return Call(operation=_UPDATE, region=site.region, parameters={**_named(name), key: target[key]})


def _cautions(_site: Site, name: str, _state: State) -> Sequence[Caution]:
    return (Caution(text="fix_data.lambda_url_signed_callers", values={"function": name}),)


STEP: Final = setting_step(
    Setting(
        id="lambda-url-signed",
        order=2220,
        texts="fix_data.lambda_url_signed",
        rules=("aws.lambda.function-url-authenticated",),
        kind=Kind(
            service="lambda", call=_GET, prefix="function:", pattern=r"[A-Za-z0-9_-]{1,140}(:[A-Za-z0-9_-]{1,128})?"
        ),
        reads=(_GET,),
        writes=(_UPDATE,),
        read=_read,
        safe={_KEY: "AWS_IAM"},
        put=_put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
    )
)
