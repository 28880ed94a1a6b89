"""What lies behind an address that AWS gave in an answer: the code of a function, a layer of an image.

Such an address carries its own short signature. It is asked for without our credentials, over the run's own connections,
and only at AWS's own names (or at the endpoint that the run was sent to): no answer leads the program elsewhere.
"""

from typing import Final
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest

from sakimori.aws.classify import FAILURES, refusal_of
from sakimori.aws.masking import mask
from sakimori.aws.refusal import Refusal
from sakimori.aws.transport import Transport
from sakimori.model.words import GapKind

# Source: AWS General Reference, "AWS service endpoints": the suffixes of the partitions.
_SUFFIXES: Final = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu")
_PIECE_BYTES: Final = 1 << 20
_OK: Final = 200


class Fetcher:
    """Fetches over one transport. Thread-safe."""

    def __init__(self, transport: Transport | None, endpoint_url: str) -> None:
        self._transport = transport
        self._endpoint = urlsplit(endpoint_url)

    def fetch(self, url: str, most: int) -> bytes:
        """The bytes, at most so many; Refusal where that is not AWS's, too large, or not given. The address is told to nobody."""
        call = "https:GET"
        if self._transport is None:
            raise Refusal(
                call=call, kind=GapKind.UNSUPPORTED, code="NoTransport", message="a session that was handed in"
            )
        if not self._is_of_aws(url):
            raise Refusal(call=call, kind=GapKind.MALFORMED, code="NotAws", message=mask(str(urlsplit(url).hostname)))
        request = AWSRequest(method="GET", url=url, stream_output=True).prepare()
        try:
            response = self._transport.send(request)
            if response.status_code != _OK:
                response.raw.close()
                kind = GapKind.DENIED if response.status_code in {401, 403} else GapKind.REFUSED
                raise Refusal(call=call, kind=kind, code=str(response.status_code), message="")
            return _read(response.raw, most, call)
        except FAILURES as error:
            raise refusal_of(call, error) from error

    def _is_of_aws(self, url: str) -> bool:
        parts = urlsplit(url)
        if self._endpoint.netloc and parts.netloc == self._endpoint.netloc:
            return True
        return parts.scheme == "https" and str(parts.hostname).endswith(_SUFFIXES)


def _read(raw: object, most: int, call: str) -> bytes:
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := raw.read(_PIECE_BYTES):  # type: ignore[attr-defined] - urllib3's response
            size += len(piece)
            if size > most:
                raise Refusal(call=call, kind=GapKind.REFUSED, code="TooLarge", message=f"more than {most} bytes")
            pieces.append(piece)
    finally:
        raw.close()  # type: ignore[attr-defined]
    return b"".join(pieces)
