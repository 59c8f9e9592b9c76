"""ONNX Runtime computes, and reports to nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_the_encoder_leaves_nothing_on_the_disk_and_no_number_to_know_this_machine_by(tmp_path: Path) -> None:
    home = {name: str(tmp_path) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")} | home
    encode = "from assistant.models.encoder import QUERY, load_encoder; load_encoder().encode(['Where?'], QUERY)"
    subprocess.run([sys.executable, "-c", encode], env=environment, check=True)
    assert list(tmp_path.iterdir()) == []
