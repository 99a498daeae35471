"""What a payload means. This is the one place that says it; it knows neither TOML, HTTP nor torch.

``values``        the payload's fields, typed, or absent
``resources``     GPUs, nodes, and how the model and the data are divided among them
``flavours``      full fine-tuning, LoRA or QLoRA
``batch``         how many sequences one optimizer step sees
``lengths``       how many optimizer steps, over how many rows
``evaluation``    when to evaluate, and which model to keep
``precision``     what to compute in
``unsaid``        what a payload means where it says nothing
``gpus``          what GPUs can do
``models``        what models can do
``shapes``        the sizes of a model
``adapters``      which of its matrices an adapter is on, and how large it is
``architectures`` a shape read from a ``config.json``, or from the table
``memory``        what a training needs of a GPU
``duration``      how long it takes
``planned``       what a job comes to before anything is rented, and whether it fits
``quantities``    what it all comes to, with its arithmetic
``rules``         what contradicts itself, or is hardly meant: one function each
"""

from .flavours import flavour
from .lengths import Length, length
from .quantities import Quantity, quantities
from .rules import Rule, contradictions, errors
from .values import Job

__all__ = [
    "Job",
    "Length",
    "Quantity",
    "Rule",
    "contradictions",
    "errors",
    "flavour",
    "length",
    "quantities",
]
