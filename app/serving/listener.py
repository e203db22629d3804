"""The listening socket: bound before anything else starts, shared by all workers, closed without losing connections."""

import ctypes
import select
import socket
import struct
import sys

from app.failures import ExpectedError

_BACKLOG = 2048
"""The number of connections that may wait to be accepted. Linux limits it to net.core.somaxconn."""

_SO_ATTACH_FILTER = 26
_DROP_CONNECTION_REQUESTS = (
    (0x30, 0, 0, 13),  # load byte 13 of the TCP header: the flags
    (0x45, 0, 1, 0x02),  # is SYN set?
    (0x06, 0, 0, 0),  # yes: drop the packet
    (0x06, 0, 0, 0xFFFFFFFF),  # no: let it through
)
"""A classic BPF program in the format of `struct sock_filter`: code, jump if true, jump if false, operand."""


class PortTakenError(ExpectedError):
    """The service cannot listen on the address."""


def bind(host: str, port: int) -> socket.socket:
    """Open a listening socket; port 0 picks any free port.

    Raises:
        PortTakenError: the address is in use, is not an address of this machine, or is not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        reason = (error.strerror or str(error)).lower()
        raise PortTakenError(
            f"cannot listen on {host} port {port}: {reason}; choose another with --port"
        ) from error
    listener.listen(_BACKLOG)
    return listener


def refuse_new_connections(listener: socket.socket) -> None:
    """Tell the kernel to ignore requests for new connections; established ones can still be accepted.

    Closing a listening socket resets every connection that waits to be accepted. Keeping out new ones first lets the
    server accept all that wait. A client that is ignored retries a second later and finds the next service or a closed
    port. This works on Linux only; elsewhere, connections of the last milliseconds are reset.
    """
    if sys.platform != "linux":
        return
    program = b"".join(struct.pack("HBBI", *line) for line in _DROP_CONNECTION_REQUESTS)
    buffer = ctypes.create_string_buffer(program, len(program))
    reference = struct.pack("HP", len(_DROP_CONNECTION_REQUESTS), ctypes.addressof(buffer))
    listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, reference)


def has_waiting_connection(listener: socket.socket) -> bool:
    """Tell whether an established connection waits to be accepted."""
    readable, _, _ = select.select([listener], [], [], 0)
    return bool(readable)
