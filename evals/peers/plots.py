"""Pictures of the measurements, small SVG files that are the same for the same figures."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from figures import Times, p95

mpl.use("svg")
mpl.rcParams.update(
    {"svg.hashsalt": "meeting-assistant", "svg.fonttype": "none", "font.size": 9, "axes.spines.top": False}
)
mpl.rcParams.update({"axes.spines.right": False, "figure.figsize": (7.2, 2.6), "figure.constrained_layout.use": True})

from matplotlib import pyplot  # noqa: E402 (the settings come first)

INK, PALE = "#1f4e79", "#a9c4de"


def speed(path: Path, times: Times, rates: Mapping[int, Sequence[float]], clients: Sequence[int]) -> None:
    """On the left the median and the 95th percentile of each program, on the right answers a second by clients."""
    figure, (left, right) = pyplot.subplots(1, 2, width_ratios=(3, 2))
    names = list(reversed(times))
    left.barh(names, [p95(times[name]) for name in names], color=PALE, label="p95")
    left.barh(names, [statistics.median(times[name]) for name in names], color=INK, label="p50")
    left.set_xlabel("ms a question, one at a time")
    left.legend(frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1))  # above the bars
    for (replicas, each), style in zip(rates.items(), ("o-", "s--"), strict=False):
        label = "one process" if replicas == 1 else f"{replicas} processes"
        right.plot(range(len(clients)), each, style, color=INK if replicas == 1 else PALE, label=label)
    right.set_xticks(range(len(clients)), map(str, clients))
    right.set_xlabel("clients at once")
    right.set_ylabel("answers a second")
    right.set_ylim(bottom=0)
    right.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
