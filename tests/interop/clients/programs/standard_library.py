"""Python's own: a URL, in the way that is named."""

import asyncio
import http.client
import ssl
import sys
import urllib.request
from urllib.parse import urlsplit

way, url = sys.argv[1:]
parts = urlsplit(url)
target = f"{parts.path}?{parts.query}"
assert parts.hostname is not None


async def raw() -> str:
    reader, writer = await asyncio.open_connection(
        parts.hostname, 443, ssl=ssl.create_default_context()
    )
    writer.write(f"GET {target} HTTP/1.1\r\nHost: {parts.hostname}\r\n".encode())
    writer.write(b"Connection: close\r\n\r\n")
    text = await reader.read()
    writer.close()
    return text.decode()


if way == "urllib":
    with urllib.request.urlopen(url, timeout=60) as answer:
        print(answer.read().decode())
elif way == "http.client":
    connection = http.client.HTTPSConnection(parts.hostname, timeout=60)
    connection.request("GET", target)
    print(connection.getresponse().read().decode())
    connection.close()
else:
    print(asyncio.run(raw()))
