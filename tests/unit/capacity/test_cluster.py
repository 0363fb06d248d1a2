"""What a load needs, whether the cluster of the model is the one that is deployed, the document."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from emotionmap_gateway.settings import Settings
from emotionmap_media.plan import plan_segments

from tests.capacity import cluster, studies
from tests.capacity.__main__ import main
from tests.capacity.costs import SERVICES, Costs, of_card, read_costs
from tests.capacity.simulation import SLOTS

REPOSITORY = Path(__file__).parents[3]
BASE = REPOSITORY / "deploy/k8s/base"
KEDA = REPOSITORY / "deploy/k8s/components/keda"
COSTS = Costs(dict(zip(SERVICES, (0.07, 0.04, 0.01, 0.003, 0.014), strict=True)), 0.01, "a test")


def read_one(path):
    return next(d for d in yaml.safe_load_all(path.read_text(encoding="utf-8")) if d)


@pytest.mark.parametrize("service", SERVICES)
def test_limits_of_the_autoscalers_are_those_of_the_manifests(service):
    spec = read_one(BASE / service / "hpa.yaml")["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (cluster.FEWEST, cluster.MOST[service])
    [metric] = spec["metrics"]
    [busy] = re.findall(r"'averageUtilization': (\d+)", str(metric))
    assert int(busy) == 100 * cluster.BUSY


@pytest.mark.parametrize("service", SERVICES)
def test_replicas_have_what_the_manifests_request(service):
    kind = "stateful-set" if service == "gateway" else "deployment"
    text = (BASE / service / f"{kind}.yaml").read_text(encoding="utf-8")
    [cpu] = re.findall(r'requests: \{cpu: "(\d+)(m?)"', text)
    assert int(cpu[0]) / (1000 if cpu[1] else 1) == cluster.CORES[service]


@pytest.mark.parametrize("service", ["face", "audio", "gateway"])
def test_targets_of_keda_are_those_of_the_manifests(service):
    triggers = read_one(KEDA / f"{service}.yaml")["spec"]["triggers"]
    thresholds = [float(trigger["metadata"]["threshold"]) for trigger in triggers]
    assert cluster.IN_FLIGHT.get(service, cluster.OPEN) in thresholds


def test_a_gateway_has_the_places_of_the_manifests():
    text = (BASE / "gateway/gateway.env").read_text(encoding="utf-8")
    assert f"ANALYSES_IN_FLIGHT={cluster.ANALYSES}\n" in text
    assert f"SEGMENTS_IN_FLIGHT={cluster.ANALYSES * cluster.SEGMENTS}\n" in text


def test_segments_are_as_long_as_those_of_media():
    plan = plan_segments(Fraction(300), interval=Fraction(1), segment=None, key_frames=[])
    assert 300 / len(plan) == pytest.approx(cluster.SEGMENT_S, rel=0.05)


def test_a_gateway_takes_as_many_connections_as_its_setting_says():
    assert Settings.model_fields["connections"].default == cluster.CONNECTIONS


def test_a_load_needs_what_its_services_cost():
    needed = cluster.need(COSTS, 100.0)
    assert needed.replicas == {"media": 10, "face": 3, "audio": 2, "fusion": 2, "gateway": 2}
    assert needed.cores == 10 + 2 * 3 + 2 + 1 + 2
    assert needed.transactions_per_s == pytest.approx(100 * (14 + 6) / 14 + 2 * 16)
    assert needed.places == 7  # of 14 seconds of video a second each
    assert cluster.need(COSTS, 2000.0).replicas["gateway"] == 40


def test_a_card_is_planned_for_where_one_was_measured():
    report = {"face_batch_8_per_s": 8_000.0, "face_batch_64_per_s": 40_000.0,
              "voice_batch_1_s_per_s": 30_000.0}  # fmt: skip
    rate = of_card(report)
    assert rate == pytest.approx(5_000)
    costs = Costs(COSTS.by_service, COSTS.models, COSTS.source, rate)
    assert cluster.need(costs, 7_000.0).cards == 2
    assert cluster.need(COSTS, 7_000.0).cards is None


def test_costs_are_those_of_the_better_report(tmp_path):
    assert "no report" in read_costs(tmp_path).source
    report = {f"ours_{name}_cpu_s_per_s": 0.5 for name in SERVICES}
    report |= {"face_model_cpu_s_per_s": 0.1, "voice_model_cpu_s_per_s": 0.2}
    report |= {"machine": "two cores", "clip": "720p"}
    (tmp_path / "bench-short.json").write_text(json.dumps(report))
    assert read_costs(tmp_path).total == 2.5
    report["ours_media_cpu_s_per_s"] = 1.5
    (tmp_path / "bench.json").write_text(json.dumps(report))
    assert (read_costs(tmp_path).total, read_costs(tmp_path).models) == (3.5, pytest.approx(0.3))


def test_what_sets_the_pace_moves_when_there_is_more_of_it():
    runs = studies.relieved(cluster.cluster(COSTS), cluster.burst(200, minutes=5), runs=4)
    took_s = [run.outcome.ended_s for run in runs]
    assert took_s == sorted(took_s, reverse=True)
    assert [run.changed for run in runs[1:4]] == [run.bound for run in runs[:3]]
    assert all(runs[4].most()[name] >= count for name, count in runs[3].most().items())
    assert len({run.bound for run in runs} | {SLOTS}) > 1


def test_a_crowd_has_the_mean_length_that_was_asked_for():
    jobs = cluster.burst(1000, minutes=5)
    assert sum(job.video_s for job in jobs) / 1000 == pytest.approx(300, rel=0.01)


def test_a_bench_is_reproduced_from_its_own_cores():
    # All share half a core alike, and so end together.
    row = {"case": "4 at once", "cpu_s_per_s": 0.125, "video_s_per_s": 80 / 21.0,
           "done_p50_s": 20.0, "done_p95_s": 21.0}  # fmt: skip
    half, whole = studies.reproduced([row])
    assert whole["simulated, s"] == pytest.approx(21.0, rel=0.05)
    assert half["simulated, s"] == whole["simulated, s"]
    assert half["cores"] == pytest.approx(0.125 * 80 / (21.0 - cluster.FIXED_S), rel=0.05)


def test_the_document_is_written(tmp_path):
    paths = {name: tmp_path / name for name in ("document", "out")}
    options = [f"--{name}={path}" for name, path in paths.items()]
    main(["--uploads", "20", f"--measured={tmp_path}", *options])
    text = paths["document"].read_text(encoding="utf-8")
    assert "sets the pace first is **" in text
    assert "Nothing was measured here" in text
    assert "{" not in text
    assert set(json.loads(paths["out"].read_text())["series"]) == {
        "as deployed",
        "with everything raised",
    }
