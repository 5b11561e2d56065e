"""`gemauth completion SHELL`: a completion script, generated from the commands' own parsers.

The script is static: completing a word starts no gemauth, so it costs nothing. Profiles' names are
those of files, which the shell lists by itself.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from gemauth.cli.command import Command, Example, Group

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COMMAND", "candidates"]

SHELLS = ("bash", "zsh", "fish")
Candidates = dict[tuple[str, ...], list[tuple[str, str]]]
PROFILE = "@profile"  # stands for the names of the profiles, which the shell finds out


def candidates() -> Candidates:
    """Return, for each command's path, what may follow it: (word, explanation) pairs.

    An option that takes one of several words has a path of its own, which ends in the option.
    """
    from gemauth.cli import commands, manual

    found: Candidates = {(): [(name, text) for name, (_, text) in commands.TABLE.items()]}
    for path, tree in manual.walk():
        if isinstance(tree, Group):
            found[path] = [(member.name, member.summary) for member in tree.commands]
            continue
        follow = found.setdefault(path, [])
        for action in manual.actions_of(tree, path):
            text = "" if action.help == argparse.SUPPRESS else str(action.help)
            choices = [(str(choice), "") for choice in action.choices or ()]
            if action.dest == "profile" or action.metavar == "PROFILE":
                choices = [(PROFILE, "")]
            if not action.option_strings:
                follow.extend(choices)
                continue
            follow += [(name, text) for name in action.option_strings if name.startswith("--")]
            if choices:
                found[*path, action.option_strings[-1]] = choices
    return found


def _cases() -> str:
    """Return a function, in the language that bash and zsh share, that sets `offer` for a path."""
    cases = "".join(
        f"    {_quoted(' '.join(path))}) offer={_quoted(' '.join(word for word, _ in words))} ;;\n"
        for path, words in candidates().items()
    )
    return f"""\
_gemauth_words() {{
  offer=
  case "$1" in
{cases}  esac
}}
_gemauth_profiles() {{
  local file
  if [[ -n ${{ZSH_VERSION-}} ]]; then setopt localoptions nullglob; fi
  for file in "${{XDG_CONFIG_HOME:-${{HOME-}}/.config}}"/gemauth/profiles/*.json; do
    if [[ -f $file ]]; then file="${{file##*/}}"; printf '%s ' "${{file%.json}}"; fi
  done
}}
# Finds what may follow the words before the cursor: after an option of few values, those.
_gemauth_follow() {{
  local word= trail=
  for word in "$@"; do
    [[ $word == -* ]] && break
    _gemauth_words "${{trail:+$trail }}$word"
    [[ -n $offer ]] && trail="${{trail:+$trail }}$word" || break
  done
  offer=
  [[ $# -gt 0 && -z $trail ]] && return
  for word in "$@"; do :; done
  _gemauth_words "$trail $word"
  [[ $word == --* && -n $offer ]] || _gemauth_words "$trail"
  offer="${{offer//{PROFILE}/$(_gemauth_profiles)}}"
}}
"""


def bash() -> str:
    """Return a script for bash; files complete where no word does (`-o default`)."""
    return f"""\
# bash completion for gemauth; load it with: source <(gemauth completion bash)
{_cases()}\
_gemauth() {{
  local offer
  _gemauth_follow "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"
  mapfile -t COMPREPLY < <(compgen -W "$offer" -- "${{COMP_WORDS[COMP_CWORD]}}")
}}
complete -o default -F _gemauth gemauth
"""


def zsh() -> str:
    """Return a script for zsh; files complete where no word does."""
    return f"""\
#compdef gemauth
# zsh completion for gemauth; load it with: source <(gemauth completion zsh)
{_cases()}\
_gemauth() {{
  # no variable here is named `words` or `path`: both are zsh's own, in functions too
  local -a before=("${{(@)words[2,CURRENT-1]}}")
  local offer
  _gemauth_follow "${{before[@]}}"
  compadd -- ${{=offer}} || _files
}}
compdef _gemauth gemauth
"""


def fish() -> str:
    """Return a script for fish."""
    lines = [
        "# fish completion for gemauth; load it with: gemauth completion fish | source",
        "function __gemauth_profiles",
        "    set -l folder $HOME/.config",
        '    test -n "$XDG_CONFIG_HOME"; and set folder $XDG_CONFIG_HOME',
        "    for file in $folder/gemauth/profiles/*.json",
        "        basename $file .json",
        "    end",
        "end",
        "function __gemauth_after",  # the command line begins with these words
        "    set -l words (commandline -opc)",
        "    for index in (seq (count $argv))",
        "        set -l next (math $index + 1)",
        '        test "$words[$next]" = "$argv[$index]"; or return 1',
        "    end",
        "end",
        "function __gemauth_at",  # and ends there
        "    set -l words (commandline -opc)",
        "    test (count $words) -eq (math (count $argv) + 1); and __gemauth_after $argv",
        "end",
    ]
    found = candidates()
    for path, words in found.items():
        if path and path[-1].startswith("--"):
            continue
        leads = all((*path, word) in found for word, _ in words)
        test = "__gemauth_at" if leads else "__gemauth_after"
        at = f"complete -c gemauth -n {_quoted(' '.join((test, *path)))}"
        for word, text in words:
            if word.startswith("--"):
                choices = found.get((*path, word))
                values = f" -x -a {_fish(' '.join(w for w, _ in choices))}" if choices else ""
                lines.append(f"{at} -l {word[2:]} -d {_quoted(text)}{values}")
            else:
                files = " -f" if leads else ""
                lines.append(f"{at}{files} -a {_fish(word)} -d {_quoted(text)}")
    return "\n".join(lines) + "\n"


def _fish(words: str) -> str:
    """Return words for fish's -a, which runs what is in parentheses."""
    return _quoted(words.replace(PROFILE, "(__gemauth_profiles)"))


def _quoted(text: str) -> str:
    """Return text in single quotes, which bash, zsh and fish read alike."""
    # but for backslashes, which no help text has
    return "'" + text.replace("'", "'\\''") + "'"


def arguments(parser: ArgumentParser) -> None:
    """Take the shell's name."""
    parser.add_argument("shell", choices=SHELLS, help="the shell to complete in")


def run(args: Namespace, console: Console) -> int:
    """Print the script on stdout."""
    console.write({"bash": bash, "zsh": zsh, "fish": fish}[args.shell]())
    return 0


COMMAND = Command(
    "completion",
    "Print a shell's completion script.",
    run,
    arguments,
    examples=(
        Example("For this bash", "source <(gemauth completion bash)"),
        Example("For every bash", "gemauth completion bash >> ~/.bash_completion"),
        Example("For this fish", "gemauth completion fish | source"),
    ),
)
