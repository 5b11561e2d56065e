"""What one can do with the Gemini API: each operation is one flow, each family of them one module.

A public method returns `Flow[T]` (one result) or `Pages[R]` (a list); `make facades` writes the
sync and the async class that people call from its signature and docstring (decision 0018).
"""
