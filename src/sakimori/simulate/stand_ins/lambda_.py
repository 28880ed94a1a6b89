"""The list of a function's URLs, which moto keeps and does not list."""

from collections.abc import Mapping
from typing import Any, Final

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaBackend, lambda_backends

from sakimori.simulate.call import ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn


def function_urls(desk: Desk) -> Mapping[str, Any]:
    """The URL of the function itself; moto knows none of aliases."""
    name = str(desk.parameters()["FunctionName"])
    backend: LambdaBackend = lambda_backends[desk.state.account_id][desk.call.region]
    try:
        config: Any = backend.get_function(name).url_config
    except UnknownFunctionException as error:
        raise ServiceError("ResourceNotFoundException", f"Function not found: {name}", 404) from error
    if config is None:
        return {"FunctionUrlConfigs": []}
    # moto writes the mode as "Buffered"; AWS knows it in capitals alone.
    told = {**config.to_dict(), "InvokeMode": str(config.config.get("InvokeMode") or "BUFFERED")}
    return {"FunctionUrlConfigs": [{key: value for key, value in told.items() if value is not None}]}


STAND_INS: Final[Mapping[str, StandIn]] = {"lambda:ListFunctionUrlConfigs": function_urls}
