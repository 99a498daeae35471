"""Whether configs are what LLaMA-Factory's own argument parser takes; run in its environment."""

import json
import os
import sys
import tempfile

from plain_types import check_types


def main() -> None:
    import yaml
    from llamafactory.hparams import parser

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for line in sys.stdin:
            wrong = None
            try:
                config = yaml.safe_load(json.loads(line)["text"])
                # DeepSpeed reads its file, and itself compiles for a GPU: it stays outside.
                if file := config.pop("deepspeed", None):
                    require_shipped(file)
                made = parser._parse_train_args({**config, "use_cpu": True, "output_dir": folder})
                check_types(config, made)
                model_args, data_args, _, finetuning_args, _ = made
                parser._verify_model_args(model_args, data_args, finetuning_args)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the parser raises
                wrong = f"{type(error).__name__}: {error}"[:600]
            print(json.dumps(wrong), flush=True)


def require_shipped(file: str) -> None:
    names = {f"examples/deepspeed/ds_z{stage}_config.json" for stage in (0, 2, 3)}
    if file not in names:
        raise ValueError(f"{file} is not shipped")


if __name__ == "__main__":
    main()
