"""Look for known vulnerabilities of the pinned packages with pip-audit, where its database can be reached.

pip-audit lives in an environment of its own, so that it adds nothing to the project's. Exits with 1 where a
vulnerability is known; where the tool or its database cannot be reached, says so and exits with 0.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENVIRONMENT = ROOT / ".venv-audit"
PIP_AUDIT = "pip-audit==2.10.1"


def main() -> int:
    """Audit `constraints.hashed.txt`."""
    if not _install():
        return _skip("it cannot be installed")
    program = [ENVIRONMENT / "bin" / "pip-audit", "--requirement", ROOT / "constraints.hashed.txt"]
    done = subprocess.run(
        [*program, "--disable-pip", "--progress-spinner", "off", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return _skip("its database cannot be reached")
    audited = [one for one in packages if "skip_reason" not in one]
    if not audited:
        return _skip("its database cannot be reached")
    known = [(one["name"], one["version"], bug["id"]) for one in audited for bug in one["vulns"]]
    for name, version, identifier in known:
        print(f"{name} {version}: {identifier}")
    print(f"pip-audit: {len(audited)} of {len(packages)} packages, {len(known)} known vulnerabilities")
    return 1 if known else 0


def _install() -> bool:
    if not (ENVIRONMENT / "bin" / "pip-audit").exists():
        venv.create(ENVIRONMENT, with_pip=True)
        pip = [ENVIRONMENT / "bin" / "pip", "install", "--quiet", PIP_AUDIT]
        return subprocess.run(pip, capture_output=True, check=False).returncode == 0
    return True


def _skip(reason: str) -> int:
    print(f"skipped: pip-audit ({reason})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
