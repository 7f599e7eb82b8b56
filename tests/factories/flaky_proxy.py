"""A TCP proxy in front of a real service, that can be told to let through, to hang or to refuse."""

import contextlib
import socket
import threading
from typing import Literal, Self


class FlakyProxy:
    """`mode`: "pass"; "hang" accepts and says nothing; "refuse" closes at once. May be set at any time."""

    def __init__(self, target: int) -> None:
        self.mode: Literal["pass", "hang", "refuse"] = "pass"
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                conn, _ = self._listener.accept()
            except OSError:
                return
            if self.mode == "refuse":
                conn.close()
                continue
            self._open.append(conn)
            behind = socket.create_connection(("127.0.0.1", self._target))
            self._open.append(behind)
            for source, sink in ((conn, behind), (behind, conn)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65_536):
                if self.mode == "hang":
                    continue
                if self.mode == "refuse":
                    break
                sink.sendall(piece)
            for one in (source, sink):
                one.shutdown(socket.SHUT_RDWR)
