"""The programs in Go that tests ask: each is built once, at a version that is pinned, outside of the checkout."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_TOOLS = {
    # the loader of `docker compose`, with the schema and the checks of the Compose Specification
    "compose": "github.com/compose-spec/compose-go/v2/cmd@v2.16.1",
    "helm": "helm.sh/helm/v3/cmd/helm@v3.22.0",
    "kubeconform": "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0",
}
_BUILD_SECONDS = 900
"""helm is 1,500 packages: minutes on two cores, once on each machine. The first test that needs it waits for so long at most."""


def tool(name: str) -> str:
    """The path of the program, which is built where it is missing. The test skips where nobody asked for that with
    TEST_BUILDS=1, where Go is missing, too, or cannot fetch it."""
    package, version = _TOOLS[name].split("@")
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "stancewire" / f"{name}-{version}"
    program = folder / package.rpartition("/")[2]
    if program.exists():
        return str(program)
    if "TEST_BUILDS" not in os.environ:
        pytest.skip(f"{name} is not built on this machine, which takes minutes: set TEST_BUILDS=1")
    go = shutil.which("go")
    if go is None:
        pytest.skip(f"go is not installed: it builds {name}")
    environment = os.environ | {"GOBIN": str(folder), "GOFLAGS": "-buildvcs=false", "CGO_ENABLED": "0"}
    try:
        built = subprocess.run(
            [go, "install", f"{package}@{version}"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_BUILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"go has not built {name} within {_BUILD_SECONDS} s; what it has stays for the next time")
    if built.returncode:
        pytest.skip(f"go cannot build {name}: {built.stderr.strip()[-200:]}")
    return str(program)
