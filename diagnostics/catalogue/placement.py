"""24x: keys in places where nothing reads them."""

from .. import codes
from ..code import Code
from ..model import Severity

CODES = (
    Code(
        codes.MISPLACED_EVALUATION_KNOBS,
        "misplaced-evaluation-knobs",
        Severity.WARNING,
        "{names} {verb} in [training.validation], not {found}",
        why="evaluation is configured only in [training.validation]",
        page="In TOML, a key belongs to the last header above it, so evaluation keys often end "
        "up in `[hyperparameters.parallelism]`. There they are forwarded, but nothing reads them.",
        bad="[hyperparameters.parallelism]\nbf16 = true\neval_steps = 100\n"
        '[data]\nvalidation_path = "data/validation.jsonl"\n',
        good="[hyperparameters.parallelism]\nbf16 = true\n[training.validation]\n"
        'eval_steps = 100\n[data]\nvalidation_path = "data/validation.jsonl"\n',
    ),
    Code(
        codes.LORA_TABLE,
        "lora-table",
        Severity.WARNING,
        "{table} is not read; its keys belong in [hyperparameters]",
        why="the adapter would get the backend's defaults",
        page="PEFT and other tools have a `[lora]` table with `r`, `alpha`, `dropout` and "
        "`target_modules`. In sftc, these are `lora_rank`, `lora_alpha`, `lora_dropout` and "
        "`lora_target_modules` in `[hyperparameters]`.",
        bad='[training]\nmode = "lora"\n[lora]\nr = 16\n',
        good='[training]\nmode = "lora"\n[hyperparameters]\nlora_rank = 16\n',
    ),
    Code(
        codes.NAME_OF_ANOTHER_TOOL,
        "name-of-another-tool",
        Severity.WARNING,
        "`{key}` {table} is another tool's name for `{name}`",
        why="nothing reads it under that name",
        page="transformers, axolotl, LLaMA-Factory and others use different names for some "
        "hyperparameters. sftc forwards unknown keys unchanged, but the backend reads only its "
        "own names.",
        bad="[hyperparameters]\nlr = 1e-5\n",
        good="[hyperparameters]\nlearning_rate = 1e-5\n",
    ),
    Code(
        codes.MISSPELT_KEY,
        "misspelt-key",
        Severity.WARNING,
        "unknown {what}; did you mean `{name}`?",
        why="nothing reads it under that name",
        page="The key is unknown in its table, and its name is nearly that of a known key. If "
        "the name is intended, suppress this finding with the comment `# sftc: ignore[SFT244]`.",
        bad="[hyperparameters]\nlearning_rat = 1e-5\n",
        good="[hyperparameters]\nlearning_rate = 1e-5\n",
    ),
    Code(
        codes.KEY_OF_ANOTHER_TABLE,
        "key-of-another-table",
        Severity.WARNING,
        "{what} is read {home}, not {found}",
        why="nothing reads it there",
        page="The key is unknown in its table, but known in another. A header may be missing "
        "above it, or there may be one too many.",
        bad="[hyperparameters]\nbf16 = true\n",
        good="[hyperparameters.parallelism]\nbf16 = true\n",
    ),
    Code(
        codes.EFFECTIVE_CONFIG_BY_HAND,
        "effective-config-by-hand",
        Severity.WARNING,
        "nothing reads `effective_config` in [metadata]",
        why="sftc compiles metadata.effective_config from the tables of the config",
        page="`metadata.effective_config` is a part of the payload, compiled from `[compute]`, "
        "`[data]` and `[training]`. In a config, it is ignored.",
        bad="[metadata]\neffective_config = {compute = {gpu_count = 4}}\n[compute]\n"
        'gpu_type = "H100"\n',
        good='[compute]\ngpu_type = "H100"\ngpu_count = 4\n',
    ),
    Code(
        codes.OLD_NAME,
        "old-name",
        Severity.NOTE,
        "`{key}` is a deprecated name of `{name}`",
        page="The old name still works.",
        bad='[job]\nmodel = "Qwen/Qwen3-4B"\ndata_path = "data/train.jsonl"\n',
        good='[job]\nmodel = "Qwen/Qwen3-4B"\ndata = "data/train.jsonl"\n',
    ),
    Code(
        codes.TABLE_OF_ANOTHER_TOOL,
        "table-of-another-tool",
        Severity.WARNING,
        "{table} is not read; set {homes}",
        why="the trainer would use its defaults",
        page="Other tools have separate tables for the optimizer or the scheduler. In sftc, "
        "these keys are in `[hyperparameters]`.",
        bad="[optimizer]\nlr = 1e-5\n",
        good="[hyperparameters]\nlearning_rate = 1e-5\n",
    ),
)
