"""The same API over gRPC: an ASGI app that needs HTTP/2 with trailers below it, and no grpcio.

Owns: frames, metadata, deadlines, gRPC's statuses, reflection. Does not own: what a method does and
who may call it (`gemini.serve`, the same call for call), and HTTP/2 itself (`emulator.front`).
Nothing here is imported before the first gRPC request; protobuf comes with it.
"""

from __future__ import annotations

from gemauth.emulator.gemini.grpc.app import GrpcApp

__all__ = ["GrpcApp"]
