"""The calibration plot of a satisfaction model, as PNG; matplotlib draws it and comes with ``qa-audit[train]``."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from qa_audit.errors import InputError
from qa_audit.satisfaction.figures import Bin

SIZE, DPI = (5.0, 5.0), 120


def check_plotting() -> None:
    """Raises InputError where matplotlib is missing: before hours of work, not after."""
    if find_spec("matplotlib") is None:
        raise InputError(
            'the calibration plot needs matplotlib; install it with pip install "qa-audit[train]", or give --no-plot'
        )


def plot_calibration(bins: Sequence[Bin], path: Path, *, title: str) -> None:
    """Writes the plot: what was said against what happened, a point a bin, and the diagonal."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--", label="perfect")
    axes.plot([b.said for b in bins], [b.happened for b in bins], marker="o", label="cross-validated")
    axes.set(
        xlim=(0, 1),
        ylim=(0, 1),
        xlabel="P(dissatisfied), mean of the bin",
        ylabel="share of dissatisfied chats",
        title=title,
    )
    axes.legend(loc="upper left")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Software": None})
