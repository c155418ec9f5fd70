"""What the kernel has still under way between two loopback sockets of this process.

Loopback delivery is synchronous most of the time, but a busy machine may leave it to a kernel
thread that has to wait for a processor: epoll then says that nothing is ready while a frame is
on its way. The byte counters of both ends (tcp(7), TCP_INFO) tell the two apart exactly.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from selectors import EVENT_READ
from struct import Struct
from typing import NamedTuple

ESTABLISHED, SYN_SENT, FIN_WAIT1, LISTEN = 1, 2, 4, 10
"""States of a connection (include/net/tcp_states.h)."""
INFO_BYTES = 256
COUNTERS = Struct("=B 127x Q 8x I 52x Q Q")
"""State, bytes received, bytes not sent yet, bytes sent, bytes sent again (linux/tcp.h)."""


class Flow(NamedTuple):
    """The byte counters of one end of a connection."""

    state: int
    received: int
    waiting: int
    sent: int
    repeated: int


class Watched:
    """One registered file descriptor; its socket object never owns the descriptor."""

    __slots__ = ("end", "events", "fd", "granted", "peer", "socket")

    def __init__(self, fd: int, events: int) -> None:
        self.fd = fd
        self.events = events
        self.end: object = None
        self.peer: object = None
        self.granted: tuple[int, int] | None = None
        """State and byte count for which an unknown peer was already given time."""
        self.socket: socket.socket | None = None
        try:
            probe = socket.socket(fileno=fd)
        except OSError:
            return
        if probe.family in (socket.AF_INET, socket.AF_INET6) and probe.type == socket.SOCK_STREAM:
            self.socket = probe
        else:
            probe.detach()

    def flow(self) -> Flow | None:
        """Return the counters, or None for what is no TCP connection."""
        if self.socket is None:
            return None
        try:
            raw = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, INFO_BYTES)
            if self.peer is None and raw[0] not in (LISTEN, SYN_SENT):
                self.end, self.peer = self.socket.getsockname(), self.socket.getpeername()
        except OSError:
            return None
        return Flow(*COUNTERS.unpack_from(raw)) if len(raw) >= COUNTERS.size else None

    def release(self) -> None:
        """Let go of the descriptor without closing it."""
        if self.socket is not None:
            self.socket.detach()
            self.socket = None


class Traffic:
    """The registered descriptors, and whether bytes are under way between them."""

    def __init__(self) -> None:
        self._watched: dict[int, Watched] = {}

    def watch(self, fd: int, events: int) -> None:
        """Begin to watch a descriptor, or note the events it waits for now."""
        known = self._watched.get(fd)
        if known is None:
            self._watched[fd] = Watched(fd, events)
        else:
            known.events = events

    def forget(self, fd: int) -> None:
        """Cease to watch a descriptor."""
        known = self._watched.pop(fd, None)
        if known is not None:
            known.release()

    def close(self) -> None:
        """Let go of all descriptors."""
        for fd in list(self._watched):
            self.forget(fd)

    def under_way(self, besides: Collection[int] = ()) -> bool:
        """Say whether a registered reader is bound to become ready without further action.

        ``besides``: descriptors that are ready already.
        """
        flows = [(end, flow) for end in self._watched.values() if (flow := end.flow())]
        # By both addresses: the sockets a server accepted share their own.
        senders = {(end.end, end.peer): flow for end, flow in flows}
        return any(
            flow.state == SYN_SENT or (end.events & EVENT_READ and _expects(end, flow, senders))
            for end, flow in flows
            if end.fd not in besides
        )

    def strangers(self) -> bool:
        """Say whether a reader's other end is unknown, and take note that it was given time.

        The other end may have been closed (its last bytes are under way), may be paused or
        belong to another process; only time can tell, and each new state is given it once.
        """
        flows = [(end, flow) for end in self._watched.values() if (flow := end.flow())]
        known = {(end.end, end.peer) for end, _ in flows}
        found = False
        for end, flow in flows:
            if (
                flow.state == ESTABLISHED
                and end.events & EVENT_READ
                and (end.peer, end.end) not in known
            ):
                state = (flow.state, flow.received)
                found = found or end.granted != state
                end.granted = state
        return found


def _expects(end: Watched, flow: Flow, senders: dict[tuple[object, object], Flow]) -> bool:
    sender = senders.get((end.peer, end.end))
    if sender is None:
        return False
    if sender.sent - sender.repeated + sender.waiting > flow.received:
        return True
    return sender.state == FIN_WAIT1 and flow.state == ESTABLISHED
