"""3xx: a value that JSON cannot carry as it is, or a key that goes nowhere."""

from .. import codes
from ..code import Code
from ..model import Severity

CODES = (
    Code(
        codes.DATE_OR_TIME,
        "date-or-time",
        Severity.ERROR,
        "`{key}` is {found}, which JSON does not have",
        page="The payload is JSON, which knows no dates and times. sftc never changes a value "
        "on its way, so write it as the string you want the backend to see.",
        bad="[data.topology]\nreserved_until = 2026-12-24\n",
        good='[data.topology]\nreserved_until = "2026-12-24"\n',
    ),
    Code(
        codes.NOT_FINITE,
        "not-finite",
        Severity.ERROR,
        "`{key}` is {found}, which JSON does not have",
        page="The payload is JSON, whose numbers are finite. Writing `null` or a bare `NaN` "
        "instead would be a guess, or no JSON.",
        bad="[hyperparameters]\nmax_grad_norm = inf\n",
        good="[hyperparameters]\nmax_grad_norm = 1.0\n",
        hint="write a finite number, or leave the key out",
    ),
    Code(
        codes.INTEGER_TOO_LARGE,
        "integer-too-large",
        Severity.ERROR,
        "`{key}` does not fit in 64 bits",
        page="TOML's integers are those of 64 bits with a sign, from −2^63 to 2^63−1; readers "
        "of the payload would round or refuse a larger one.",
        bad="[hyperparameters]\nseed = 9223372036854775808\n",
        good="[hyperparameters]\nseed = 42\n",
        hint="write a smaller number, or a string",
    ),
    Code(
        codes.INTEGER_INEXACT,
        "integer-inexact",
        Severity.NOTE,
        "`{key}` is beyond ±(2^53−1)",
        why="readers that hold every number as a double, JavaScript among them, round it",
        page="The payload carries all 64 bits exactly. But a reader that holds each number in "
        "a double, as JavaScript does, sees a rounded one.",
        bad="[hyperparameters]\nseed = 9007199254740993\n",
        good="[hyperparameters]\nseed = 42\n",
    ),
    Code(
        codes.NOT_FORWARDED,
        "not-forwarded",
        Severity.WARNING,
        "{what} is not forwarded: nothing reads {rest}",
        page="Every key of a config goes into the payload, stays with the client on purpose, "
        "or is named by a finding. This one stands where nothing reads it.",
        bad="[model_config]\nmax_model_len = 2048\n",
        good="[hyperparameters]\nsequence_length = 2048\n",
    ),
    Code(
        codes.SHADOWED,
        "shadowed",
        Severity.WARNING,
        "`{key}` is not forwarded: `{winner}` sets the same field",
        why="both go to {target} of the payload",
        page="Two keys of the config go to the same place in the payload. A key that the "
        "format defines wins over one that is passed on unread; of two that it defines, the "
        "one that the schema names first.",
        bad='[job]\nmodel = "Qwen/Qwen3-4B"\ndata = "a.jsonl"\ndata_path = "b.jsonl"\n',
        good='[job]\nmodel = "Qwen/Qwen3-4B"\ndata = "a.jsonl"\n',
        hint="keep one of the two",
    ),
    Code(
        codes.OVERRIDDEN,
        "overridden",
        Severity.NOTE,
        "`{key}` is not forwarded: --{option} takes its place",
        page="An option of the command line was given that takes the place of this key.",
    ),
)
