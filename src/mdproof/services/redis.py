"""A Redis server of fakeredis' data, complete enough for Celery, RQ and Flask-Limiter.

fakeredis' own TCP server closes a connection after an error reply, has no ``INFO``, and polls; a
worker of RQ 3 does not start against it. This one keeps the connection, answers at once, and is
as small. It uses names of fakeredis that are not public: tests/engine/test_services.py tells when
they have moved.
"""

from __future__ import annotations

import socket
import socketserver
from threading import Thread
from typing import Any

import fakeredis
import redis
from fakeredis._clients._sync import FakeRedisConnection
from fakeredis._clients._tcp_server import _INTERNAL_CONNECTION_KWARGS, encode_reply
from fakeredis._commands import command
from fakeredis._helpers import SimpleError
from fakeredis._socket._fakesocket import FakeSocket

VERSION = (7, 0)
"""Of the Redis it behaves as."""
LARGEST_READ = 65_536
"""Bytes."""


def info(_: Any, *__: bytes) -> bytes:
    """Answer ``INFO``."""
    return f"# Server\r\nredis_version:{VERSION[0]}.{VERSION[1]}.0\r\nredis_mode:standalone\r\n".encode()


setattr(FakeSocket, info.__name__, command((), (bytes,), name=info.__name__)(info))


class Client(socketserver.BaseRequestHandler):
    """One connection: a thread that reads, a thread that writes, no waiting in turns."""

    server: Server

    def handle(self) -> None:
        """Pass what comes in to fakeredis, and what it answers back."""
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection: Any = FakeRedisConnection(server=self.server.data, client_info=self._information(), **_INTERNAL_CONNECTION_KWARGS)
        fake: Any = connection.get_socket()
        writer = Thread(target=self._answer, args=(fake,))
        writer.start()
        try:
            while received := self.request.recv(LARGEST_READ):
                fake.sendall(received)
        except (OSError, redis.ConnectionError):  # the client left, or another one killed it
            pass
        except SimpleError:
            fake.responses.put(SimpleError("ERR Protocol error: expected an array of bulk strings"))
        finally:
            fake.responses.put(self)  # no answer: the writer's sign to end
            writer.join()  # it asks the connection what to write
            connection.disconnect()

    def _information(self) -> dict[str, object]:
        """Describe the connection as ``CLIENT LIST`` shows it."""
        names = {"addr": self.request.getpeername(), "laddr": self.request.getsockname()}
        return {**{name: f"{host}:{port}" for name, (host, port) in names.items()}, "fd": self.request.fileno()}

    def _answer(self, fake: Any) -> None:
        while (item := fake.responses.get()) is not self:
            try:
                self.request.sendall(encode_reply(item, fake._client_info.protocol_version))  # noqa: SLF001 - see the module
            except OSError:
                return


class Server(socketserver.ThreadingTCPServer):
    """All connections, and the data they share."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, port: int) -> None:
        """Listen on a port of the loopback address; 0 takes a free one."""
        super().__init__(("127.0.0.1", port), Client)
        self.data = fakeredis.FakeServer(version=VERSION)


def serve(port: int) -> None:
    """Answer until the process ends."""
    Server(port).serve_forever()
