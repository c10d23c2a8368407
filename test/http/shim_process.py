"""The real shim as a process of its own, with settings of its own, on a free port."""

import contextlib
import os
import signal
import socket
import subprocess
import time

from client import Client

START_TIMEOUT = 30  # seconds
STOP_TIMEOUT = 30  # seconds


class ShimProcess:
    """Serves from construction to stop(); what it logs is in the file `log`."""

    def __init__(self, program, dsn, log, **settings):
        self.log = log
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {"database": dsn, "listen_address": "127.0.0.1", "port": self.port} | settings
        variables = {f"PGWRIGHT_SHIM_{name.upper()}": str(value) for name, value in settings.items()}
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                [program], env=os.environ | variables, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        try:
            self.wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def wait_until_ready(self):
        """Every thread reads the routes for itself, and takes connections in turn."""
        deadline = time.monotonic() + START_TIMEOUT
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if all(Client(self.url).get("/auth/me").status != 503 for _ in range(8)):
                    return
            time.sleep(0.05)
        raise AssertionError("the shim does not serve; its log:\n" + self.log.read_text()[-4000:])

    def ask_to_stop(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self):
        return self.process.wait(timeout=STOP_TIMEOUT)

    def stop(self):
        self.ask_to_stop()
        assert self.wait() == 0, "the shim did not stop gracefully; its log:\n" + self.log.read_text()[-4000:]

    def kill(self):
        self.process.kill()
        self.process.wait()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(condition, what, seconds=20):
    """Polls until the condition holds and returns what it returned; the wait is bounded."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.02)
