"""Alert rules and the board ask for metrics that exist, with labels and values that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.exposition import METRICS
from hub.wire.responses import Code

FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "monitoring"
LABELS = {
    "ready": "part",
    "info": "version",
    "troubles_total": "code",
    "refusals_total": "code",
    "deposits_total": "kib",
}
LABELS |= {"operations_total": "op", "certificate_left_seconds": "number", "certificate_unreadable": "number"}
TROUBLES = {"BUSY", "DISK", "FAULT", "CONNECTIONS"}
FUNCTIONS = {"increase", "rate", "sum", "max", "min", "by", "absent", "or"}
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
PANELS: list[dict[str, Any]] = json.loads((FOLDER / "grafana.json").read_text("utf-8"))["panels"]


def asked(expression: str) -> None:
    """Every name, label and label value of a query exists; ``up`` is Prometheus's own."""
    bare = re.sub(r"\[[^]]*\]", "", expression)
    for name, selector in re.findall(r"([a-z_]+)(\{[^}]*\})?", re.sub(r'"[^"]*"', '""', bare)):
        if name in FUNCTIONS or name == "up" or f"{name}=" in bare:
            continue
        assert name in METRICS, (name, expression)
        for label in re.findall(r"([a-z_]+)=", selector):
            assert LABELS[name.removeprefix("sluss_hub_")] == label
    for code in re.findall(r'code="([^"]*)"', expression):
        known = TROUBLES if "troubles" in expression else {one.value for one in Code}
        assert code in known, expression


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_asks_for_what_is_there(rule: dict[str, Any]) -> None:
    """Its metrics exist, it says what to do, and who must come."""
    asked(rule["expr"])
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"].endswith(".")
    assert rule["annotations"]["action"].endswith(".")
    metrics = re.findall(r"sluss_hub_([a-z_]+)", rule["expr"])
    for label in re.findall(r"\$labels\.([a-z]+)", rule["annotations"]["summary"]):
        assert label in {LABELS[name] for name in metrics if name in LABELS}


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_asks_for_what_is_there(panel: dict[str, Any]) -> None:
    """Each query's metrics exist, and its legend's label is one of theirs."""
    for target in panel["targets"]:
        asked(target["expr"])
        name = re.findall(r"sluss_hub_([a-z_]+)", target["expr"])[0]
        assert set(re.findall(r"\{\{([a-z]+)\}\}", target["legendFormat"])) <= {LABELS.get(name, "")}


def test_the_check_sees_a_wrong_name() -> None:
    """A metric, a label or a code that is not there does not pass."""
    for wrong in ("sluss_hub_mailbox", 'sluss_hub_ready{code="x"} == 0', 'sluss_hub_troubles_total{code="NO"}'):
        with pytest.raises((AssertionError, KeyError)):
            asked(wrong)


def test_every_metric_is_on_the_board() -> None:
    """Nobody collects what nobody sees; and each metric that tells of a fault has a rule."""
    on_board = " ".join(target["expr"] for panel in PANELS for target in panel["targets"])
    for name in METRICS:
        assert re.search(rf"\b{name}\b", on_board), name
    ruled = " ".join(rule["expr"] for rule in RULES)
    faults = ("ready", "troubles_total", "job_failures_total", "snapshot_age_seconds", "certificate_left_seconds")
    for name in faults:
        assert f"sluss_hub_{name}" in ruled
    for code in TROUBLES:
        assert f'code="{code}"' in ruled


def test_prometheus_is_told_where() -> None:
    """The job's name is that of the rules, the rules' file is there."""
    settings = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    assert settings["scrape_configs"][0]["job_name"] == "sluss-hub"
    assert all((FOLDER / name).is_file() for name in settings["rule_files"])
