"""Bodies that stream are read inside the call: one that breaks off is a call that failed, and is made again."""

from typing import Any, ClassVar, Final

from botocore.exceptions import BotoCoreError
from botocore.model import OperationModel

_PIECE_BYTES: Final = 1 << 20
_NOT_OK: Final = 300


class BodyTooLargeError(BotoCoreError):
    """The body is larger than whoever opened the door is ready to hold; asking again would not help."""

    fmt: ClassVar[str] = "the body is larger than {limit} bytes"


def read_body(parsed: dict[str, Any], model: OperationModel, *, limit: int) -> None:
    """Put the bytes of a streaming answer in the place of its stream; BodyTooLargeError beyond `limit`.

    Raises what botocore does for a body that is cut, or whose checksum does not fit.
    """
    shape: Any = model.output_shape  # botocore's lazy properties have no types
    name = shape.serialization.get("payload", "") if shape is not None and model.has_streaming_output else ""
    body: Any = parsed.get(name)
    status = parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if not hasattr(body, "read") or status >= _NOT_OK:
        return
    try:
        if int(parsed.get("ContentLength") or 0) > limit:
            raise BodyTooLargeError(limit=limit)
        parsed[name] = _whole(body, limit)
    finally:
        # Of a body that was read to its end the connection is back in its pool already.
        body.close()


def _whole(body: Any, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := body.read(_PIECE_BYTES):
        size += len(piece)
        if size > limit:
            raise BodyTooLargeError(limit=limit)
        pieces.append(piece)
    return b"".join(pieces)
