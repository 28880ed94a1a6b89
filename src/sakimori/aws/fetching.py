"""What lies behind an address that AWS gave in an answer: the code of a function, a layer of an image.

Such an address carries its own short signature. It is asked for without our credentials, over the run's own connections,
and only at AWS's own names (or at the endpoint that the run was sent to): no answer leads the program elsewhere.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest

from sakimori.aws.classify import FAILURES, refusal_of
from sakimori.aws.masking import mask
from sakimori.aws.refusal import Refusal
from sakimori.aws.settings import Clock
from sakimori.aws.transport import Transport
from sakimori.model.words import GapKind

# Source: AWS General Reference, "AWS service endpoints": the suffixes of the partitions.
_SUFFIXES: Final = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu")
_PIECE_BYTES: Final = 1 << 20
_OK: Final = 200
_PATIENCE_SECONDS: Final = 60.0
_SLOWEST: Final = 32 << 10
"""Bytes a second, beyond the patience: a byte now and then would hold the run for days, and is no silence to the connection."""


class Fetcher:
    """Fetches over one transport. Thread-safe."""

    def __init__(self, transport: Transport | None, endpoint_url: str, clock: Clock | None = None) -> None:
        self._transport = transport
        self._clock = clock or Clock()
        self._endpoint = urlsplit(endpoint_url)

    def fetch(self, url: str, most: int) -> bytes:
        """The bytes, at most so many; Refusal where that is not AWS's, too large, or not given. The address is told to nobody."""
        call = "https:GET"
        if self._transport is None:
            raise Refusal(
                call=call, kind=GapKind.UNSUPPORTED, code="NoTransport", message="a session that was handed in"
            )
        if not self._is_of_aws(url):
            raise Refusal(call=call, kind=GapKind.MALFORMED, code="NotAws", message=_host_of(url))
        request = AWSRequest(method="GET", url=url, stream_output=True).prepare()
        try:
            response = self._transport.send(request)
            if response.status_code != _OK:
                response.raw.close()
                kind = GapKind.DENIED if response.status_code in {401, 403} else GapKind.REFUSED
                raise Refusal(call=call, kind=kind, code=str(response.status_code), message="")
            return self._read(response.raw, most, call)
        except FAILURES as error:
            told = refusal_of(call, error)
            # The words of a transport's error hold the address.
            raise Refusal(call=call, kind=told.kind, code=told.code, message="") from error

    def _is_of_aws(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        if self._endpoint.netloc and parts.netloc == self._endpoint.netloc:
            return True
        return parts.scheme == "https" and str(parts.hostname).endswith(_SUFFIXES)

    def _read(self, raw: Any, most: int, call: str) -> bytes:
        # What has come is taken at once, so that the clock is looked at; urllib3 1.26 waits for the whole piece.
        read = getattr(raw, "read1", raw.read)
        pieces: list[bytes] = []
        size, since = 0, self._clock.monotonic()
        try:
            while piece := read(_PIECE_BYTES):
                size += len(piece)
                if size > most:
                    raise Refusal(call=call, kind=GapKind.REFUSED, code="TooLarge", message=f"more than {most} bytes")
                if self._clock.monotonic() - since > _PATIENCE_SECONDS + size / _SLOWEST:
                    raise Refusal(
                        call=call, kind=GapKind.UNREACHABLE, code="TooSlow", message=f"only {size} bytes came"
                    )
                pieces.append(piece)
        finally:
            raw.close()
        return b"".join(pieces)


def _host_of(url: str) -> str:
    try:
        return mask(str(urlsplit(url).hostname))
    except ValueError:
        return ""
