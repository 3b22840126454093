# SPDX-License-Identifier: Apache-2.0
"""Judges docker/compose.yml and Grafana's provisioning: compose_check.py COMPOSE. Prints what is wrong."""
import json
import os
import re
import sys

import yaml

wrong = []


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def check_secret(name, service, key, value):
    # Without a default, and looked at by the service itself, which does not start when it is empty.
    if not re.fullmatch(r"\$\{\w+:-\}", str(value)):
        wrong.append(f"{name}: {key} has a default")
    if "$${" + key + ":?" not in " ".join(service.get("entrypoint", [])):
        wrong.append(f"{name}: starts although {key} is empty")


def check_service(name, service, volumes, folder):
    # Nodes of the cluster are of an image that is built, and start unasked.
    if service["image"].startswith("${CBPF_IOR_IMAGE:-"):
        return
    if not re.fullmatch(r"[\w./-]+:[\w.-]+", service["image"]) or service["image"].endswith(":latest"):
        wrong.append(f"{name}: image {service['image']} has no fixed version")
    if not service.get("profiles"):
        wrong.append(f"{name}: is in no profile, and starts unasked")
    for port in service.get("ports", []):
        if not str(port).startswith("127.0.0.1:"):
            wrong.append(f"{name}: port {port} is not on loopback")
    for key, value in service.get("environment", {}).items():
        if re.search(r"PASSWORD|TOKEN", key):
            check_secret(name, service, key, value)
    for mount in service.get("volumes", []):
        source = mount.split(":")[0]
        if source.startswith("."):
            if not os.path.isdir(os.path.join(folder, source)):
                wrong.append(f"{name}: mounts {source}, which is not there")
        elif source not in volumes:
            wrong.append(f"{name}: volume {source} is not declared")


def variables(text):
    return set(re.findall(r"\$\{?([A-Z_]+)", text))


def main():
    path = sys.argv[1]
    folder = os.path.dirname(path)
    compose = load(path)
    services = compose["services"]
    for name, service in services.items():
        check_service(name, service, compose.get("volumes", {}), folder)
    with open(path, encoding="utf-8") as file:
        used = variables(re.sub(r"^\s*#.*|\$\$\{?\w+", "", file.read(), flags=re.M))
    with open(os.path.join(folder, ".env.example"), encoding="utf-8") as file:
        example = file.read()
    told = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, flags=re.M))
    for name in sorted(used ^ told):
        wrong.append(f"{name} is in only one of {path} and .env.example")
    for line in example.splitlines():
        if re.match(r"\w*(PASSWORD|TOKEN)=.", line):
            wrong.append(f".env.example has a secret: {line}")

    grafana = services["grafana"]
    provisioning = os.path.join(folder, "grafana/provisioning")
    sources = load(os.path.join(provisioning, "datasources/cbpf.yml"))["datasources"]
    known = set(grafana["environment"])
    for name in sorted(variables(json.dumps(sources)) - known):
        wrong.append(f"datasources: {name} is not in Grafana's environment")
    mounts = dict(mount.split(":")[:2][::-1] for mount in grafana["volumes"])
    for provider in load(os.path.join(provisioning, "dashboards/cbpf.yml"))["providers"]:
        source = mounts.get(provider["options"]["path"])
        if not source or not os.path.isdir(os.path.join(folder, source)):
            wrong.append(f"dashboards: nothing is mounted at {provider['options']['path']}")
            continue
        uids = {source["uid"] for source in sources}
        for file in sorted(os.listdir(os.path.join(folder, source))):
            dashboard = load(os.path.join(folder, source, file))
            current = dashboard["templating"]["list"][0]["current"]["value"]
            if current not in uids:
                wrong.append(f"{file}: there is no data source {current}")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


sys.exit(main())
