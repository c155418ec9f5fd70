"""What the kernel has still under way between two loopback sockets of this process.

Loopback delivery is synchronous most of the time, but a busy machine may leave it to a kernel
thread that has to wait for a processor: epoll then says that nothing is ready while a frame is
on its way. The byte counters of both ends (tcp(7), TCP_INFO) tell the two apart exactly.
They are read before every turn of the loop, so this module is written for speed.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Collection
from selectors import EVENT_READ

ESTABLISHED, SYN_SENT, FIN_WAIT1 = 1, 2, 4
"""States of a connection (include/net/tcp_states.h)."""
INFO_BYTES = 256
COUNTERS = struct.Struct("=B 127x Q 8x I 52x Q Q")
"""State, bytes received, bytes not sent yet, bytes sent, bytes sent again (linux/tcp.h)."""
IPPROTO_TCP = socket.IPPROTO_TCP
TCP_INFO = getattr(socket, "TCP_INFO", -1)
"""Linux's; where there is none no counters can be read, and nothing is ever under way."""
Flow = tuple[int, int, int, int, int]


class End:
    """One end of a TCP connection; its socket object never owns the descriptor."""

    __slots__ = ("_ask", "events", "fd", "flow", "granted", "mate", "names", "socket")

    def __init__(self, fd: int, probe: socket.socket) -> None:
        self.fd = fd
        self.socket = probe
        self.events = 0
        self.flow: Flow | None = None
        """What COUNTERS names, as last read; None when it could not be."""
        self.names: tuple[object, object] | None = None
        """Own address and that of the other end: servers' sockets share their own."""
        self.mate: End | None = None
        self.granted: tuple[int, int] | None = None
        """State and byte count for which an unknown other end was already given time."""
        self._ask = probe.getsockopt

    def look(self) -> None:
        """Read the counters."""
        try:
            self.flow = COUNTERS.unpack_from(self._ask(IPPROTO_TCP, TCP_INFO, INFO_BYTES))
        except (OSError, struct.error):
            self.flow = None

    def name(self) -> tuple[object, object] | None:
        """Return both addresses, or None as long as there is no connection."""
        if self.names is None and self.flow is not None and self.flow[0] != SYN_SENT:
            try:
                self.names = self.socket.getsockname(), self.socket.getpeername()
            except OSError:
                self.flow = None
        return self.names

    def expects(self) -> bool:
        """Say whether this end is bound to become ready without further action."""
        if self.flow is None:
            return False
        state, received, *_ = self.flow
        if state == SYN_SENT:
            return True
        if self.mate is None or self.mate.flow is None or not self.events & EVENT_READ:
            return False
        sender, _, waiting, sent, repeated = self.mate.flow
        return sent - repeated + waiting > received or (
            sender == FIN_WAIT1 and state == ESTABLISHED
        )


class Traffic:
    """The registered connections, and whether bytes are under way between them."""

    def __init__(self) -> None:
        self._ends: dict[int, End] = {}
        self._named: dict[tuple[object, object], End] = {}

    def watch(self, fd: int, events: int) -> None:
        """Begin to watch a descriptor, or note the events it waits for now."""
        end = self._ends.get(fd)
        if end is None:
            probe = _connection(fd)
            if probe is None:
                return
            end = self._ends[fd] = End(fd, probe)
        end.events = events

    def forget(self, fd: int) -> None:
        """Cease to watch a descriptor, without closing it."""
        end = self._ends.pop(fd, None)
        if end is None:
            return
        end.socket.detach()
        if end.mate is not None:
            end.mate.mate = None
        if end.names is not None and self._named.get(end.names) is end:
            del self._named[end.names]

    def close(self) -> None:
        """Let go of all descriptors."""
        for fd in list(self._ends):
            self.forget(fd)

    def under_way(self, besides: Collection[int] = ()) -> bool:
        """Say whether a registered reader is bound to become ready without further action.

        ``besides``: descriptors that are ready already.
        """
        self._look()
        for end in self._ends.values():  # noqa: SIM110 - any() takes twice the time
            if end.expects() and end.fd not in besides:
                return True
        return False

    def strangers(self) -> bool:
        """Say whether a reader's other end is unknown, and take note that it was given time.

        The other end may have been closed (its last bytes are under way), may be paused or
        belong to another process; only time can tell, and each new state is given it once.
        """
        self._look()
        found = False
        for end in self._ends.values():
            if end.mate is None and end.flow is not None and end.events & EVENT_READ:
                state = end.flow[:2]
                if state[0] == ESTABLISHED:
                    found = found or end.granted != state
                    end.granted = state
        return found

    def _look(self) -> None:
        for end in self._ends.values():
            end.look()
            if end.mate is None and (names := end.name()) is not None:
                self._named[names] = end
                end.mate = self._named.get(names[::-1])
                if end.mate is not None:
                    end.mate.mate = end


def _connection(fd: int) -> socket.socket | None:
    """Return a socket object of a descriptor; None for what is no TCP connection."""
    try:
        probe = socket.socket(fileno=fd)
    except OSError:
        return None
    if (
        probe.family in (socket.AF_INET, socket.AF_INET6)
        and probe.type == socket.SOCK_STREAM
        and not probe.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    ):
        return probe
    probe.detach()
    return None
