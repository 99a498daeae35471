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
        why="the trainer has no number of steps after which to evaluate",
        page='With `evaluation_strategy = "steps"`, the default, `eval_steps` says how many '
        "steps lie between two evaluations. Left out, it is 0 in the payload.",
        bad=f"{_VALIDATED}[training.validation]\nenabled = true\n",
        good=f"{_VALIDATED}[training.validation]\nenabled = true\neval_steps = 20\n",
        hint="set eval_steps, for example to 20",
    ),
    Code(
        codes.VALIDATION_WITHOUT_DATA,
        "validation-without-data",
        Severity.WARNING,
        "validation is on, but [data] has no `validation_path`",
        why="nothing would be evaluated",
        page="`[training.validation]` turns validation on; the data to evaluate on is the "
        "JSONL file named by `validation_path` in `[data]`.",
        bad="[training.validation]\neval_steps = 20\n",
        good=f"{_VALIDATED}[training.validation]\neval_steps = 20\n",
        hint="set data.validation_path, or enabled = false",
    ),
    Code(
        codes.DATA_WITHOUT_VALIDATION,
        "data-without-validation",
        Severity.WARNING,
        "`validation_path` is set, but {state}",
        why="the file would be uploaded and never used",
        page="The validation data is used only when `[training.validation]` is there and enabled.",
        bad=_VALIDATED,
        good=f"{_VALIDATED}[training.validation]\neval_steps = 20\n",
    ),
    Code(
        codes.BEST_MODEL_WITHOUT_EVALUATION,
        "best-model-without-evaluation",
        Severity.ERROR,
        "`save_best_model_at_end` is true{given}, but nothing is evaluated",
        why="without an evaluation no model is the best; the trainer refuses",
        page='`evaluation_strategy = "no"` evaluates never, so there is no metric to choose a '
        "model by. Note that `save_best_model_at_end` is true when it is left out.",
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
        page="A loss is better when it is lower.",
        bad=f"{_VALIDATED}[training.validation]\neval_steps = 20\ngreater_is_better = true\n",
        good=f"{_VALIDATED}[training.validation]\neval_steps = 20\ngreater_is_better = false\n",
        hint="write false",
    ),
    Code(
        codes.UNKNOWN_EVALUATION_STRATEGY,
        "unknown-evaluation-strategy",
        Severity.WARNING,
        "`evaluation_strategy = {strategy}` is not a strategy that trainers know",
        why="transformers accepts no, steps and epoch, and refuses anything else",
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
        page="Accuracy, F1, BLEU and ROUGE are better the higher they are. The default of "
        "`greater_is_better` is false, which suits a loss.",
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
        page='With `evaluation_strategy = "steps"` the first evaluation follows step `eval_steps`. '
        "A run that is shorter ends without an evaluation and without a best model.",
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
        page="Validation estimates how a model does on data that it has not seen. Split off some "
        "rows of the training data into a file of their own.",
        bad=f'{_MODEL}data = "data/train.jsonl"\n[data]\nvalidation_path = "./data/train.jsonl"\n'
        "[training.validation]\neval_steps = 20\n",
        good=f'{_MODEL}data = "data/train.jsonl"\n{_VALIDATED}'
        "[training.validation]\neval_steps = 20\n",
        hint="use rows that are not in the training data",
    ),
)
