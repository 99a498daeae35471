"""``python -m sftc.training FOLDER --models DIR``: one trainer, or one rank of it."""

import argparse
import sys
from pathlib import Path

from ..jobfolder import Exit, JobFolder
from . import extra


def main() -> int:
    """Train one job, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m sftc.training",
        description="Train the job in a folder, or one rank of it as torchrun starts them.",
    )
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="contains job.json and train.jsonl"
    )
    parser.add_argument(
        "--models",
        type=Path,
        metavar="DIR",
        help="folder of models by name: DIR/Qwen/Qwen3-4B; without it, the Hugging Face cache or "
        "Hub",
    )
    arguments = parser.parse_args()
    folder = JobFolder(arguments.folder.absolute())
    for path in (folder.payload, folder.training):
        if not path.is_file():
            parser.error(f"there is no {path}")
    if arguments.models is not None and not arguments.models.is_dir():
        parser.error(f"there is no folder {arguments.models}")
    if lack := extra.lack():
        print(lack, file=sys.stderr)  # noqa: T201 - the log of the process
        return Exit.USAGE
    # In the root of the repository, transformers would take our `datasets` for another package.
    root = Path(__file__).parent.parent
    sys.path[:] = [path for path in sys.path if Path(path).resolve() != root]
    from .program import run  # imports torch, which takes seconds

    return run(folder, arguments.models)


if __name__ == "__main__":  # processes that read the rows import this module, too
    sys.exit(main())
