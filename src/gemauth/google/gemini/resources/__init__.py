"""The API's resources as values without protobuf: what the client gives its callers.

One module per family of the API; each loads alone, since a program seldom uses more than one.
`resource.py` has what they share.
"""
