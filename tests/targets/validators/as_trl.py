"""Whether configs are what ``trl sft`` takes, by its own parser; run in TRL's environment."""

import contextlib
import io
import json
import sys
import tempfile
import warnings
from pathlib import Path

from plain_types import check_types


def main() -> None:
    warnings.simplefilter("ignore")
    import yaml
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
                check_types(yaml.safe_load(text), parsed)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the parser raises
                wrong = f"{type(error).__name__}: {error}"
        print(json.dumps(wrong), flush=True)


if __name__ == "__main__":
    main()
