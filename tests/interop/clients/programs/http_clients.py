"""A URL with one of the HTTP libraries, in the way that is named."""

import asyncio
import sys

library, url = sys.argv[1:]


async def with_aiohttp(**options: bool) -> None:
    import aiohttp

    async with aiohttp.ClientSession(**options) as session, session.get(url) as answer:
        print(answer.status, await answer.text())


async def with_httpx(name: str) -> None:
    import importlib

    async with importlib.import_module(name).AsyncClient() as client:
        answer = await client.get(url)
        print(answer.status_code, answer.text)


if library == "requests":
    import requests

    print(requests.get(url, timeout=60).text)
elif library == "requests without the environment":
    import requests

    with requests.Session() as session:
        session.trust_env = False
        print(session.get(url, timeout=60).text)
elif library == "urllib3":
    import urllib3

    print(urllib3.PoolManager().request("GET", url).data.decode())
elif library == "httplib2":
    import httplib2

    print(httplib2.Http().request(url)[1].decode())
elif library == "httpx":
    import httpx

    print(httpx.get(url).text)
elif library == "httpx without the environment":
    import httpx

    print(httpx.get(url, trust_env=False).text)
elif library == "httpx asynchronous":
    asyncio.run(with_httpx("httpx"))
elif library == "httpx2":
    import httpx2

    print(httpx2.get(url).text)
elif library == "httpx2 without the environment":
    import httpx2

    print(httpx2.get(url, trust_env=False).text)
elif library == "httpx2 asynchronous":
    asyncio.run(with_httpx("httpx2"))
elif library == "httpx2 on uvloop":
    import uvloop

    uvloop.run(with_httpx("httpx2"))
elif library == "aiohttp":
    asyncio.run(with_aiohttp())
elif library == "aiohttp with the environment":
    asyncio.run(with_aiohttp(trust_env=True))
elif library == "aiohttp on uvloop":
    import uvloop

    uvloop.run(with_aiohttp())
elif library == "pycurl":
    from io import BytesIO

    import pycurl

    body = BytesIO()
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.WRITEDATA, body)
    curl.perform()
    print(body.getvalue().decode())
