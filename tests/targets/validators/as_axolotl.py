"""Whether configs are what Axolotl's own pydantic schema takes, with no unknown key.

Run in an environment with Axolotl and torch; nothing of it needs a GPU.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

_ZERO = {"zero_optimization": {"stage": 1}}


def main() -> None:
    import yaml
    from axolotl.utils.schemas.config import AxolotlConfigWCapabilities

    known = set(AxolotlConfigWCapabilities.model_fields)
    known |= {str(f.alias) for f in AxolotlConfigWCapabilities.model_fields.values() if f.alias}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # the files that Axolotl ships are looked up here
        Path("deepspeed_configs").mkdir()
        for stage in (1, 2, 3):
            Path(f"deepspeed_configs/zero{stage}.json").write_text(json.dumps(_ZERO))
        for line in sys.stdin:
            wrong = None
            try:
                config = yaml.safe_load(json.loads(line)["text"])
                require_known(set(config) - known)
                AxolotlConfigWCapabilities(
                    **config,
                    capabilities={
                        "bf16": True,
                        "n_gpu": 8,
                        "n_node": 1,
                        "tf32": True,
                        "compute_capability": "sm_90",
                    },
                    env_capabilities={"torch_version": "2.9.0"},
                )
            except Exception as error:  # noqa: BLE001 - whatever the schema raises
                wrong = str(error)[:600]
            print(json.dumps(wrong), flush=True)


def require_known(unknown: set[str]) -> None:
    if unknown:
        raise ValueError(f"unknown: {unknown}")


if __name__ == "__main__":
    main()
