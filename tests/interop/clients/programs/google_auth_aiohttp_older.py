"""google-auth's older asynchronous credentials and session, with aiohttp."""

import asyncio
import sys

from google.auth._default_async import default_async
from google.auth.transport._aiohttp_requests import AuthorizedSession


async def main() -> None:
    credentials, project = default_async(scopes=sys.argv[1:] or None)
    async with AuthorizedSession(credentials) as session:
        answer = await session.request(
            "GET", "https://generativelanguage.googleapis.com/v1beta/models"
        )
        print(project, await answer.text())


asyncio.run(main())
