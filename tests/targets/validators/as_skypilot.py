"""Whether tasks are what SkyPilot takes; run with it. It asks no cloud.

Lines of JSON in, ``{"target": …, "text": …}``; for each a line out: null, or what is wrong.
"""

import json
import os
import sys
import tempfile
from contextlib import redirect_stdout

import yaml


def main() -> None:
    with tempfile.TemporaryDirectory() as home, redirect_stdout(sys.stderr):
        os.environ.update(HOME=home, SKYPILOT_DISABLE_USAGE_COLLECTION="1")
        import sky  # it writes into the home

        for line in sys.stdin:
            wrong = None
            try:
                task = yaml.load(json.loads(line)["text"], Loader=yaml.CSafeLoader)
                sky.Task.from_yaml_config(task, env_overrides={"SFTC_BUCKET": "a-bucket"})
            except Exception as error:  # noqa: BLE001 - whatever it raises
                wrong = str(error) or repr(error)
            print(json.dumps(wrong), file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    main()
