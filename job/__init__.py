"""What a payload means. This is the one place that says it; it knows neither TOML, HTTP nor torch.

``values``        the payload's fields, typed, or absent
``resources``     GPUs, nodes, and how the model and the data are divided among them
``flavour``       full fine-tuning, LoRA or QLoRA
``batch``         how many sequences one optimizer step sees
``length``        how many optimizer steps, over how many rows
``evaluation``    when to evaluate, and which model to keep
``precision``     what to compute in
``gpus``          what GPUs can do
``models``        what models can do
``quantities``    what it all comes to, with its arithmetic
``contradictions``  what cannot be, or is hardly meant
"""

from .contradictions import contradictions, errors
from .flavour import flavour
from .length import Length, length
from .quantities import Quantity, quantities
from .values import Job

__all__ = [
    "Job",
    "Length",
    "Quantity",
    "contradictions",
    "errors",
    "flavour",
    "length",
    "quantities",
]
