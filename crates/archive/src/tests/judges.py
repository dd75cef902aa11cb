# What in-toto's and DSSE's own libraries say of statements that landfall wrote. Arguments: for each statement its envelope
# without signatures, and what landfall would have signed.
import base64
import copy
import json
import sys

from google.protobuf.json_format import MessageToDict, Parse, ParseDict
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import TestResult
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner

KINDS = {
    "https://slsa.dev/provenance/v1": Provenance,
    "https://in-toto.io/attestation/test-result/v0.1": TestResult,
}


def without_extensions(value):
    if isinstance(value, dict):
        return {
            key: without_extensions(inner)
            for key, inner in value.items()
            if not key.startswith("landfall_")
        }
    if isinstance(value, list):
        return [without_extensions(inner) for inner in value]
    return value


def statement(payload):
    parsed = Parse(payload, statement_pb2.Statement())
    Statement.copy_from_pb(parsed).validate()
    said = json.loads(payload)
    assert [subject.name for subject in parsed.subject] == [
        subject["name"] for subject in said["subject"]
    ]
    kind, predicate = KINDS[said["predicateType"]], said["predicate"]
    # Strict: what is no extension of ours, the specification knows; and with them, a reader that follows it loses nothing.
    known = ParseDict(without_extensions(predicate), kind())
    assert without_extensions(predicate) != predicate
    assert ParseDict(predicate, kind(), ignore_unknown_fields=True) == known
    print(said["predicateType"], json.dumps(MessageToDict(known), sort_keys=True))


def envelope(text, pae):
    wire = json.loads(text)
    assert Envelope.from_dict(copy.deepcopy(wire)).pae() == pae
    signer = CryptoSigner.generate_ed25519()
    signature = signer.sign(pae)
    wire["signatures"] = [
        {
            "keyid": signer.public_key.keyid,
            "sig": base64.b64encode(bytes.fromhex(signature.signature)).decode(),
        }
    ]
    Envelope.from_dict(copy.deepcopy(wire)).verify([signer.public_key], 1)
    wire["payloadType"] += "x"
    try:
        Envelope.from_dict(wire).verify([signer.public_key], 1)
    except VerificationError:
        return
    raise AssertionError("another type has the same signature")


for path, pae in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(pae, "rb") as file:
        envelope(text, file.read())
    statement(base64.b64decode(json.loads(text)["payload"], validate=True))
