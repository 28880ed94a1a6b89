"""Answers every call at once and with nothing, so that what is measured is the caller: `python stand_in.py` prints its address."""

import asyncio
import sys
from typing import Final
from urllib.parse import parse_qs

REGIONS: Final = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2",
    "eu-west-3", "sa-east-1",
)  # fmt: skip
_NAMED: Final = {
    "GetCallerIdentity": "<GetCallerIdentityResult><Account>123456789012</Account><UserId>U</UserId>"
    "<Arn>arn:aws:iam::123456789012:user/u</Arn></GetCallerIdentityResult>",
    "DescribeRegions": "<regionInfo>"
    + "".join(
        f"<item><regionName>{region}</regionName><optInStatus>opt-in-not-required</optInStatus></item>"
        for region in REGIONS
    )
    + "</regionInfo>",
}


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, until the caller closes it."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length:")[2].partition("\r\n")[0] or 0)
            body = await reader.readexactly(length)
            operation = parse_qs(body.decode("latin-1")).get("Action", [""])[0]
            content = (
                f"<{operation}Response>{_NAMED.get(operation, f'<{operation}Result/>')}</{operation}Response>"
                if operation
                else "{}"
            )
            writer.write(
                f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(content)}\r\n\r\n{content}".encode()
            )
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def serve() -> None:
    """Until ended."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
