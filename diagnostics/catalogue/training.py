"""7xx: what a trainer is told: settings that it does not have, may not be told, or cannot train."""

from functools import partial

from .. import codes
from ..code import Code
from ..model import Severity

_code = partial(Code, severity=Severity.ERROR, language="json")

CODES = (
    _code(
        codes.NO_TRAINER_SETTING,
        "no-trainer-setting",
        message="no setting of the trainer stands for `{name}`",
        hint="remove it",
        page="A payload carries every key of its config, known or not. The trainer refuses a key "
        "that it has no setting for, before a GPU is taken: a run that silently trains without it "
        "is not the run that was reviewed. Beyond the payload's own schema it takes the names of "
        "`sftc schema forwarded`, which are those of transformers.",
    ),
    _code(
        codes.SETTING_NOT_ALLOWED,
        "setting-not-allowed",
        message="a payload may not set `{name}`: {why}",
        hint="remove it",
        page="Some settings of the trainer decide where files go, what is uploaded and to whom, or "
        "which code is run. A payload may come from anybody, so whoever runs the trainer decides "
        "these, and no payload does.",
    ),
    _code(
        codes.SETTING_DOES_NOT_FIT,
        "setting-does-not-fit",
        message="`{name}` is {value}, and the trainer takes {expected}",
        page="The payload's schema does not know this key, so nothing has checked its value yet. "
        "`sftc schema forwarded` says what the trainer takes.",
    ),
    _code(
        codes.NOT_TRAINABLE,
        "not-trainable",
        message="`{name}` = {value} cannot be trained: {why}",
        page="No setting of transformers, PEFT or accelerate does what the payload asks for, or "
        "not together with its other fields, or what it takes is not there. `sftc recipe` shows "
        "what a trainer would be told, for any device and any number of GPUs.",
    ),
    _code(
        codes.BATCH_NOT_DIVISIBLE,
        "batch-not-divisible",
        message="a global batch of {target} is no product of {factors}",
        page="One optimizer step sees `per_device_batch` × `gradient_accumulation_steps` × the "
        "copies of the model. A factor that the payload leaves open follows from `global_batch`; "
        "where no whole number follows, the trainer could only train with another batch.",
    ),
    _code(
        codes.METRIC_NOT_MEASURED,
        "metric-not-measured",
        message="the best model cannot be chosen by {metric}: the trainer measures {known}",
        page="An evaluation measures the loss, and the share of tokens that the model ranks "
        "first. A metric that nobody measures chooses no model.",
    ),
)
