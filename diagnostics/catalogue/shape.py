"""1xx: a key that is missing, or whose value its schema does not allow."""

from .. import codes
from ..code import Code
from ..model import Severity

CODES = (
    Code(
        codes.MISSING_KEY,
        "missing-key",
        Severity.ERROR,
        "{table} has no `{key}`",
        why="{description}",
        page="A key without which there is no job: `model` in `[job]`, `gpu_type` in "
        "`[compute]`. The backend rejects a job without a `gpu_type` with HTTP 400 "
        "`missing_gpu_type`.",
        bad="[compute]\ngpu_count = 4\n",
        good='[compute]\ngpu_type = "H100"\ngpu_count = 4\n',
    ),
    Code(
        codes.WRONG_TYPE,
        "wrong-type",
        Severity.ERROR,
        "`{key}` must be {expected}, not {found}",
        page="The value has another TOML type than the key takes. sftc never converts a value: "
        'what you wrote is what is sent, so `"4"`, `4.0` and `4` are three different things.',
        bad='[hyperparameters]\nn_epochs = "2"\n',
        good="[hyperparameters]\nn_epochs = 2\n",
    ),
    Code(
        codes.OUT_OF_RANGE,
        "out-of-range",
        Severity.ERROR,
        "`{key}` must be {expected}, not {found}",
        page="The number is outside what the trainer can use.",
        bad="[hyperparameters]\nwarmup_ratio = 3\n",
        good="[hyperparameters]\nwarmup_ratio = 0.03\n",
    ),
    Code(
        codes.NOT_A_CHOICE,
        "not-a-choice",
        Severity.ERROR,
        "`{key}` must be {expected}, not {found}",
        page="The key takes one of a few values.",
        bad='[algorithm]\nvariety = "qlra"\n',
        good='[algorithm]\nvariety = "qlora"\n',
    ),
    Code(
        codes.BLANK,
        "blank",
        Severity.ERROR,
        "`{key}` is blank",
        page="The string is empty or holds nothing but white space.",
        bad='[job]\nmodel = ""\n',
        good='[job]\nmodel = "Qwen/Qwen3-4B"\n',
    ),
    Code(
        codes.MISSING_TABLE,
        "missing-table",
        Severity.ERROR,
        "there is no {table} table",
        why="{description}",
        page="A table without which there is no job: `[job]` with its `model`, `[compute]` with "
        "its `gpu_type`.",
        bad='[hyperparameters]\nn_epochs = 1\n[job]\nmodel = "Qwen/Qwen3-4B"\n# and no [compute]\n',
        good='[hyperparameters]\nn_epochs = 1\n[job]\nmodel = "Qwen/Qwen3-4B"\n'
        '[compute]\ngpu_type = "H100"\n',
    ),
    Code(
        codes.NOT_A_TABLE,
        "not-a-table",
        Severity.ERROR,
        "`{key}` must be a table, not {found}",
        page="A table was given a plain value. Write its header in brackets and its keys below.",
        bad="[training]\nvalidation = false\n",
        good="[training.validation]\nenabled = false\n",
    ),
    Code(
        codes.MISSPELT_REQUIRED_KEY,
        "misspelt-required-key",
        Severity.ERROR,
        "unknown {what}; did you mean `{suggestion}`?",
        why="{description}",
        page="A key that a job cannot do without is missing, and an unknown key in the same "
        "table is nearly the same word.",
        bad='[compute]\ngpu_typ = "H100"\n',
        good='[compute]\ngpu_type = "H100"\n',
    ),
    Code(
        codes.REQUIRED_KEY_ELSEWHERE,
        "required-key-elsewhere",
        Severity.ERROR,
        "`{key}` belongs in {table}, not {found}",
        why="{description}",
        page="A key that a job cannot do without stands under another header than the one it "
        "is read from.",
        bad='[job]\nmodel = "Qwen/Qwen3-4B"\ngpu_type = "H100"\n[compute]\ngpu_count = 1\n',
        good='[job]\nmodel = "Qwen/Qwen3-4B"\n[compute]\ngpu_type = "H100"\ngpu_count = 1\n',
    ),
    Code(
        codes.TABLE_UNDER_ANOTHER_NAME,
        "table-under-another-name",
        Severity.ERROR,
        "unknown {what}; did you mean `{name}`?",
        why="nothing reads it under that name, so its keys would be lost",
        page="A table is unknown, its name is nearly the same as one that is known, or another "
        "tool's name for it, and it holds keys of that table. A job without them is not the "
        "job that was meant.",
        bad="[hyperparams]\nlearning_rate = 1e-5\n",
        good="[hyperparameters]\nlearning_rate = 1e-5\n",
    ),
)
