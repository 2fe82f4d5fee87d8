"""Clients who keep an edge busy without any good: they go slowly, or come in
floods, while others want vouchers."""

import contextlib
import http.client
import socket
import ssl
import threading
import time

SLOW = 48  # connections to each edge
FLOODERS = 8  # at a time
BEAT = 0.05  # seconds between two octets of a slow client
REQUEST = (b"POST /.well-known/brski/requestvoucher HTTP/1.1\r\nHost: localhost\r\n"
           b"Content-Type: application/voucher-cms+json\r\nContent-Length: 4000\r\n\r\n")


def edges_of(cluster):
    return [(each.address, cluster.ports["https"]) for each in cluster.of("edge")]


def context_of(cluster, named=False):
    sandbox = cluster.place / "sandbox"
    context = ssl.create_default_context(cafile=sandbox / "tls-root.pem")
    if named:
        context.load_cert_chain(sandbox / "registrar.pem", sandbox / "registrar.key")
    return context


def connect(context, edge):
    plain = socket.create_connection(edge, 10)
    try:
        return context.wrap_socket(plain, server_hostname="localhost")
    except OSError:
        plain.close()
        raise


@contextlib.contextmanager
def meanwhile(*works):
    """Threads that repeat these until the block is left; what is refused or
    broken off is part of it. Yields a list that grows by each time."""
    ending, done = threading.Event(), []

    def repeat(work):
        while not ending.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                done.append(work())

    threads = [threading.Thread(target=repeat, args=[work], daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        ending.set()
        for thread in threads:
            thread.join()


class SlowClient:
    """Shakes hands, then says its request octet by octet, for ever."""

    def __init__(self, context, edge):
        self.context, self.edge, self.line, self.said = context, edge, None, 0

    def say(self):
        if self.line is None:
            self.line, self.said = connect(self.context, self.edge), 0
        try:
            octet = REQUEST[self.said:self.said + 1] or b"0"
            self.line.sendall(octet)
            self.said += 1
        except OSError:
            self.line.close()
            self.line = None  # the edge has lost patience


def slow_clients(cluster):
    context = context_of(cluster)
    clients = [SlowClient(context, edge) for edge in edges_of(cluster) for _ in range(SLOW)]

    def beat():
        for client in clients:
            with contextlib.suppress(OSError):
                client.say()
        time.sleep(BEAT)
    return meanwhile(beat)


def handshakes(cluster):
    context = context_of(cluster, named=True)

    def shake(edge):
        connect(context, edge).close()
    edges = edges_of(cluster)
    return meanwhile(*(lambda edge=edges[i % len(edges)]: shake(edge) for i in range(FLOODERS)))


class Flooder:
    """Posts what no registrar sends, by someone with a certificate."""

    def __init__(self, context, edge):
        self.context, self.edge, self.connection, self.number = context, edge, None, 0

    def post(self):
        """The status of the answer."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPSConnection(*self.edge, timeout=20)
                self.connection.sock = connect(self.context, self.edge)
            self.number += 1
            self.connection.request(
                "POST", "/.well-known/brski/requestvoucher", b"\x30\x82" + bytes(self.number % 4000),
                {"Content-Type": "application/voucher-cms+json", "Host": "localhost"})
            answer = self.connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            self.connection = None
            raise


def bad_requests(cluster):
    context, edges = context_of(cluster, named=True), edges_of(cluster)
    flooders = [Flooder(context, edges[i % len(edges)]) for i in range(FLOODERS)]
    return meanwhile(*(flooder.post for flooder in flooders))
