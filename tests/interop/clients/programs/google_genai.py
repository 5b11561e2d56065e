"""google-genai: one job, by its name, with an API key or with OAuth by an adapter."""

import asyncio
import os
import sys

from google import genai
from google.genai import errors, types

job, how = sys.argv[1:]


def client() -> genai.Client:
    if how == "key":
        return genai.Client()
    import google.auth
    import httpx2
    from google.auth.transport.requests import Request

    credentials, _ = google.auth.default()

    class Bearer(httpx2.Auth):
        def auth_flow(self, request):
            if not credentials.valid:
                credentials.refresh(Request())
            request.headers.pop("x-goog-api-key", None)
            request.headers["Authorization"] = f"Bearer {credentials.token}"
            yield request

    if how == "adapter":
        return genai.Client(
            api_key="unused",
            http_options=types.HttpOptions(
                httpx_client=httpx2.Client(auth=Bearer()),
                httpx_async_client=httpx2.AsyncClient(auth=Bearer()),
            ),
        )
    credentials.refresh(Request())
    return genai.Client(
        api_key=os.environ.get("GEMINI_API_KEY", "unused"),
        http_options=types.HttpOptions(
            headers={"Authorization": f"Bearer {credentials.token}"}
            | ({"x-goog-api-key": ""} if how == "header alone" else {})
        ),
    )


def models() -> None:
    with client() as google:
        try:
            print([model.name for model in google.models.list()])
        except errors.APIError as error:
            print(error)


def asynchronous() -> None:
    async def main() -> None:
        async with client().aio as google:
            async for model in await google.models.list():
                print(model.name)

    asyncio.run(main())


def stream() -> None:
    with client() as google:
        try:
            for piece in google.models.generate_content_stream(
                model="gemini-2.5-flash", contents="How are you?"
            ):
                print(piece.text)
        except errors.APIError as error:
            print(error.code, error.status)


def tuned() -> None:
    with client() as google:
        for model in google.models.list(config={"query_base": False}):
            print(model.name)


{"models": models, "async": asynchronous, "stream": stream, "tuned": tuned}[job]()
