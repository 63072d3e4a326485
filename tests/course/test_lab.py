"""`course lab`: ending the command ends its server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("jupyterlab")


def is_listening(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that ends a process gently")
def test_the_server_ends_when_the_command_is_ended(root: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "utils.course", "lab", "--no-browser", f"--ServerApp.port={port}"]
    running = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not is_listening(port):
            assert running.poll() is None, "JupyterLab did not start"
            time.sleep(0.2)
        running.terminate()
        running.wait()
        assert not is_listening(port)
    finally:
        running.kill()
