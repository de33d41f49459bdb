"""Which way of a metric is better."""

import re

from analysis.queries.curve_groups import SPLIT
from features.board_metrics import board_metrics

LOWER = re.compile(
    r"(^|[_/.\- ])(loss|nll|brier|error|mse|rmse|mae|mape|perplexity|deviance|latency|seconds|ms|wer|cer)$"
)
HIGHER = re.compile(
    r"(^|[_/.\- ])(accuracy|acc|auc|auroc|f1|precision|recall|r2|score|ndcg|bleu|iou|map|correlation)$"
)


def direction_of(key: str) -> str:
    """``higher`` or ``lower`` is better; empty where nobody knows.

    As its leaderboard says (``LEADERBOARD_METRICS``), ``val_loss`` as ``loss``; else as its last word says.
    """
    stem = SPLIT.sub("", key) or key
    for name in (key, stem):
        if board := board_metrics().get(name):
            return "higher" if board.is_higher_better else "lower"
    if LOWER.search(stem.lower()):
        return "lower"
    return "higher" if HIGHER.search(stem.lower()) else ""
