"""Whether configs are what prime-rl's own SFTConfig takes; run with its package of configs."""

import json
import sys
import warnings
from typing import Any


def main() -> None:
    warnings.simplefilter("ignore")
    import tomllib

    from prime_rl.configs.sft import SFTConfig

    for line in sys.stdin:
        wrong = None
        try:
            config: dict[str, Any] = tomllib.loads(json.loads(line)["text"])
            SFTConfig.model_validate(config)
        except Exception as error:  # noqa: BLE001 - whatever the schema raises
            wrong = str(error)[:600]
        print(json.dumps(wrong), flush=True)


if __name__ == "__main__":
    main()
