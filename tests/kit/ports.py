"""Free ports of loopback, for programs that cannot be told to take one by themselves."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
