"""What botocore does for single services and operations, beside what their models say.

It hangs such things on events. Those that change parameters, a request or an answer are called here as botocore calls
them; an operation for which anything hangs on another event is left to botocore whole.
"""

from typing import Any, Final

from botocore.handlers import BUILTIN_HANDLERS
from botocore.utils import EVENT_ALIASES

BEFORE_PARAMETERS: Final = "before-parameter-build"
BEFORE_CALL: Final = "before-call"
AFTER_CALL: Final = "after-call"
_CALLED: Final = frozenset({BEFORE_PARAMETERS, BEFORE_CALL, AFTER_CALL})
_OF_NO_CALL: Final = frozenset({"docs", "creating-client-class", "getattr", "choose-service-name"})
"""They concern documentation, and the classes of clients."""


def is_special(model: Any, operation: str) -> bool:
    """Whether something hangs on the service's or the operation's other events. `model` is botocore's ServiceModel, whose lazy properties have no types."""
    names = {model.service_name, model.endpoint_prefix, model.service_id.hyphenize(), "*"}
    names |= {EVENT_ALIASES.get(name, name) for name in names}
    for entry in BUILTIN_HANDLERS:
        head, *rest = str(entry[0]).split(".")
        if head in _CALLED or head in _OF_NO_CALL or not rest:
            continue
        if rest[0] in names and (len(rest) == 1 or rest[1] in {operation, "*"}):
            return True
    return False
