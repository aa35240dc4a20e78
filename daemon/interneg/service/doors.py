"""The addresses that the daemon answers at: the user's own socket, and TCP where it is configured."""

from __future__ import annotations

import hmac
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import grpc
from grpc_health.v1 import health, health_pb2_grpc

from interneg.errors import DaemonError, RequestError
from interneg.service import servicers
from interneg.service.paths import PathRules
from interneg.service.residents import Residents
from interneg.settings import Settings
from interneg_bridge.channel import MESSAGE_LIMIT_BYTES, short_socket
from interneg_proto.v1 import (
    daemon_service_pb2_grpc,
    job_service_pb2_grpc,
    plate_service_pb2_grpc,
    production_service_pb2_grpc,
    training_service_pb2_grpc,
)

_CALLS = 64  # a stream holds one for as long as it lasts
_OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_LIMIT_BYTES),
    ("grpc.max_send_message_length", MESSAGE_LIMIT_BYTES),
    ("grpc.so_reuseport", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),  # clients ask every 20 s whether the daemon lives
    ("grpc.http2.max_ping_strikes", 0),
)

_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class TokenCheck(grpc.ServerInterceptor):  # type: ignore[type-arg]
    """Refuses every call that does not carry the studio's token."""

    def __init__(self, token: str) -> None:
        self._wanted = f"Bearer {token}".encode()

    def intercept_service(
        self, continuation: Callable[[grpc.HandlerCallDetails], _Handler | None], details: grpc.HandlerCallDetails
    ) -> _Handler | None:
        """The call's own handler, or one that refuses it."""
        given = dict(details.invocation_metadata or ()).get("authorization", "")
        said = given.encode() if isinstance(given, str) else given
        return continuation(details) if hmac.compare_digest(said, self._wanted) else _refusing(continuation(details))


def _refusing(handler: _Handler | None) -> _Handler | None:
    """A handler of the same kind that refuses."""
    if handler is None:
        return None

    def refuse(request: object, context: grpc.ServicerContext) -> None:
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token is missing or wrong: set the studio's tcp_token")

    if handler.response_streaming:
        return grpc.unary_stream_rpc_method_handler(refuse, handler.request_deserializer, handler.response_serializer)
    return grpc.unary_unary_rpc_method_handler(refuse, handler.request_deserializer, handler.response_serializer)


def socket_door(residents: Residents, health_servicer: health.HealthServicer, settings: Settings) -> grpc.Server:
    """The server on the user's own socket, bound; a socket that a dead daemon left is replaced."""
    server = _server(residents, health_servicer, PathRules(settings.path_map), [])
    socket = settings.socket_path
    socket.unlink(missing_ok=True)
    short, link_folder = short_socket(socket)
    before = os.umask(0o177)  # from its first moment on, the socket is its user's alone
    try:
        server.add_insecure_port(f"unix:{short}")
    except RuntimeError as error:
        raise DaemonError(f"socket {socket}: cannot be bound; its folder must be on a disk of this machine") from error
    finally:
        os.umask(before)
        if link_folder is not None:
            shutil.rmtree(link_folder, ignore_errors=True)
    socket.chmod(0o600)
    return server


def tcp_door(residents: Residents, health_servicer: health.HealthServicer, settings: Settings) -> grpc.Server | None:
    """The server on the configured TCP address, bound; None where none is configured.

    Raises:
        RequestError: there is no token, or no root to share, or the address cannot be bound.
    """
    address = settings.tcp_address
    if address is None:
        return None
    if not settings.tcp_token:
        raise RequestError(f"tcp_address = {address}: TCP needs a token; set tcp_token, or take tcp_address away")
    if not settings.roots:
        raise RequestError(f"tcp_address = {address}: TCP shares only configured folders; set roots")
    rules = PathRules(settings.path_map, settings.roots)
    server = _server(residents, health_servicer, rules, [TokenCheck(settings.tcp_token)])
    credentials = _credentials(settings)
    try:
        if credentials is None:
            server.add_insecure_port(address)
        else:
            server.add_secure_port(address, credentials)
    except RuntimeError as error:
        raise RequestError(
            f"tcp_address = {address}: cannot be bound; is it in use, or not of this machine?"
        ) from error
    return server


def _credentials(settings: Settings) -> grpc.ServerCredentials | None:
    """The certificate that TCP is encrypted with; None where none is configured."""
    if settings.tcp_certificate is None or settings.tcp_key is None:
        if settings.tcp_certificate is not settings.tcp_key:
            raise RequestError("tcp_certificate and tcp_key belong together; set both, or neither")
        return None
    return grpc.ssl_server_credentials([(_bytes_of(settings.tcp_key), _bytes_of(settings.tcp_certificate))])


def _bytes_of(path: Path) -> bytes:
    """What the file holds."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise RequestError(f"{path}: cannot be read ({error.strerror}); name the file in the settings") from error


def _server(
    residents: Residents,
    health_servicer: health.HealthServicer,
    rules: PathRules,
    interceptors: list[grpc.ServerInterceptor[Any, Any]],
) -> grpc.Server:
    """A server of every call, not bound yet."""
    pool = ThreadPoolExecutor(_CALLS, thread_name_prefix="call")
    server = grpc.server(pool, interceptors=interceptors, options=_OPTIONS)
    plate_service_pb2_grpc.add_PlateServiceServicer_to_server(servicers.PlateServicer(residents, rules), server)
    training_service_pb2_grpc.add_TrainingServiceServicer_to_server(
        servicers.TrainingServicer(residents, rules), server
    )
    job_service_pb2_grpc.add_JobServiceServicer_to_server(servicers.JobServicer(residents, rules), server)
    daemon_service_pb2_grpc.add_DaemonServiceServicer_to_server(servicers.DaemonServicer(residents, rules), server)
    production_service_pb2_grpc.add_ProductionServiceServicer_to_server(
        servicers.ProductionServicer(residents, rules), server
    )
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    return server
