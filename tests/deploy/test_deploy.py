"""What deploys the hub: held to the linters and schemas of its kinds, and to what the hub really offers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import Settings
from telemetry import metrics

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
MANIFESTS = sorted(path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml")


@pytest.mark.parametrize(
    "command",
    [
        ("hadolint", "Dockerfile"),
        ("yamllint", "--strict", "deploy", ".yamllint.yaml"),
        ("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml"),
        ("kubernetes-validate", "--strict", *map(str, MANIFESTS)),
    ],
    ids=lambda command: command[0],
)
def test_linters_have_nothing_to_say(command: tuple[str, ...]) -> None:
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def of(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def pods() -> list[Any]:
    found = [document for path in MANIFESTS for document in of(path) if document["kind"] in ("Deployment", "Job")]
    return [document["spec"]["template"]["spec"] for document in found]


def test_kustomization_names_every_manifest() -> None:
    (kustomization,) = of(DEPLOY / "kubernetes" / "kustomization.yaml")
    assert sorted(kustomization["resources"]) == [path.name for path in MANIFESTS]


def test_every_container_is_kept_from_what_it_does_not_need() -> None:
    for pod in pods():
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            held = {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["securityContext"] == held
            assert container["resources"]["limits"].keys() == {"cpu", "memory"}
    (compose,) = of(DEPLOY / "compose.yaml")
    for name in ("hub-1", "hub-2", "migration", "proxy", "redis"):
        service = compose["services"][name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]


def test_it_sets_only_what_there_is_to_set() -> None:
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields}
    files = [ROOT / "Dockerfile", *DEPLOY.rglob("*.yaml"), DEPLOY / ".env.example"]
    named = {name for path in files for name in re.findall(r"\bHUB_[A-Z_]+\b", path.read_text(encoding="utf-8"))}
    assert named - known == set()


def test_there_is_time_to_drain() -> None:
    (compose,) = of(DEPLOY / "compose.yaml")
    hub, drain = compose["services"]["hub-1"], Settings.model_fields["drain_seconds"].default
    assert int(hub["stop_grace_period"].removesuffix("s")) > drain + float(hub["environment"]["HUB_LEAVING_SECONDS"])
    configuration, _ = of(DEPLOY / "kubernetes" / "configuration.yaml")
    deployment = of(DEPLOY / "kubernetes" / "hub.yaml")[0]["spec"]["template"]["spec"]
    leaving = float(configuration["data"]["HUB_LEAVING_SECONDS"])
    assert deployment["terminationGracePeriodSeconds"] > drain + leaving


def test_alerts_and_dashboard_ask_for_metrics_that_there_are() -> None:
    families = {family.name for family in metrics.collected()}
    known = {f"{name}{end}" for name in families for end in ("", "_total", "_bucket", "_count", "_sum")}
    alerts = (DEPLOY / "prometheus" / "alerts.yaml").read_text(encoding="utf-8")
    dashboard = json.loads((DEPLOY / "grafana" / "dashboards" / "innograph.json").read_text(encoding="utf-8"))
    shown = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    assert set(re.findall(r"innograph_\w+", alerts + shown)) <= known
    told = (ROOT / "docs" / "seeing.md").read_text(encoding="utf-8")
    assert [name for name in families if name.removeprefix("innograph_") not in told] == []


def test_the_operator_finds_every_alert_in_the_handbook() -> None:
    (alerts,) = of(DEPLOY / "prometheus" / "alerts.yaml")
    handbook = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    names = [rule["alert"] for group in alerts["groups"] for rule in group["rules"]]
    assert [name for name in names if f"`{name}`" not in handbook] == []


def test_the_image_holds_what_the_hub_is_made_of(tmp_path: Path) -> None:
    """The wheel of the image serves by itself: everything is in it, and in what the image is built from."""
    build: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        tmp_path,
        ".",
    ]
    subprocess.run(build, cwd=ROOT, check=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "hub")
        names = packed.namelist()
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert [top for top in sorted(tops) if not any(fnmatch(top, one) for one in allowed)] == []
    store = tmp_path / "store.sqlite"
    environment = {"HUB_STORE_URL": f"sqlite+aiosqlite:///{store}", "PYTHONPATH": str(tmp_path / "hub")}
    for start in ("import server", "import manage; manage.application(['store', 'upgrade'])"):
        run = [sys.executable, "-P", "-c", f"import sys; sys.path.remove({str(ROOT)!r}); {start}"]  # installed editable
        done = subprocess.run(run, cwd="/", env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
    assert "The store is up to date" in done.stderr, done.stderr


def test_redis_forgets_first_what_the_documentation_says() -> None:
    (compose,) = of(DEPLOY / "compose.yaml")
    command = compose["services"]["redis"]["command"]
    policy = command[command.index("--maxmemory-policy") + 1]
    for page in ("sources.md", "operating.md"):
        assert f"`maxmemory-policy {policy}`" in (ROOT / "docs" / page).read_text(encoding="utf-8")
