"""compose.yaml: by the schema of the Compose Specification, and what a schema cannot say. No engine runs here, so nothing is started."""

import json
import os
import re
import stat
import subprocess
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

from sms_service.settings import load_settings

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
SCHEMA = json.loads((ROOT / "tests/vectors/compose/compose-spec.json").read_text("utf-8"))
FILE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES = FILE["services"]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
OURS = {"sms-service", "sms-service-simulator"}
TAG = re.compile(r"^v?\d+(\.\d+){1,2}(-[a-z]+)?$")

each = pytest.mark.parametrize("name", sorted(SERVICES))


def test_the_schema():
    """Of a recent Compose Specification."""
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(FILE)] == []


def test_the_schema_refuses_a_slip():
    """A word that does not exist, below the top."""
    bad = {**FILE, "services": {"x": {"image": "a:1", "depends_on": {"y": {"condition": "service_well"}}}}}
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(bad)


def test_the_parts_of_the_service_are_there():
    assert {
        "postgres", "valkey", "migrate", "rights", "gateway-1", "gateway-2", "smsc", "register", "prometheus", "grafana"
    } <= set(SERVICES)  # fmt: skip


@each
def test_an_image_is_pinned(name):
    """By its version; ours by the project's."""
    image, _, tag = SERVICES[name]["image"].rpartition(":")
    assert TAG.match(tag), tag
    if image in OURS:
        assert tag == VERSION
        build = SERVICES[name]["build"]
        assert (DEPLOY / build["context"] / build["dockerfile"]).samefile(DEPLOY / "Dockerfile")
        assert f" AS {build['target']}\n" in (DEPLOY / "Dockerfile").read_text()


@each
def test_a_container_can_do_little(name):
    """Whoever breaks into it finds no capability, nothing that can be written, and no way to more rights."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not {"privileged", "cap_add", "devices", "pid", "ipc"} & service.keys()
    assert service["pids_limit"] > 0
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", ()))


@each
def test_a_port_is_shown_to_this_machine_only(name):
    for port in SERVICES[name].get("ports", ()):
        assert port.startswith("127.0.0.1:")


@each
def test_what_a_service_names_is_defined(name):
    """Other services, secrets, configurations, volumes and networks."""
    service = SERVICES[name]
    assert set(service.get("depends_on", ())) <= set(SERVICES)
    assert set(service.get("secrets", ())) <= set(FILE["secrets"])
    assert {one["source"] for one in service.get("configs", ())} <= set(FILE["configs"])
    assert set(service.get("networks", ())) <= set(FILE["networks"])
    for source, _, _ in (volume.partition(":") for volume in service.get("volumes", ())):
        assert source.startswith("./") or source in FILE["volumes"]
    assert service.get("networks") or service.get("network_mode") == "none"


@each
def test_who_waits_waits_for_what_comes(name):
    """Healthy is waited for where there is a health check, an end where there is one; nobody waits in a circle."""
    for other, waits in SERVICES[name].get("depends_on", {}).items():
        needed = SERVICES[other]
        assert {
            "service_healthy": "healthcheck" in needed,
            "service_completed_successfully": needed["restart"] == "no",
        }[waits["condition"]]
    ahead, seen = [name], []
    while ahead:
        seen.append(one := ahead.pop())
        ahead += SERVICES[one].get("depends_on", ())
        assert name not in ahead
    assert seen[0] == name


@each
def test_what_runs_all_day_is_looked_at_and_limited(name):
    """A health check, of its own or of our image; a limit to its memory."""
    service = SERVICES[name]
    if service["restart"] != "no":
        assert "healthcheck" in service or service["build"]["target"] == "gateway"
        assert "mem_limit" in service


def test_every_definition_is_used():
    for kind in ("secrets", "volumes", "networks"):
        used = {str(one).partition(":")[0] for service in SERVICES.values() for one in service.get(kind, ())}
        assert set(FILE[kind]) <= used
    assert set(FILE["configs"]) == {
        one["source"] for service in SERVICES.values() for one in service.get("configs", ())
    }


@each
def test_a_secret_is_a_file(name):
    """No password in an environment or an argument; what is read from /run/secrets is given to the service."""
    service = SERVICES[name]
    environment = service.get("environment", {})
    assert not [
        key
        for key in environment
        if re.search(r"PASSWORD|TOKEN|DSN|URL", key) and not key.endswith("_FILE") and key != "SMS_PASSWORDS"
    ]
    read = re.findall(
        r"/run/secrets/([a-z_.]+)", json.dumps([environment, service.get("command"), service.get("entrypoint")])
    )
    assert set(read) <= set(service.get("secrets", ()))


MOUNTED = sorted(
    {
        source
        for service in SERVICES.values()
        for source, _, _ in (str(volume).partition(":") for volume in service.get("volumes", ()))
        if source.startswith("./")
    }
    | {config["file"] for config in FILE["configs"].values()}
)


@pytest.mark.parametrize("path", MOUNTED)
def test_what_is_mounted_is_there(path):
    """Docker would make an empty folder of it without a word."""
    assert (DEPLOY / path).exists()


def test_grafana_finds_the_dashboards_and_the_figures():
    """The provider's path is where the dashboards are mounted; the source is the Prometheus beside it, which scrapes as often as it is told."""
    provisioning = DEPLOY / "grafana/provisioning"
    (provider,) = yaml.safe_load((provisioning / "dashboards/sms-service.yaml").read_text("utf-8"))["providers"]
    mounts = dict(volume.split(":")[:2] for volume in SERVICES["grafana"]["volumes"])
    assert mounts["./grafana/dashboards"] == provider["options"]["path"]
    assert len(list((DEPLOY / "grafana/dashboards").glob("*.json"))) == 2
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text("utf-8"))["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert set(SERVICES["grafana"]["networks"]) & set(SERVICES["prometheus"]["networks"])
    scraping = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text("utf-8"))
    assert source["jsonData"]["timeInterval"] == scraping["global"]["scrape_interval"]


def test_prometheus_scrapes_the_gateways():
    """Both, at the port that their configuration gives to ops, over a network that they share."""
    scraping = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text("utf-8"))
    (job,) = (job for job in scraping["scrape_configs"] if job["job_name"] == "sms-service")
    port = tomllib.loads((DEPLOY / "compose/gateway.toml").read_text("utf-8"))["ops"]["listen"].rpartition(":")[2]
    gateways = [name for name in SERVICES if re.fullmatch(r"gateway-\d", name)]
    assert job["static_configs"] == [{"targets": [f"{name}:{port}" for name in gateways]}]
    for name in [*gateways, "prometheus"]:
        assert "front" in SERVICES[name]["networks"]


def test_only_the_front_leads_out():
    assert {name for name, network in FILE["networks"].items() if not network.get("internal")} == {"front"}
    on_stores = {name for name, service in SERVICES.items() if "stores" in service.get("networks", ())}
    assert not on_stores & {"smsc", "register", "prometheus", "grafana"}


def test_the_two_gateways_differ_in_their_name_and_port_only():
    one, two = (dict(SERVICES[name]) for name in ("gateway-1", "gateway-2"))
    for number, each_one in enumerate((one, two), 1):
        environment = dict(each_one.pop("environment"))
        assert environment.pop("SMS_INSTANCE") == f"gateway-{number}"
        assert each_one.pop("ports") == [f"127.0.0.1:808{number}:8081"]
        each_one["environment"] = environment
    assert one == two


# ---- secrets and configuration --------------------------------------------------------------------------------------------


@pytest.fixture
def made(tmp_path):
    """What secrets.sh makes."""
    folder = tmp_path / "secrets"
    command = [DEPLOY / "compose" / "secrets.sh", folder]
    subprocess.run(command, check=True, capture_output=True, umask=0)
    return folder


def test_the_script_makes_every_secret(made):
    """Those that compose.yaml names, in a folder that is its owner's alone, each readable by the container's user."""
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in made.iterdir()} == {0o444}
    for name, secret in FILE["secrets"].items():
        assert secret["file"] == f"./secrets/{name}"
        assert len((made / name).read_text().strip()) >= 32


def test_a_second_call_changes_nothing(made):
    """Passwords that are in use stay; what is missing is made."""
    before = {file.name: file.read_text() for file in made.iterdir()}
    (made / "grafana").unlink()
    done = subprocess.run([DEPLOY / "compose" / "secrets.sh", made], check=True, capture_output=True, text=True)
    assert done.stdout == f"made {made}/grafana\n"
    after = {file.name: file.read_text() for file in made.iterdir()}
    assert after.pop("grafana") != before.pop("grafana")
    assert after == before


def test_passwords_differ_and_fit_their_addresses(made):
    """Each address holds the password of its role, which a URL needs not quote."""
    words = {
        name: (made / name).read_text().strip()
        for name in ("sms_owner", "sms_gateway", "sms_auditor", "sms_population", "valkey")
    }
    assert len(set(words.values())) == len(words)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", word) for word in words.values())
    for file, role in {
        "journal_owner_dsn": "sms_owner",
        "journal_dsn": "sms_gateway",
        "journal_auditor_dsn": "sms_auditor",
        "population_dsn": "sms_population",
    }.items():
        assert f"//{role}:{words[role]}@postgres/" in (made / file).read_text()
    assert (made / "redis_url").read_text() == f"redis://:{words['valkey']}@valkey/0\n"
    assert f"requirepass {words['valkey']}\n" in (made / "valkey.conf").read_text()


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if service.get("configs")])
def test_the_configuration_is_good_with_what_a_service_is_given(made, name):
    """As the gateway reads it in the container, its secrets in place."""
    environ = {key: value.replace("/run/secrets", str(made)) for key, value in SERVICES[name]["environment"].items()}
    settings = load_settings(DEPLOY / FILE["configs"]["gateway"]["file"], environ)
    assert settings.instance == environ["SMS_INSTANCE"]
    assert settings.redis is not None
    addresses = f"{settings.journal.dsn} {settings.population.dsn} {settings.redis.url} {settings.subscribers.url}"
    hosts = re.findall(r"[/@]([a-z0-9-]+)[:/]", addresses)
    assert set(hosts) == {"postgres", "valkey", "register"}
    assert settings.smsc[0].host in SERVICES
    volume, _, folder = SERVICES["keys"]["volumes"][0].partition(":")
    assert settings.keys.file == f"{folder}/sms.keys"
    assert f"{folder}/sms.keys" in SERVICES["keys"]["command"][0]
    assert volume in FILE["volumes"]
    assert settings.syntax.file == "/opt/sms-service/syntax/c06.toml"


def test_secrets_are_not_committed():
    ignored = subprocess.run(["git", "check-ignore", "-q", "deploy/secrets/postgres"], cwd=ROOT, check=False)
    if ignored.returncode == 128:
        pytest.skip("this is no checkout of git")
    assert ignored.returncode == 0
    assert os.access(DEPLOY / "compose" / "secrets.sh", os.X_OK)
