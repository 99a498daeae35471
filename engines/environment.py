"""The environment that a trainer inherits: what is named here, and never a secret.

And the variables that no site may set, since its processes are started by them.
"""

import re
from collections.abc import Mapping
from typing import Final

_NAMES: Final = frozenset({
    "CURL_CA_BUNDLE", "HOME", "LANG", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "PYTHONPATH",
    "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV", "XDG_CACHE_HOME",
})  # fmt: skip

_PREFIXES: Final = (
    "ACCELERATE_", "BNB_", "CUBLAS_", "CUDA_", "GLOO_", "HF_", "HIP_", "KMP_", "LC_", "MKL_",
    "NCCL_", "NVIDIA_", "OMP_", "OPENBLAS_", "PYTORCH_", "ROCR_", "TOKENIZERS_", "TORCH_",
    "TRANSFORMERS_", "TRITON_", "UCX_",
)  # fmt: skip

_OURS: Final = re.compile(
    r"(RANK|LOCAL_RANK|WORLD_SIZE|LOCAL_WORLD_SIZE|MASTER_.*|HF_HUB_OFFLINE"
    r"|SYNTH_API_KEY|SFTC_PROCESS_OF)\Z",
    re.DOTALL,
)

_SECRET: Final = re.compile(r"TOKEN(?!IZERS)|KEY|SECRET|PASSW|CREDENTIAL|AUTH", re.IGNORECASE)


def is_ours(name: str) -> bool:
    """Whether a variable is set for each process of a job, or kept from all of them."""
    return _OURS.match(name) is not None


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a server that its trainers inherit.

    A variable named like a secret is not, whatever its prefix: HF_TOKEN stays with the server.
    """
    return {
        name: value
        for name, value in environment.items()
        if (name in _NAMES or name.startswith(_PREFIXES)) and not _SECRET.search(name)
    }
