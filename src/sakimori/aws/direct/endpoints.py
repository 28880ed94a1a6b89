"""Where a service is asked, by the rules of its own model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

_REGION: Final = "AWS::Region"
_ENDPOINT: Final = "SDK::Endpoint"
_NEVER: Final = frozenset({"AWS::UseFIPS", "AWS::UseDualStack"})
"""Whoever has set one of these has all calls made by botocore."""
_SIGV4: Final = "sigv4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a call goes, and the Region and service that its signature names."""

    url: str
    headers: Mapping[str, str]
    region: str
    service: str


class Endpoints:
    """The endpoints of one service. Thread-safe: what is found twice is the same."""

    def __init__(self, rules: Mapping[str, Any], partitions: Mapping[str, Any], *, endpoint_url: str) -> None:
        self._provider = EndpointProvider(rules, partitions)
        self._endpoint_url = endpoint_url
        self._built_in = {
            name: parameter["builtIn"] for name, parameter in rules["parameters"].items() if "builtIn" in parameter
        }
        self._places: dict[str, Place | None] = {}

    @classmethod
    def of(cls, loader: Loader, service: str, *, endpoint_url: str) -> "Endpoints | None":
        """None where there are no rules, or they ask for more than a Region and an address: those of S3 or STS, say."""
        try:
            rules = loader.load_service_model(service, "endpoint-rule-set-1")
        except UnknownServiceError:
            return None
        known = {_REGION, _ENDPOINT, *_NEVER}
        if any(each.get("builtIn", _REGION) not in known for each in rules["parameters"].values()):
            return None
        return cls(rules, loader.load_data("partitions"), endpoint_url=endpoint_url)

    def place(self, region: str, signing_name: str) -> Place | None:
        """None where the service wants another signature there than version 4. Raises botocore's EndpointProviderError."""
        if region not in self._places:
            self._places[region] = self._found(region, signing_name)
        return self._places[region]

    def _found(self, region: str, signing_name: str) -> Place | None:
        values = {_REGION: region, _ENDPOINT: self._endpoint_url or None, **dict.fromkeys(_NEVER, False)}
        given = {name: values[built_in] for name, built_in in self._built_in.items() if values[built_in] is not None}
        found = self._provider.resolve_endpoint(**given)
        schemes = found.properties.get("authSchemes") or [{"name": _SIGV4}]
        scheme = schemes[0]
        if scheme["name"] != _SIGV4 or "disableDoubleEncoding" in scheme:
            return None
        return Place(
            url=found.url,
            headers={name: values[0] for name, values in found.headers.items()},
            region=scheme.get("signingRegion") or region,
            service=scheme.get("signingName") or signing_name,
        )
