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
        page="Every job needs `model` in `[job]` and `gpu_type` in `[compute]`. The backend "
        "rejects a job without `gpu_type` with HTTP 400 `missing_gpu_type`.",
        bad="[compute]\ngpu_count = 4\n",
        good='[compute]\ngpu_type = "H100"\ngpu_count = 4\n',
    ),
    Code(
        codes.WRONG_TYPE,
        "wrong-type",
        Severity.ERROR,
        "`{key}` must be {expected}, not {found}",
        page="The value has the wrong TOML type. sftc never converts values: what you write is "
        'what is sent, so `"4"`, `4.0` and `4` are three different values.',
        bad='[hyperparameters]\nn_epochs = "2"\n',
        good="[hyperparameters]\nn_epochs = 2\n",
    ),
    Code(
        codes.OUT_OF_RANGE,
        "out-of-range",
        Severity.ERROR,
        "`{key}` must be {expected}, not {found}",
        page="The number is outside of the range that trainers accept.",
        bad="[hyperparameters]\nwarmup_ratio = 3\n",
        good="[hyperparameters]\nwarmup_ratio = 0.03\n",
    ),
    Code(
        codes.NOT_A_CHOICE,
        "not-a-choice",
        Severity.ERROR,
        "`{key}` must be {expected}, not {found}",
        page="The key accepts only the listed values.",
        bad='[algorithm]\nvariety = "qlra"\n',
        good='[algorithm]\nvariety = "qlora"\n',
    ),
    Code(
        codes.BLANK,
        "blank",
        Severity.ERROR,
        "`{key}` is blank",
        page="The string is empty or contains only white space.",
        bad='[job]\nmodel = ""\n',
        good='[job]\nmodel = "Qwen/Qwen3-4B"\n',
    ),
    Code(
        codes.MISSING_TABLE,
        "missing-table",
        Severity.ERROR,
        "missing table {table}",
        why="{description}",
        page="Every job needs the tables `[job]`, with `model`, and `[compute]`, with `gpu_type`.",
        bad='[hyperparameters]\nn_epochs = 1\n[job]\nmodel = "Qwen/Qwen3-4B"\n# and no [compute]\n',
        good='[hyperparameters]\nn_epochs = 1\n[job]\nmodel = "Qwen/Qwen3-4B"\n'
        '[compute]\ngpu_type = "H100"\n',
    ),
    Code(
        codes.NOT_A_TABLE,
        "not-a-table",
        Severity.ERROR,
        "`{key}` must be a table, not {found}",
        page="The key of a table has a plain value. Write the table's header in brackets, and "
        "its keys below it.",
        bad="[training]\nvalidation = false\n",
        good="[training.validation]\nenabled = false\n",
    ),
    Code(
        codes.MISSPELT_REQUIRED_KEY,
        "misspelt-required-key",
        Severity.ERROR,
        "unknown {what}; did you mean `{suggestion}`?",
        why="{description}",
        page="A required key is missing, and an unknown key in the same table has nearly the "
        "same name.",
        bad='[compute]\ngpu_typ = "H100"\n',
        good='[compute]\ngpu_type = "H100"\n',
    ),
    Code(
        codes.REQUIRED_KEY_ELSEWHERE,
        "required-key-elsewhere",
        Severity.ERROR,
        "`{key}` belongs in {table}, not {found}",
        why="{description}",
        page="A required key is in the wrong table.",
        bad='[job]\nmodel = "Qwen/Qwen3-4B"\ngpu_type = "H100"\n[compute]\ngpu_count = 1\n',
        good='[job]\nmodel = "Qwen/Qwen3-4B"\n[compute]\ngpu_type = "H100"\ngpu_count = 1\n',
    ),
    Code(
        codes.TABLE_UNDER_ANOTHER_NAME,
        "table-under-another-name",
        Severity.ERROR,
        "unknown {what}; did you mean `{name}`?",
        why="nothing reads it under that name, so its keys would be ignored",
        page="The table is unknown, but has keys of a known table, and its name is a misspelling "
        "of that table's name or another tool's name for it. Without these keys, the job would "
        "not be the intended one.",
        bad="[hyperparams]\nlearning_rate = 1e-5\n",
        good="[hyperparameters]\nlearning_rate = 1e-5\n",
    ),
)
