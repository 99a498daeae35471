"""The environment that a trainer inherits: what is named here, and never a secret."""

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

_SECRET: Final = re.compile(r"TOKEN(?!IZERS)|KEY|SECRET|PASSW|CREDENTIAL|AUTH", re.IGNORECASE)


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a server that its trainers inherit.

    A variable named like a secret is not, whatever its prefix: HF_TOKEN stays with the server.
    """
    return {
        name: value
        for name, value in environment.items()
        if (name in _NAMES or name.startswith(_PREFIXES)) and not _SECRET.search(name)
    }
