"""The Gemini API over REST: models, tuned models and who may use them, sync and async.

Skeleton of the public signatures; `Model`, `TunedModel` and `Permission` are google/gemini's.

    class Gemini:
        def __init__(self, credentials: Credentials | None = None, *, endpoints: Endpoints | None = None,
                     transport: Transport | None = None, version: str = "v1beta") -> None
        models.list(*, page_size=None) -> Iterator[Model];  models.get(name) -> Model
        tuned_models.list(*, filter=None, page_size=None) -> Iterator[TunedModel]
        tuned_models.get(name) -> TunedModel;  tuned_models.patch(name, changes: Mapping) -> TunedModel
        tuned_models.delete(name) -> None;  tuned_models.transfer_ownership(name, email) -> None
        permissions.list(parent, *, page_size=None) -> Iterator[Permission]
        permissions.get(name) -> Permission
        permissions.create(parent, role, *, user=None, group=None, everyone=False) -> Permission
        permissions.update(name, role) -> Permission;  permissions.delete(name) -> None
        share(parent, role="reader", *, user=None, group=None, everyone=False) -> Permission
            creates the permission, or changes the role of the one the grantee already has
        request(method, path, *, body: bytes | None = None, query: Mapping | None = None,
                content_type="application/json") -> Response
        close(); context manager
    class AsyncGemini: the same with `async def` and async iterators.
"""

from __future__ import annotations
