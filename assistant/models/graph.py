"""The networks that ship with the program, each an ONNX graph that ONNX Runtime computes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def content(file: str | Path) -> bytes:
    """The file of a graph: a name is that of one that ships."""
    return (file if isinstance(file, Path) else files(__package__).joinpath(file)).read_bytes()


def load(file: str | Path, weights: Mapping[str, NDArray[Any]] | None = None) -> InferenceSession:
    """A graph to run, with the weights that its file only names. Thread-safe and deterministic."""
    send_nothing()
    import onnxruntime  # takes 0.05 s, and reads the environment

    onnxruntime.disable_telemetry_events()  # of Windows' own
    options = onnxruntime.SessionOptions()
    # Several questions are answered at once; threads of one product would wait for each other.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = options.enable_cpu_mem_arena = (
        False  # texts are of many lengths; none is to leave its mark
    )
    # Weights of 4 bits are made floats once, when they are loaded, and not again for each question.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    if weights:
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(each) for each in weights.values()]
        options.add_external_initializers(list(weights), values)
    # Of ONNX Runtime 1.32: a sum and the layer's normalisation fused take longer than the two by themselves, 2.6 ms for
    # a question and a sentence instead of 2.3.
    slower = ["SkipLayerNormFusion"]
    return onnxruntime.InferenceSession(
        content(file), options, providers=["CPUExecutionProvider"], disabled_optimizers=slower
    )


def send_nothing() -> None:
    """Has ONNX Runtime, which tells Microsoft of its use since 1.29, tell nothing and keep no number to know this machine by.
    It heeds this when it is first imported."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
