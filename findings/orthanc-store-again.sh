#!/usr/bin/env bash
# Debian's Orthanc 1.10.1 with its DICOMweb plug-in 1.7, as it is set up: an instance that is sent again with other content and the same SOP
# Instance UID (a corrected one) is answered like the first, by STOW-RS with 200 and a ReferencedSOPSequence without a warning reason, by
# C-STORE with status 0x0000; what is kept and handed out is the first. The sender cannot know that its correction is lost. (REST's
# /instances does say AlreadyStored; OverwriteInstances keeps the last.) On loopback with made images. Needs Debian's packages
# orthanc and orthanc-dicomweb, which it installs as root. Exits with 1 where Orthanc behaves otherwise.
set -euo pipefail
if ! command -v Orthanc >/dev/null || [[ ! -e /usr/share/orthanc/plugins/libOrthancDicomWeb.so ]]; then
  apt-get install -y -qq --no-install-recommends orthanc orthanc-dicomweb >/dev/null
fi
folder=$(mktemp -d)
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pydicom==3.0.2 pynetdicom==3.0.4
cat >"$folder/orthanc.json" <<JSON
{"StorageDirectory": "$folder/db", "IndexDirectory": "$folder/db", "HttpPort": 18043, "DicomPort": 14243, "DicomAet": "ORTHANC",
 "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "Plugins": ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"]}
JSON
Orthanc "$folder/orthanc.json" >"$folder/log" 2>&1 &
server=$!
trap 'kill $server; wait $server || true; rm -rf "$folder"' EXIT
"$folder/venv/bin/python" - <<'PYTHON'
import io, json, time, urllib.request
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE

BASE = "http://127.0.0.1:18043"


def ask(path, content=None, **headers):
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    with urllib.request.urlopen(urllib.request.Request(BASE + path, content, named), timeout=20) as answer:
        return answer.status, answer.read()


for _ in range(60):
    try:
        version = json.loads(ask("/system")[1])["Version"]
        break
    except OSError:
        time.sleep(0.5)
print("Orthanc", version, "DICOMweb", json.loads(ask("/plugins/dicom-web")[1])["Version"])

image = Dataset()
image.file_meta = FileMetaDataset()
image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
image.SOPClassUID, image.PatientID = ComputedRadiographyImageStorage, "MADE"
image.SOPInstanceUID, image.SeriesInstanceUID, image.StudyInstanceUID = (generate_uid() for _ in range(3))


def by_web(comment):
    image.ImageComments = comment
    content = io.BytesIO()
    image.save_as(content, enforce_file_format=True)
    body = b"--part\r\nContent-Type: application/dicom\r\n\r\n" + content.getvalue() + b"\r\n--part--\r\n"
    kind = 'multipart/related; type="application/dicom"; boundary=part'
    status, answer = ask("/dicom-web/studies", body, Content_Type=kind, Accept="application/dicom+json")
    stored = Dataset.from_json(json.loads(answer))
    return status, len(stored.get("FailedSOPSequence") or []), "WarningReason" in stored.ReferencedSOPSequence[0]


def by_dimse(comment):
    image.ImageComments = comment
    entity = AE()
    entity.add_requested_context(ComputedRadiographyImageStorage, ExplicitVRLittleEndian)
    association = entity.associate("127.0.0.1", 14243, ae_title="ORTHANC")
    status = association.send_c_store(image).Status
    association.release()
    return status


def kept():
    (instance,) = json.loads(ask("/instances")[1])
    return pydicom.dcmread(io.BytesIO(ask(f"/instances/{instance}/file")[1])).ImageComments


seen = by_web("first"), by_web("corrected"), by_dimse("corrected"), kept()
print("STOW-RS of the first: HTTP status, failures, warning:", *seen[0])
print("STOW-RS of the corrected one:", *seen[1])
print(f"C-STORE of the corrected one: 0x{seen[2]:04X}")
print("kept:", seen[3])
raise SystemExit(0 if seen == ((200, 0, False), (200, 0, False), 0x0000, "first") else 1)
PYTHON
