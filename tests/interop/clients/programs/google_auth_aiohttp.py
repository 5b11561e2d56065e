"""google-auth with aiohttp: the default credentials, with the scopes named, list the models."""

import asyncio
import sys

import google.auth
from google.auth.aio.transport.sessions import AsyncAuthorizedSession


async def main() -> None:
    credentials, project = google.auth.default(scopes=sys.argv[1:] or None)
    session = AsyncAuthorizedSession(credentials)
    answer = await session.get("https://generativelanguage.googleapis.com/v1beta/models")
    print(project, (await answer.read()).decode())
    await session.close()


asyncio.run(main())
