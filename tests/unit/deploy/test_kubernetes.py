"""The manifests: by the schemas of Kubernetes, by kustomize, and what neither can say. No cluster runs here, so nothing is applied."""

import itertools
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml

from sms_service.settings import Limits, load_settings

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "deploy" / "kubernetes"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
OLDEST = "1.31"
"""Of Kubernetes: that in which all that is used here is stable."""
NEWEST = kubernetes_validate.latest_version()
KUSTOMIZATIONS = sorted(FOLDER.rglob("kustomization.yaml"))
MANIFESTS = sorted(set(FOLDER.rglob("*.yaml")) - set(KUSTOMIZATIONS))


def documents(path):
    return list(yaml.safe_load_all(path.read_text("utf-8")))


ALL = [(path.relative_to(FOLDER).as_posix(), one) for path in MANIFESTS for one in documents(path)]
BY_KIND = {
    kind: {one["metadata"]["name"]: one for _, one in group}
    for kind, group in itertools.groupby(
        sorted(ALL, key=lambda pair: pair[1]["kind"]), key=lambda pair: pair[1]["kind"]
    )
}
GATEWAY = BY_KIND["StatefulSet"]["sms-gateway"]
JOB = BY_KIND["Job"]["sms-migrate"]
SECRETS = BY_KIND["Secret"]
PODS = {"StatefulSet": GATEWAY["spec"]["template"], "Job": JOB["spec"]["template"]}
each_pod = pytest.mark.parametrize("pod", PODS.values(), ids=PODS)


def containers(pod):
    return [*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]]


def selects(selector, labels):
    return selector.get("matchLabels", {}).items() <= labels.items()


# ---- by others' judgement -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize(("path", "document"), ALL, ids=[f"{path}-{one['metadata']['name']}" for path, one in ALL])
def test_a_manifest_is_what_kubernetes_takes(path, document, version):
    """Strictly: no key that it does not know."""
    kubernetes_validate.validate(document, version, strict=True)


def test_the_schemas_refuse_a_slip():
    slip = yaml.safe_load(yaml.safe_dump(GATEWAY).replace("readinessProbe", "readynessProbe"))
    with pytest.raises(kubernetes_validate.ValidationError, match="readynessProbe"):
        kubernetes_validate.validate(slip, NEWEST, strict=True)


@pytest.fixture(scope="module", params=["gateway", "migrate"])
def built(request):
    """What kubectl would apply."""
    if (kubectl := shutil.which("kubectl")) is None:
        pytest.skip("kubectl is not on this machine")
    done = subprocess.run([kubectl, "kustomize", FOLDER / request.param], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def test_what_is_built_is_what_kubernetes_takes(built):
    for document in built:
        kubernetes_validate.validate(document, NEWEST, strict=True)
        assert document["kind"] == "Namespace" or document["metadata"]["namespace"] == "sms-service"


def test_what_is_built_names_its_configuration(built):
    """By a name that changes with what stands in it, and with an image of this version."""
    (config,) = [one["metadata"]["name"] for one in built if one["kind"] == "ConfigMap"]
    assert re.fullmatch(r"sms-config-[a-z0-9]{10}", config)
    (pod,) = [one["spec"]["template"] for one in built if one["kind"] in PODS]
    assert config in [volume["configMap"]["name"] for volume in pod["spec"]["volumes"] if "configMap" in volume]
    assert f"sms-service:{VERSION}" in {container["image"] for container in containers(pod)}


# ---- kustomizations -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=lambda path: path.parent.name)
def test_a_kustomization_names_what_is_there(path):
    """Each resource and file is there, each manifest beside it is named, and no secret is among them."""
    (one,) = documents(path)
    resources = [(path.parent / name).resolve() for name in one["resources"]]
    assert all(resource.exists() for resource in resources)
    beside = set(path.parent.glob("*.yaml")) - {path}
    assert beside == {resource for resource in resources if resource.is_file()}
    for generator in one.get("configMapGenerator", ()):
        assert all((path.parent / file).is_file() for file in generator["files"])
    for image in one.get("images", ()):
        assert image["newTag"] == VERSION
    assert not [document for file in beside for document in documents(file) if document["kind"] == "Secret"]


# ---- pods -----------------------------------------------------------------------------------------------------------------


@each_pod
def test_a_pod_fits_the_restricted_profile(pod):
    """As the namespace demands of every pod; and its root filesystem cannot be written."""
    spec = pod["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 10001
    assert spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    assert spec["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
    assert {*itertools.chain.from_iterable(volume.keys() - {"name"} for volume in spec["volumes"])} <= {
        "configMap", "secret", "emptyDir",
    }  # fmt: skip
    for container in containers(pod):
        walls = container["securityContext"]
        assert walls == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
        assert "memory" in container["resources"]["limits"]
    enforced = BY_KIND["Namespace"]["sms-service"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
    assert enforced == "restricted"


@each_pod
def test_a_pod_mounts_what_it_has(pod):
    """Each mount is a volume, each volume is mounted, each secret and each of its keys is in the example."""
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    mounted = {mount["name"] for container in containers(pod) for mount in container["volumeMounts"]}
    assert mounted == volumes.keys()
    for volume in volumes.values():
        if secret := volume.get("secret"):
            keys = SECRETS[secret["secretName"]]["stringData"]
            assert {item["key"] for item in secret.get("items", ())} <= keys.keys()
            assert secret["defaultMode"] == 0o440
    for container in containers(pod):
        for variable in container.get("env", ()):
            if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                assert reference["key"] in SECRETS[reference["name"]]["stringData"]


@each_pod
def test_an_image_is_pinned(pod):
    """Ours by the kustomization, others here."""
    for container in containers(pod):
        assert container["image"] == "sms-service" or re.fullmatch(r"postgres:\d+\.\d+-[a-z]+", container["image"])


def environment(container, pod_name, secrets):
    """What a container is given, with its secrets in a folder of this machine."""
    values = {}
    for variable in container["env"]:
        source = variable.get("valueFrom", {})
        if "fieldRef" in source:
            assert source["fieldRef"]["fieldPath"] == "metadata.name"
            values[variable["name"]] = pod_name
        elif "secretKeyRef" not in source:
            values[variable["name"]] = variable["value"].replace("/run/secrets/sms", str(secrets))
    return values


@pytest.fixture
def secrets(tmp_path):
    """The example's secrets as files."""
    for name, value in SECRETS["sms-gateway"]["stringData"].items():
        (tmp_path / name).write_text(value)
    return tmp_path


def test_the_configuration_is_good_for_a_gateway(secrets):
    """With the name of its pod, and every secret from where it is mounted."""
    (container,) = GATEWAY["spec"]["template"]["spec"]["containers"]
    last = f"{GATEWAY['metadata']['name']}-{GATEWAY['spec']['replicas'] - 1}"
    settings = load_settings(FOLDER / "config" / "config.toml", environment(container, last, secrets))
    assert settings.instance == last
    assert "CHANGE" in settings.journal.dsn
    assert "CHANGE" in settings.population.dsn
    assert "CHANGE" in settings.redis.url
    assert [smsc.password for smsc in settings.smsc] == ["CHANGE"]
    mount = next(one["mountPath"] for one in container["volumeMounts"] if one["name"] == "secrets")
    for file in (settings.keys.file, settings.ops.token_file):
        assert file.startswith(f"{mount}/")
        assert Path(file).name in SECRETS["sms-gateway"]["stringData"]
    assert settings.ops.listen == f"0.0.0.0:{container['ports'][0]['containerPort']}"


def test_the_configuration_is_good_for_the_job(secrets):
    """By the owner, of the same database."""
    migrate = next(one for one in containers(PODS["Job"]) if one["name"] == "migrate")
    settings = load_settings(FOLDER / "config" / "config.toml", environment(migrate, "", secrets))
    owner, gateway = urlsplit(settings.journal.dsn), urlsplit((secrets / "journal_dsn").read_text())
    assert (owner.username, owner.password, gateway.username) == ("sms_owner", None, "sms_gateway")
    assert (owner.hostname, owner.path) == (gateway.hostname, gateway.path)
    assert SECRETS["sms-migrate"]["stringData"].keys() == {"password", "postgres-ca.pem"}


def test_the_rights_come_out_of_the_image_that_migrates():
    """The folder that the Dockerfile makes, and the file that `rights` runs."""
    copy = next(one for one in containers(PODS["Job"]) if one["name"] == "sql")
    rights = next(one for one in containers(PODS["Job"]) if one["name"] == "rights")
    assert copy["command"][2] == "/opt/sms-service/sql/."
    assert "COPY deploy/sql /opt/sms-service/sql\n" in (ROOT / "deploy" / "Dockerfile").read_text()
    file = re.search(r"-f /sql/(\S+)$", rights["command"][2])[1]
    assert (ROOT / "deploy" / "sql" / file).is_file()


def test_probes_ask_the_pages_that_are_for_them():
    """Alive is asked patiently, ready for longer than the page may take."""
    (container,) = GATEWAY["spec"]["template"]["spec"]["containers"]
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "ops"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "ops"}
    assert container["readinessProbe"]["timeoutSeconds"] > 2
    assert GATEWAY["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= Limits().shutdown_s + 20


# ---- what belongs together --------------------------------------------------------------------------------------------------


def test_what_selects_the_gateways_does():
    """StatefulSet, services, budget, policies and spread mean the pods of the template."""
    labels = GATEWAY["spec"]["template"]["metadata"]["labels"]
    spec = GATEWAY["spec"]
    assert selects(spec["selector"], labels)
    assert BY_KIND["Service"][spec["serviceName"]]["spec"]["clusterIP"] == "None"
    for service in BY_KIND["Service"].values():
        assert service["spec"]["selector"].items() <= labels.items()
        assert service["spec"]["publishNotReadyAddresses"] is True
        assert {port["targetPort"] for port in service["spec"]["ports"]} == {"ops"}
    assert selects(BY_KIND["PodDisruptionBudget"]["sms-gateway"]["spec"]["selector"], labels)
    spread = spec["template"]["spec"]["topologySpreadConstraints"]
    assert all(selects(one["labelSelector"], labels) for one in spread)
    assert {one["topologyKey"] for one in spread} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}


def ways_out(labels):
    """The ports to which policies let a pod with these labels."""
    rules = [
        rule
        for policy in BY_KIND["NetworkPolicy"].values()
        if selects(policy["spec"]["podSelector"], labels)
        for rule in policy["spec"].get("egress", ())
    ]
    assert all(rule["to"] for rule in rules)
    return {port["port"] for rule in rules for port in rule["ports"]}


def test_policies_let_through_what_the_configuration_names():
    """And nothing else: each address of the configuration has its port, the job only PostgreSQL's and names."""
    settings = load_settings(FOLDER / "config" / "config.toml", {"SMS_INSTANCE": "x"})
    ports = {"postgresql": 5432, "redis": 6379, "https": 443}
    urls = [settings.journal.dsn, settings.population.dsn, settings.redis.url, settings.subscribers.url]
    needed = {urlsplit(url).port or ports[urlsplit(url).scheme] for url in urls} | {one.port for one in settings.smsc}
    assert ways_out(PODS["StatefulSet"]["metadata"]["labels"]) == needed | {53}
    assert ways_out(PODS["Job"]["metadata"]["labels"]) == {5432, 53}
    nothing = BY_KIND["NetworkPolicy"]["nothing"]["spec"]
    assert nothing == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
