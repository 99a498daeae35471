"""23x: evaluation while training."""

from .. import codes
from ..code import Code
from ..model import Severity

_VALIDATED = '[data]\nvalidation_path = "data/validation.jsonl"\n'
_MODEL = '[job]\nmodel = "Qwen/Qwen3-4B"\n'

CODES = (
    Code(
        codes.NO_EVAL_STEPS,
        "no-eval-steps",
        Severity.WARNING,
        '`evaluation_strategy` is "steps", but `eval_steps` is 0',
        why="with 0, the trainer does not know when to evaluate",
        page='With `evaluation_strategy = "steps"`, the default, `eval_steps` is the number of '
        "steps between evaluations. If it is left out, the payload has its default, 0.",
        bad=f"{_VALIDATED}[training.validation]\nenabled = true\n",
        good=f"{_VALIDATED}[training.validation]\nenabled = true\neval_steps = 20\n",
        hint="set eval_steps, for example to 20",
    ),
    Code(
        codes.VALIDATION_WITHOUT_DATA,
        "validation-without-data",
        Severity.WARNING,
        "validation is enabled, but [data] has no `validation_path`",
        why="nothing would be evaluated",
        page="`[training.validation]` enables validation; the dataset to evaluate on is the "
        "JSONL file that `validation_path` in `[data]` names.",
        bad="[training.validation]\neval_steps = 20\n",
        good=f"{_VALIDATED}[training.validation]\neval_steps = 20\n",
        hint="set data.validation_path, or set enabled = false",
    ),
    Code(
        codes.DATA_WITHOUT_VALIDATION,
        "data-without-validation",
        Severity.WARNING,
        "`validation_path` is set, but {state}",
        why="the file would be uploaded but never used",
        page="The validation dataset is used only if `[training.validation]` is present and "
        "enabled.",
        bad=_VALIDATED,
        good=f"{_VALIDATED}[training.validation]\neval_steps = 20\n",
    ),
    Code(
        codes.BEST_MODEL_WITHOUT_EVALUATION,
        "best-model-without-evaluation",
        Severity.ERROR,
        "`save_best_model_at_end` is true{given}, but nothing is evaluated",
        why="without evaluations there is no best model; trainers refuse to start",
        page='With `evaluation_strategy = "no"` there is no metric to select a model by. Note '
        "that `save_best_model_at_end` defaults to true.",
        bad=f'{_VALIDATED}[training.validation]\nevaluation_strategy = "no"\n',
        good=f'{_VALIDATED}[training.validation]\nevaluation_strategy = "no"\n'
        "save_best_model_at_end = false\n",
        hint="set save_best_model_at_end = false",
    ),
    Code(
        codes.GREATER_LOSS_IS_BETTER,
        "greater-loss-is-better",
        Severity.WARNING,
        "`greater_is_better = true` with the metric {metric} keeps the worst model",
        page="A lower loss is better.",
        bad=f"{_VALIDATED}[training.validation]\neval_steps = 20\ngreater_is_better = true\n",
        good=f"{_VALIDATED}[training.validation]\neval_steps = 20\ngreater_is_better = false\n",
        hint="set greater_is_better = false",
    ),
    Code(
        codes.UNKNOWN_EVALUATION_STRATEGY,
        "unknown-evaluation-strategy",
        Severity.WARNING,
        "`evaluation_strategy = {strategy}` is not a known strategy",
        why="transformers accepts only no, steps and epoch",
        page="`steps` evaluates every `eval_steps` steps, `epoch` after each epoch, `no` never.",
        bad=f'{_VALIDATED}[training.validation]\nevaluation_strategy = "epochs"\n',
        good=f'{_VALIDATED}[training.validation]\nevaluation_strategy = "epoch"\n',
        hint='use "no", "steps" or "epoch"',
    ),
    Code(
        codes.LOWER_SCORE_IS_BETTER,
        "lower-score-is-better",
        Severity.WARNING,
        "`greater_is_better` is false{given}, which keeps the model with the lowest {metric}",
        page="Higher values of accuracy, F1, BLEU and ROUGE are better. `greater_is_better` "
        "defaults to false, which is right for a loss.",
        bad=f"{_VALIDATED}[training.validation]\neval_steps = 20\n"
        'metric_for_best_model = "accuracy"\n',
        good=f"{_VALIDATED}[training.validation]\neval_steps = 20\n"
        'metric_for_best_model = "accuracy"\ngreater_is_better = true\n',
        hint="set greater_is_better = true",
    ),
    Code(
        codes.EVALUATION_AFTER_THE_END,
        "evaluation-after-the-end",
        Severity.WARNING,
        "`eval_steps` is {rhythm}, but training ends after {steps} steps",
        why="the first evaluation would come after the last step, so there would be none",
        page='With `evaluation_strategy = "steps"`, the first evaluation is after step '
        "`eval_steps`. A shorter run ends without an evaluation and without a best model.",
        bad=f"{_VALIDATED}[training.validation]\neval_steps = 500\n"
        "[hyperparameters]\ntotal_steps = 100\n",
        good=f"{_VALIDATED}[training.validation]\neval_steps = 20\n"
        "[hyperparameters]\ntotal_steps = 100\n",
        hint="lower eval_steps",
    ),
    Code(
        codes.VALIDATION_ON_TRAINING_DATA,
        "validation-on-training-data",
        Severity.WARNING,
        "the validation dataset is the training dataset",
        why="the validation loss would measure memorisation, and the best model would be the most "
        "overfitted one",
        page="Validation estimates how well a model does on data that it has not seen. Move some "
        "rows of the training dataset to a file of their own.",
        bad=f'{_MODEL}data = "data/train.jsonl"\n[data]\nvalidation_path = "./data/train.jsonl"\n'
        "[training.validation]\neval_steps = 20\n",
        good=f'{_MODEL}data = "data/train.jsonl"\n{_VALIDATED}'
        "[training.validation]\neval_steps = 20\n",
        hint="use rows that are not in the training dataset",
    ),
)
