"""3xx: a value that JSON cannot represent, or a key that is not forwarded."""

from .. import codes
from ..code import Code
from ..model import Severity

CODES = (
    Code(
        codes.DATE_OR_TIME,
        "date-or-time",
        Severity.ERROR,
        "`{key}` is {found}, which JSON cannot represent",
        page="The payload is JSON, which has no dates and times. sftc never converts values, so "
        "write the string that the backend should receive.",
        bad="[data.topology]\nreserved_until = 2026-12-24\n",
        good='[data.topology]\nreserved_until = "2026-12-24"\n',
    ),
    Code(
        codes.NOT_FINITE,
        "not-finite",
        Severity.ERROR,
        "`{key}` is {found}, which JSON cannot represent",
        page="The payload is JSON, whose numbers are finite. Replacing the value by `null` would "
        "be a guess, and a bare `NaN` is not valid JSON.",
        bad="[hyperparameters]\nmax_grad_norm = inf\n",
        good="[hyperparameters]\nmax_grad_norm = 1.0\n",
        hint="write a finite number, or remove the key",
    ),
    Code(
        codes.INTEGER_TOO_LARGE,
        "integer-too-large",
        Severity.ERROR,
        "`{key}` does not fit in 64 bits",
        page="TOML integers are signed 64-bit integers, from −2^63 to 2^63−1. Programs that read "
        "the payload would round or reject a larger one.",
        bad="[hyperparameters]\nseed = 9223372036854775808\n",
        good="[hyperparameters]\nseed = 42\n",
        hint="write a smaller number, or a string",
    ),
    Code(
        codes.INTEGER_INEXACT,
        "integer-inexact",
        Severity.NOTE,
        "`{key}` is beyond ±(2^53−1)",
        why="programs that store every number as a double, such as JavaScript, round it",
        page="The payload has the exact integer, but programs that store every number as a "
        "double, such as JavaScript, read a rounded one.",
        bad="[hyperparameters]\nseed = 9007199254740993\n",
        good="[hyperparameters]\nseed = 42\n",
    ),
    Code(
        codes.NOT_FORWARDED,
        "not-forwarded",
        Severity.WARNING,
        "{what} is not forwarded: nothing reads {rest}",
        page="Every key of a config is forwarded to the payload, stays with the client by "
        "design, or is reported. This one is in a place that nothing reads.",
        bad="[model_config]\nmax_model_len = 2048\n",
        good="[hyperparameters]\nsequence_length = 2048\n",
    ),
    Code(
        codes.SHADOWED,
        "shadowed",
        Severity.WARNING,
        "`{key}` is not forwarded: `{winner}` sets the same field",
        why="both map to {target} in the payload",
        page="Two keys of the config map to the same field of the payload. A key that the schema "
        "defines wins over an unknown one; of two defined keys, the one that the schema lists "
        "first wins.",
        bad='[job]\nmodel = "Qwen/Qwen3-4B"\ndata = "a.jsonl"\ndata_path = "b.jsonl"\n',
        good='[job]\nmodel = "Qwen/Qwen3-4B"\ndata = "a.jsonl"\n',
        hint="keep one of the two",
    ),
    Code(
        codes.OVERRIDDEN,
        "overridden",
        Severity.NOTE,
        "`{key}` is not forwarded: --{option} overrides it",
        page="A command-line option overrides this key.",
    ),
)
