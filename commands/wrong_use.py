"""What is wrong with the arguments of a command, and what is right, in a line or two.

The library that parses them may be any version of its kind, so its errors are told apart by
the names of their classes.
"""

import re
from typing import Any, Final

_QUOTED: Final = re.compile(r"^'?(.*?)'? is not ", re.DOTALL)
_EXTRA: Final = re.compile(r"unexpected extra arguments?(?:\(s\))? \((.*)\)", re.DOTALL)
_COMMAND: Final = re.compile(r"No such command '(.*?)'\.?(?: Did you mean .*|\s*\(.*)?", re.DOTALL)
_MANY: Final = 8
"""Choices that are not all named where one of them was meant."""


def exit_code(error: Exception) -> int | None:
    """Return the exit code of an error about arguments; None: it is another error."""
    code = getattr(error, "exit_code", None) if hasattr(error, "show") else None
    return code if isinstance(code, int) else None


def told(error: Any) -> str:
    """Return what people read of an error about arguments."""
    ctx = getattr(error, "ctx", None)
    if ctx is None:
        return f"sftc: {error.message}"
    path, kind = ctx.command_path, type(error).__name__
    listed = f"`{path} --help` lists its options"
    match kind:
        case "NoArgsIsHelpError":
            return str(ctx.get_help())
        case "NoSuchOption":
            return f"sftc: {_no_option(error, ctx)}\n{listed}."
        case "BadOptionUsage":
            return f"sftc: {_option_misused(error, ctx)}\n{listed}."
        case "MissingParameter":
            return f"sftc: {_missing(error, ctx)}\n{_usage(ctx)}"
        case "BadParameter" if error.param is not None:
            return f"sftc: {_bad_value(error, ctx)}\n{listed}."
    if found := _EXTRA.search(error.message):
        return f"sftc: `{path}` has no place for the argument `{found[1]}`\n{_usage(ctx)}"
    if hasattr(ctx.command, "list_commands"):
        return f"sftc: {_no_command(error, ctx)}\n`{path} --help` lists the commands."
    return f"sftc: {error.message}\n{listed}."


def near(word: str, known: list[str], mark: str = "`") -> str:
    """Return a question after which known word was meant, as it follows a sentence; or nothing."""
    from ..diagnostics.suggest import closest  # only a wrong word needs it

    found = closest(word, known)[:3]
    return f"; did you mean {' or '.join(f'{mark}{one}{mark}' for one in found)}?" if found else ""


def _usage(ctx: Any) -> str:
    """Return how a command is used, on one line."""
    return " ".join(ctx.get_usage().split())


def _no_command(error: Any, ctx: Any) -> str:
    found = _COMMAND.fullmatch(error.message)
    word = found[1] if found else error.message
    return f"there is no command `{word}`{near(word, ctx.command.list_commands(ctx))}"


def _no_option(error: Any, ctx: Any) -> str:
    known = [
        name
        for param in ctx.command.get_params(ctx)
        for name in getattr(param, "opts", ())
        if name.startswith("--")
    ]
    name = error.option_name
    begins = [one for one in known if one.startswith(name)] if name.startswith("--") else []
    hint = near(name, known)
    if not hint and begins:
        hint = f"; did you mean {' or '.join(f'`{one}`' for one in begins[:3])}?"
    return f"`{ctx.command_path}` has no option `{name}`{hint}"


def _option_misused(error: Any, ctx: Any) -> str:
    name = error.option_name
    if "does not take a value" in error.message:
        return f"`{name}` takes no value"
    for param in ctx.command.get_params(ctx):
        if name in param.opts:
            return f"`{name}` needs a value: `{name} {param.make_metavar(ctx)}`"
    return str(error.message)


def _missing(error: Any, ctx: Any) -> str:
    param = error.param
    if param is None:
        return str(error.message)
    if param.param_type_name == "argument":
        name = str(param.make_metavar(ctx)).strip("[].")
        return f"`{ctx.command_path}` needs {_article(name)}"
    return f"`{ctx.command_path}` needs `{param.opts[0]} {param.make_metavar(ctx)}`"


def _article(name: str) -> str:
    article = "an" if name[:1].upper() in {"A", "E", "I", "O", "U"} else "a"
    return f"{article} {name}"


def _bad_value(error: Any, ctx: Any) -> str:
    param = error.param
    is_option = param.param_type_name == "option"
    name = param.opts[0] if is_option else str(param.make_metavar(ctx)).strip("[].")
    found = _QUOTED.search(error.message)
    value = found[1] if found else ""
    choices = [str(one) for one in _choices(param)]
    meant = near(value, choices)
    if meant and len(choices) > _MANY:
        return f"{name} does not take `{value}`{meant}"
    return f"{name} takes {_expected(param, ctx)}, not `{value}`{meant}"


def _choices(param: Any) -> list[str]:
    return [getattr(one, "value", one) for one in getattr(param.type, "choices", None) or ()]


def _expected(param: Any, ctx: Any) -> str:
    """Return what a parameter takes, in words."""
    if choices := _choices(param):
        return " or ".join(filter(None, (", ".join(choices[:-1]), choices[-1])))
    least, most = (getattr(param.type, name, None) for name in ("min", "max"))
    words = {"int": "a whole number", "integer": "a whole number", "float": "a number"}
    kind = words.get(str(param.type.name).removesuffix(" range"))
    if kind is None:
        return str(param.make_metavar(ctx))
    if least is not None and most is not None:
        return f"{kind} from {least} to {most}"
    return f"{kind} of at least {least}" if least is not None else kind
