"""What the tests in real time share: another try, and a look at the wire."""
import ctypes
import functools
import select
import socket
import struct
import time
import unittest
from typing import NamedTuple

from smtpfault import PATIENCE

TRIES = 3

ETH_P_IP = 0x0800
SO_ATTACH_FILTER = 26
SO_RCVBUFFORCE = 33
SO_TIMESTAMPNS = 35
FLAGS = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16}


def try_again(test):
    """A busy machine may spoil a measurement: it is done up to TRIES times, and
    has to come out well once."""
    @functools.wraps(test)
    def run(self, *arguments, **options):
        for attempt in range(1, TRIES + 1):
            try:
                return test(self, *arguments, **options)
            except self.failureException as error:
                if attempt == TRIES:
                    raise
                print(f"again: {error}", flush=True)
    return run


class Segment(NamedTuple):
    """A TCP segment, as it passed."""
    at: float
    is_from_server: bool
    flags: frozenset
    window: int
    octets: bytes


def parse_segment(packet, at, port):
    header = 4 * (packet[0] & 15)
    size, = struct.unpack_from("!H", packet, 2)
    source, _, _, _, offset, flags, window = struct.unpack_from(
        "!HHIIBBH", packet, header)
    return Segment(at, source == port,
                   frozenset(name for name, bit in FLAGS.items()
                             if flags & bit),
                   window, packet[header + (offset >> 4) * 4:size])


def make_filter(port):
    """A program for the kernel: IPv4, TCP, from or to the port."""
    load_octet, load_half, is_equal, give = 0x30, 0x28, 0x15, 0x06
    program = [(load_octet, 0, 0, 9), (is_equal, 0, 5, socket.IPPROTO_TCP),
               (load_half, 0, 0, 20), (is_equal, 2, 0, port),
               (load_half, 0, 0, 22), (is_equal, 0, 1, port),
               (give, 0, 0, 65536), (give, 0, 0, 0)]
    return b"".join(struct.pack("HBBI", *step) for step in program)


class Capture:
    """Every segment from and to a port of 127.0.0.1; use it in a `with`.

    The kernel keeps them until they are asked for.  Skips the test where
    capturing is not allowed."""

    def __init__(self, port):
        self._port = port
        self._segments = []

    def __enter__(self):
        try:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
        except PermissionError:
            raise unittest.SkipTest("capturing needs root") from None
        program = ctypes.create_string_buffer(make_filter(self._port))
        self._socket.setsockopt(
            socket.SOL_SOCKET, SO_ATTACH_FILTER,
            struct.pack("HP", len(program) // 8, ctypes.addressof(program)))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        # Bound to a protocol, it gets what arrives and not what leaves as well.
        self._socket.bind(("lo", ETH_P_IP))
        self._socket.setblocking(False)
        return self

    def __exit__(self, kind, value, traceback):
        self._socket.close()

    def segments(self):
        """All that have passed so far."""
        while select.select([self._socket], [], [], 0)[0]:
            packet, extra, _, _ = self._socket.recvmsg(65536, 64)
            seconds, nanoseconds = struct.unpack("qq", extra[0][2][:16])
            self._segments.append(parse_segment(
                packet, seconds + nanoseconds / 1e9, self._port))
        return self._segments

    def of_server(self):
        return [segment for segment in self.segments()
                if segment.is_from_server]

    def outputs(self):
        """The server's segments that hold octets."""
        return [segment for segment in self.of_server() if segment.octets]

    def wait_for(self, condition, what, timeout=PATIENCE):
        """The first segment of the server for which the condition holds."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for segment in self.of_server():
                if condition(segment):
                    return segment
            time.sleep(0.002)
        raise AssertionError(f"not within {timeout} s: {what}")
