"""`gemauth corpora list|get|create|delete|query`: the corpora of the semantic retriever."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gemauth.cli.command import ACTING, Command, Example, Group
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console
    from gemauth.google.gemini.resources.retrieval import MetadataFilter

__all__ = ["COMMAND"]

COLUMNS = ("name", "displayName", "createTime", "updateTime")
_CONDITION = re.compile(
    r"\s*([\w.\-]+?)\s*(<=|>=|==|!=|<|>|\sincludes\s|\sexcludes\s)\s*(.*?)\s*", re.DOTALL
)


def _name(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="such as corpora/my-corpus")


def _create_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("display_name", metavar="DISPLAY-NAME", help="for people, such as Notes")
    parser.add_argument(
        "--name", default="", help="such as corpora/my-corpus (default: one that the API makes)"
    )


def _delete_arguments(parser: ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("--force", action="store_true", help="with all documents that are in it")


def _query_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", help="such as corpora/my-corpus, or one of its documents"
    )
    parser.add_argument("query", metavar="QUERY", help="what to look for, in plain language")
    parser.add_argument(
        "--results", type=int, metavar="N", help="how many at most, up to 100 (default: 10)"
    )
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="CONDITION",
        help="only where metadata is so, such as 'document.year >= 2000', 'chunk.author == Ada', "
        "'chunk.tags includes x'; again for more that must all be met",
    )


def list_(args: Namespace, console: Console) -> int:
    """List every page of the corpora."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        rows = list(api.list_json("corpora"))
    console.records(rows, COLUMNS, nothing="You have no corpora.")
    return 0


def get(args: Namespace, console: Console) -> int:
    """Show one corpus."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        console.record(api.corpora.get(args.name).to_json())
    return 0


def create(args: Namespace, console: Console) -> int:
    """Make a corpus and show it."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        console.record(api.corpora.create(args.display_name, name=args.name).to_json())
    return 0


def delete(args: Namespace, console: Console) -> int:
    """Delete a corpus."""
    from gemauth.cli.connect import gemini

    with gemini(args, console) as api:
        api.corpora.delete(args.name, force=args.force)
    console.say(f"{args.name} is deleted.")
    return 0


def query(args: Namespace, console: Console) -> int:
    """Show the chunks that fit a query best."""
    from gemauth.cli.connect import gemini

    filters = [_filter(text) for text in args.where]
    with gemini(args, console) as api:
        family = api.documents if "/documents/" in args.name else api.corpora
        found = family.query(args.name, args.query, filters=filters, results=args.results)
    if console.format == "json":
        console.json([each.to_json() for each in found])
        return 0
    rows: list[dict[str, Any]] = [
        {
            "score": f"{each.chunk_relevance_score:.3f}",
            "chunk": each.chunk.name if each.chunk else "",
            "text": " ".join(each.chunk.text.split()) if each.chunk else "",
        }
        for each in found
    ]
    console.records(rows, ("score", "chunk", "text"), nothing="Nothing fits.")
    return 0


def _filter(text: str) -> MetadataFilter:
    """Return the filter that a condition on the command line means.

    Raises:
        UsageError: it is none.
    """
    from gemauth.google.gemini.resources.retrieval import MetadataFilter

    found = _CONDITION.fullmatch(text)
    of, _, key = found[1].partition(".") if found else ("", "", "")
    if found is None or of not in {"document", "chunk"} or not key or not found[3]:
        raise UsageError(
            f"{text!r} is no condition on metadata.",
            next_step="Write it as 'document.year >= 2000' or 'chunk.tags includes x'.",
        )
    key = key.removeprefix("custom_metadata.")
    return MetadataFilter.of(f"{of}.custom_metadata.{key}", (found[2].strip(), _value(found[3])))


def _value(text: str) -> str | float:
    """Return a number where the text is one; in quotes it is a text all the same."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return float(text) if re.fullmatch(r"[+-]?\d+(\.\d+)?", text) else text


COMMAND = Group(
    "corpora",
    "See, make and search corpora of documents.",
    (
        Command(
            "list",
            "List your corpora.",
            list_,
            options=ACTING,
            examples=(Example("All of them", "gemauth corpora list"),),
        ),
        Command(
            "get",
            "Show one corpus.",
            get,
            _name,
            options=ACTING,
            examples=(Example("One corpus", "gemauth corpora get corpora/my-corpus"),),
        ),
        Command(
            "create",
            "Make a corpus.",
            create,
            _create_arguments,
            options=ACTING,
            examples=(
                Example("By a name of yours", "gemauth corpora create Notes --name corpora/notes"),
            ),
        ),
        Command(
            "delete",
            "Delete a corpus.",
            delete,
            _delete_arguments,
            options=ACTING,
            examples=(
                Example("With all that is in it", "gemauth corpora delete corpora/notes --force"),
            ),
        ),
        Command(
            "query",
            "Find what fits a question best.",
            query,
            _query_arguments,
            options=ACTING,
            examples=(
                Example(
                    "In recent documents only",
                    'gemauth corpora query corpora/notes "who wrote the first program?" \\\n'
                    "    --where 'document.year >= 2000'",
                ),
            ),
        ),
    ),
    details="Google has removed documents, chunks and queries from the API's public discovery "
    "document (seen in September 2026); whether these methods still answer is not certain. The "
    "emulator does not have corpora yet. To share a corpus: gemauth share corpora/my-corpus.",
)
