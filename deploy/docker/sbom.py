"""Writes what is in the image of a binary, masad or masactl, as SPDX 2.3: itself,
the Debian packages that it loads, and those that are built into it.

    sbom.py BINARY PACKAGE...
"""

import datetime
import hashlib
import json
import os
import pathlib
import subprocess
import sys


# What is compiled in: headers here, and the source of BoringSSL (deploy/bazel).
BUILT_IN = ("libboost-dev", "libcli11-dev", "nlohmann-json3-dev")
BORINGSSL = "android-platform-external-boringssl"


def package(name, version, reference):
    return {
        "SPDXID": "SPDXRef-" + "".join(
            c if c.isalnum() else "-" for c in name),
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        **reference,
    }


def debian(name):
    query = "${Version} ${Architecture}\n"
    version, architecture = subprocess.run(
        ["dpkg-query", "-W", "-f", query, name], capture_output=True,
        text=True, check=True).stdout.splitlines()[0].split()
    return package(name, version, {"externalRefs": [{
        "referenceCategory": "PACKAGE-MANAGER",
        "referenceType": "purl",
        "referenceLocator": "pkg:deb/debian/%s@%s?arch=%s&distro=bookworm" %
                            (name, version.replace("+", "%2B"), architecture),
    }]})


def boringssl():
    shown = subprocess.run(["apt-cache", "showsrc", BORINGSSL],
                           capture_output=True, text=True, check=True).stdout
    version = next(line.split()[1] for line in shown.splitlines()
                   if line.startswith("Version:"))
    return package(BORINGSSL, version, {})


def document(binary, names):
    path = pathlib.Path(binary)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    own = package(path.name, digest[:12], {
        "licenseDeclared": "Apache-2.0",
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}]})
    packages = ([own] + [debian(name) for name in names]
                + [debian(name) for name in BUILT_IN] + [boringssl()])
    made = datetime.datetime.fromtimestamp(
        int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.timezone.utc)
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": path.name,
        "documentNamespace": "https://masa.example/spdx/" + digest,
        "creationInfo": {"created": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
                         "creators": ["Tool: masad-sbom"]},
        "packages": packages,
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT",
                           "relationshipType": "DESCRIBES",
                           "relatedSpdxElement": own["SPDXID"]}] + [
            {"spdxElementId": own["SPDXID"], "relationshipType": "DEPENDS_ON",
             "relatedSpdxElement": each["SPDXID"]} for each in packages[1:]],
    }


if __name__ == "__main__":
    json.dump(document(sys.argv[1], sys.argv[2:]), sys.stdout, indent=1)
    print()
