"""7xx: trainer settings that do not exist, that payloads may not set, or that cannot be trained."""

from functools import partial

from .. import codes
from ..code import Code
from ..model import Severity

_code = partial(Code, severity=Severity.ERROR, language="json")

CODES = (
    _code(
        codes.NO_TRAINER_SETTING,
        "no-trainer-setting",
        message="the trainer has no setting `{name}`",
        hint="remove it",
        page="A payload has every key of its config, known or not. The trainer rejects keys that "
        "it has no setting for, before it occupies a GPU, because silently ignoring one would "
        "train another job than the one reviewed. In addition to the keys of the payload's "
        "schema, it accepts those of `sftc schema forwarded`, which have the names of "
        "transformers.",
    ),
    _code(
        codes.SETTING_NOT_ALLOWED,
        "setting-not-allowed",
        message="a payload may not set `{name}`: {why}",
        hint="remove it",
        page="Some trainer settings determine where files are written, what is uploaded and to "
        "whom, or which code runs. A payload may come from an untrusted source, so only the "
        "operator of the trainer may set these.",
    ),
    _code(
        codes.SETTING_DOES_NOT_FIT,
        "setting-does-not-fit",
        message="`{name}` is {value}, but the trainer expects {expected}",
        page="The key is not in the payload's schema, so its value was not validated earlier. "
        "`sftc schema forwarded` prints what the trainer accepts.",
    ),
    _code(
        codes.NOT_TRAINABLE,
        "not-trainable",
        message="`{name}` = {value} cannot be trained: {why}",
        page="transformers, PEFT and accelerate have no setting for what the payload asks for, "
        "cannot combine it with the other fields, or lack a required library or device. `sftc "
        "recipe` shows the trainer's settings for any device and any number of GPUs.",
    ),
    _code(
        codes.BATCH_NOT_DIVISIBLE,
        "batch-not-divisible",
        message="the global batch {target} is not a product of {factors}",
        page="The global batch is `per_device_batch` × `gradient_accumulation_steps` × "
        "data-parallel size. The trainer derives a missing factor from `global_batch`; if the "
        "result is not an integer, it could only train with another batch size.",
    ),
    _code(
        codes.METRIC_NOT_MEASURED,
        "metric-not-measured",
        message="the best model cannot be selected by {metric}: the trainer measures only {known}",
        page="An evaluation measures the loss and the token accuracy: the fraction of tokens "
        "that the model ranks first. No other metric can select a model.",
    ),
)
