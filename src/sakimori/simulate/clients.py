"""boto3 clients of the simulated account."""

from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from sakimori.simulate.identities import Credentials


def client_of(service: str, region: str, endpoint_url: str, credentials: Credentials) -> Any:
    """A client of `service` at the endpoint, without retries.

    s3control puts the account's id before the endpoint's name, which an address does not
    bear and no option turns off: it is taken away again before the request is signed.
    """
    configuration = Config(retries={"total_max_attempts": 1}, inject_host_prefix=False)
    client = _session().client(
        service,
        region_name=region,
        endpoint_url=endpoint_url,
        config=configuration,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token or None,
    )
    host = urlsplit(endpoint_url).netloc

    def address(request: Any, **_event: object) -> None:
        request.url = urlsplit(request.url)._replace(netloc=host).geturl()

    client.meta.events.register("before-sign.s3-control", address)
    return client


@cache
def _session() -> boto3.Session:
    """One session of the process: each new one reads the service models from disk again."""
    return boto3.Session()
