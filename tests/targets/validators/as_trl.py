"""Whether configs are what ``trl sft`` takes, by its own parser; run in TRL's environment."""

import contextlib
import io
import json
import sys
import tempfile
import typing
import warnings
from pathlib import Path


def main() -> None:
    warnings.simplefilter("ignore")
    from trl.scripts.sft import make_parser

    for line in sys.stdin:
        text = json.loads(line)["text"]
        wrong = None
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
            config = Path(folder, "config.yaml")
            config.write_text(text)
            try:
                parsed = make_parser().parse_args_and_config(
                    ["--config", str(config), "--use_cpu", "--output_dir", folder],
                    fail_with_unknown_args=True,
                )
                check_types(parsed)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the parser raises
                wrong = f"{type(error).__name__}: {error}"
        print(json.dumps(wrong), flush=True)


def check_types(parsed: tuple[object, ...]) -> None:
    """Refuse containers where plain values belong: the parser takes a config as it is."""
    for part in parsed:
        for name, hint in typing.get_type_hints(type(part)).items():
            plain = [k for k in (*typing.get_args(hint), hint) if k in (int, float, bool, str)]
            value = getattr(part, name, None)
            if plain and isinstance(value, (dict, list)) and not _takes_containers(hint):
                raise TypeError(f"{name} is a {type(value).__name__}")


def _takes_containers(hint: object) -> bool:
    text = str(hint)
    return "list" in text.lower() or "dict" in text.lower()


if __name__ == "__main__":
    main()
