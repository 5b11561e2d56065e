"""Running any unmodified program against an emulator: what its process is given.

Owns: the child's environment, trust and preloads, namespaces, the browser's part, credentials made
ready. Does not own: what answers (`emulator/front`), how the command reads (`cli/emulator/run.py`).
Source: interception.md sections 1 and 5 to 8.
"""
