"""An S3 server that somebody else wrote (moto), in a process of its own, spoken to over HTTP.

Run as a program it prints its port and serves until its standard input ends.
"""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def running_s3_server() -> Iterator[str]:
    """Serve on loopback and yield `127.0.0.1:<port>`; ends with the block."""
    with subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdin
        assert server.stdout
        try:
            yield f"127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.stdin.close()
            server.wait(timeout=10)


def demand_valid_keys(endpoint: str, demanded: bool) -> None:
    """Let the server check access keys from now on, or no longer."""
    count = b"0" if demanded else b"inf"
    url = f"http://{endpoint}/moto-api/reset-auth"
    request = urllib.request.Request(url, data=count, headers={"Content-Type": "text/plain"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()


def main() -> None:
    """Start the server, say where, wait for the end of standard input."""
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    sys.stdout.write(f"{server.get_host_and_port()[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
