"""The YAML of deploy/ holds what each reader of it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


def read(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def test_what_kubernetes_is_given() -> None:
    job = read("kubernetes/cronjob.yaml")
    assert (job["apiVersion"], job["kind"], job["spec"]["concurrencyPolicy"]) == ("batch/v1", "CronJob", "Forbid")
    shown = read("kubernetes/metrics.yaml")
    assert (shown["apiVersion"], shown["kind"]) == ("apps/v1", "Deployment")
    assert shown["spec"]["selector"]["matchLabels"] == shown["spec"]["template"]["metadata"]["labels"]
    for pod in (job["spec"]["jobTemplate"]["spec"]["template"]["spec"], shown["spec"]["template"]["spec"]):
        assert pod["securityContext"]["runAsNonRoot"]
        [container] = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert {one["name"] for one in container["volumeMounts"]} <= {one["name"] for one in pod["volumes"]}


def test_what_github_is_given() -> None:
    flow = read("github/driftscope.yml")
    assert "schedule" in flow[True]  # YAML 1.1 reads the key `on` as true
    assert any("driftscope run" in step.get("run", "") for step in flow["jobs"]["run"]["steps"])


def test_what_prometheus_is_given() -> None:
    [job] = read("prometheus/prometheus.yml")["scrape_configs"]
    assert job["static_configs"][0]["targets"] == ["127.0.0.1:9464"]
    assert read("prometheus/prometheus.yml")["rule_files"] == ["rules.yml"]
    assert all({"alert", "expr", "annotations"} <= set(rule) for rule in read("prometheus/rules.yml")["groups"][0]["rules"])
