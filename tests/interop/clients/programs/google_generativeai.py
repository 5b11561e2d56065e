"""google-generativeai: one job, by its name; --rest takes that transport, --key an API key."""

import asyncio
import sys
from pathlib import Path

import google.generativeai as genai
from google.api_core.exceptions import GoogleAPICallError

job, *words = sys.argv[1:]
options = dict(word[2:].partition("=")[::2] for word in words if word.startswith("--"))
words = [word for word in words if not word.startswith("--")]
genai.configure(
    api_key=options.get("key"), transport="rest" if "rest" in options else options.get("transport")
)


def models() -> None:
    for model in genai.list_models():
        print(model.name)


def stream() -> None:
    model = genai.GenerativeModel("gemini-2.5-flash")
    try:
        for piece in model.generate_content("How are you?", stream=True):
            print(piece.text)
    except GoogleAPICallError as error:
        print(type(error).__name__, error.message)


def asynchronous() -> None:
    async def generate() -> None:
        model = genai.GenerativeModel("gemini-2.5-flash")
        try:
            print((await model.generate_content_async("How are you?")).text)
        except GoogleAPICallError as error:
            print(type(error).__name__, error.message)

    asyncio.run(generate())


def tuned() -> None:
    (name,) = words
    print(name in [model.name for model in genai.list_tuned_models()])
    print(genai.update_tuned_model(name, {"description": "changed"}).description)
    genai.delete_tuned_model(name)
    try:
        genai.get_tuned_model(name)
    except GoogleAPICallError as error:
        print(type(error).__name__)


def permissions() -> None:
    name, friend = words
    held = genai.get_tuned_model(name).permissions
    made = held.create(role="reader", grantee_type="user", email_address=friend)
    print([f"{each.email_address} {each.role.name}" for each in held.list()])
    made.delete()
    print(len(list(held.list())), "left")
    held.transfer_ownership(friend)
    print([f"{each.email_address} {each.role.name}" for each in held.list()])


def upload() -> None:
    file = Path("notes.txt")
    file.write_text("notes", encoding="utf-8")
    try:
        print(genai.upload_file(file).name)
    except Exception as error:
        print(type(error).__name__, error)


{
    "models": models,
    "stream": stream,
    "async": asynchronous,
    "tuned": tuned,
    "permissions": permissions,
    "upload": upload,
}[job]()
