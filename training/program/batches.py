"""Rows as tensors, and what an evaluation measures of the model's answers to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from ...datasets.tokens import IGNORED
from ..rows import Row

Batch = dict[str, "torch.Tensor"]


@dataclass(frozen=True, slots=True)
class Collator:
    """Makes a batch of rows, each filled up to the longest one.

    Attributes:
        padding: the token to fill them with.

    """

    padding: int

    def __call__(self, rows: Sequence[Row]) -> Batch:
        """Return ``input_ids``, ``attention_mask`` and ``labels``, each rows × longest row."""
        length = max(len(row.ids) for row in rows)
        shape = (len(rows), length)
        ids = torch.full(shape, self.padding, dtype=torch.long)
        labels = torch.full(shape, IGNORED, dtype=torch.long)
        mask = torch.zeros(shape, dtype=torch.long)
        for number, row in enumerate(rows):
            amount = len(row.ids)
            ids[number, :amount] = torch.tensor(row.ids, dtype=torch.long)
            labels[number, :amount] = torch.tensor(row.labels, dtype=torch.long)
            mask[number, :amount] = 1
        return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def ranked_first(logits: Any, _labels: Any) -> Any:
    """Return the token that the model ranks first at each place: logits of all would not fit."""
    return logits.argmax(dim=-1)


def accuracy(predicted: Any) -> Mapping[str, float]:
    """Return the share of the learned tokens that the model ranks first.

    Args:
        predicted: ``predictions`` (rows × tokens) and ``label_ids``; a token is predicted at the
            place before it.

    """
    labels = predicted.label_ids[:, 1:]
    guesses = predicted.predictions[:, :-1]
    learned = labels != IGNORED
    return {"mean_token_accuracy": float((guesses == labels)[learned].mean())}
