#!/usr/bin/env bash
# How Debian's Orthanc 1.10.1 with its DICOMweb plug-in 1.7 searches (QIDO-RS), on loopback with made patients:
# - the value of a query is compared as it is in the URL: A%2F1 never finds patient A/1, and the wild card A?1 does;
# - %2C is taken as a comma, and a comma as "or": the search for "A,1" answers with the patients "A" and "1";
# - letters outside Latin-1 are missing in answers: patient "A山1" is answered as "A1", which is another patient.
# Needs Debian's packages orthanc and orthanc-dicomweb, which it installs as root. Exits with 1 where Orthanc behaves otherwise.
set -euo pipefail
if ! command -v Orthanc >/dev/null || [[ ! -e /usr/share/orthanc/plugins/libOrthancDicomWeb.so ]]; then
  apt-get install -y -qq --no-install-recommends orthanc orthanc-dicomweb >/dev/null
fi
folder=$(mktemp -d)
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pydicom==3.0.2
cat >"$folder/orthanc.json" <<JSON
{"StorageDirectory": "$folder/db", "IndexDirectory": "$folder/db", "HttpPort": 18042, "DicomServerEnabled": false,
 "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "Plugins": ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"]}
JSON
Orthanc "$folder/orthanc.json" >"$folder/log" 2>&1 &
server=$!
trap 'kill $server; wait $server || true; rm -rf "$folder"' EXIT
"$folder/venv/bin/python" - <<'PYTHON'
import io, json, time, urllib.request
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

BASE = "http://127.0.0.1:18042"

def get(path):
    return json.load(urllib.request.urlopen(BASE + path, timeout=20))

for _ in range(60):
    try:
        system = get("/system")
        break
    except OSError:
        time.sleep(0.5)
print("Orthanc", system["Version"], "DICOMweb", get("/plugins/dicom-web")["Version"])
for patient in ("A/1", "A", "1", "A山1", "A1"):
    image = Dataset()
    image.SpecificCharacterSet = "ISO_IR 192"
    image.PatientID = patient
    image.SOPClassUID = ComputedRadiographyImageStorage
    image.SOPInstanceUID, image.SeriesInstanceUID, image.StudyInstanceUID = (generate_uid() for _ in range(3))
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    content = io.BytesIO()
    image.save_as(content, enforce_file_format=True)
    urllib.request.urlopen(urllib.request.Request(BASE + "/instances", content.getvalue()), timeout=20)

def found(query):
    answers = get(f"/dicom-web/studies?PatientID={query}")
    return sorted(one["00100020"]["Value"][0] for one in answers)

seen = {query: found(query) for query in ("A%2F1", "A?1", "A%2C1", "A*1")}
for query, answered in seen.items():
    print(f"PatientID={query} -> {answered}")
expected = {"A%2F1": [], "A?1": ["A/1"], "A%2C1": ["1", "A"], "A*1": ["A/1", "A1", "A1"]}
raise SystemExit(0 if seen == expected else 1)
PYTHON
