"""Signatures of Sigstore, verified on this machine with the roots that the library brings: nothing is asked of the network."""

from __future__ import annotations

import base64
import json
import logging
from typing import Any

from mcpconf.artifacts.attestations import Statement, Verifier, beyond, read_identity, read_statement
from mcpconf.artifacts.logged import INTOTO, as_dsse, is_intoto, records
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.base import Json

_ISSUERS = ("https://token.actions.githubusercontent.com", "https://gitlab.com")
"""Who says which workflow it was. An identity means nothing without its issuer."""

_REPOSITORY = "1.3.6.1.4.1.57264.1.12"
"""For which repository a workflow ran (https://github.com/sigstore/fulcio, docs/oid-info.md, 2026-11)."""

_HINT = "do not use it; ask its author, or take another version"
_BEYOND = Problem("not-supported", "a bundle of a form that cannot be verified here", None, "take a newer version")


def verifier() -> Verifier:
    """Raises McpconfError (exit 1) without the libraries."""
    try:
        import pypi_attestations  # noqa: F401  an extra
        import sigstore  # noqa: F401
    except ImportError:
        hint = "install mcpconf with the extra `attest`: `mcpconf[attest]`"
        problem = Problem("missing", "signatures cannot be verified: `sigstore` is not installed", None, hint)
        raise McpconfError(ExitCode.NO_PLAN, problem) from None
    logging.getLogger("sigstore").setLevel(logging.ERROR)  # that it stays off the network is no warning
    return _Sigstore()


class _Sigstore:
    def bundle(self, bundle: Json) -> Statement | Problem:
        from sigstore.models import Bundle, InvalidBundle

        if beyond(bundle):
            return _BEYOND
        try:
            return _verified(Bundle.from_json(json.dumps(bundle)))
        except (InvalidBundle, ValueError, RecursionError) as error:
            return Problem("malformed", f"no bundle of Sigstore ({type(error).__name__})", None, _HINT)

    def attestation(self, attestation: Json) -> Statement | Problem:
        from pypi_attestations import Attestation, ConversionError

        try:
            return _verified(Attestation.model_validate(attestation).to_bundle())
        except (ConversionError, ValueError, RecursionError) as error:
            return Problem("malformed", f"no attestation of PEP 740 ({type(error).__name__})", None, _HINT)


def _verified(bundle: Any) -> Statement | Problem:
    from sigstore.dsse import InvalidEnvelope
    from sigstore.errors import VerificationError

    try:
        kind, payload = _signed(bundle)
    except NotImplementedError:
        return _BEYOND
    except (VerificationError, InvalidEnvelope) as error:
        return Problem("invalid", f"the signature does not hold ({error})", None, _HINT)
    return read_statement(_identity(bundle.signing_certificate), kind, payload)


def _signed(bundle: Any) -> tuple[str, bytes]:
    """The type and the text of what was signed. Raises VerificationError."""
    from sigstore.verify import Verifier as Sigstore
    from sigstore.verify.policy import AnyOf, OIDCIssuer

    library = Sigstore.production(offline=True)
    policy = AnyOf([OIDCIssuer(it) for it in _ISSUERS])
    told = json.loads(bundle.to_json())
    if is_intoto(told):
        return _signed_intoto(told, library, policy)
    kind, payload = library.verify_dsse(bundle, policy)
    return kind, payload


def _signed_intoto(told: dict[str, Any], library: Any, policy: Any) -> tuple[str, bytes]:
    """Of the form in which npm has its provenance logged, and which `verify_dsse` of sigstore 4 refuses.

    Certificate, time and log entry are verified by the library, which asks for the form of an entry only to hold what the
    entry says against what was signed; that is done here. Raises VerificationError, and NotImplementedError with a library
    that does not do the rest alone. See https://github.com/sigstore/sigstore-python/issues/1384.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from sigstore.errors import VerificationError
    from sigstore.models import Bundle

    bundle = Bundle.from_json(json.dumps(as_dsse(told)))
    verify = getattr(library, "_verify_common_signing_cert", None)  # nothing public does these steps alone
    if verify is None:
        raise NotImplementedError
    verify(bundle, policy)
    certificate, envelope = bundle.signing_certificate, told["dsseEnvelope"]
    key, payload = certificate.public_key(), base64.b64decode(envelope["payload"])
    kind, signatures = envelope["payloadType"], [base64.b64decode(it["sig"]) for it in envelope["signatures"]]
    signed = b"DSSEv1 %d %s %d %s" % (len(kind.encode()), kind.encode(), len(payload), payload)
    try:
        if not isinstance(key, EllipticCurvePublicKey) or len(signatures) != 1:
            raise VerificationError("one signature of an elliptic curve is expected")
        key.verify(signatures[0], signed, ECDSA(SHA256()))
    except InvalidSignature:
        raise VerificationError("invalid signature") from None
    body = base64.b64decode(told["verificationMaterial"]["tlogEntries"][0]["canonicalizedBody"])
    if not records(body, envelope, certificate.public_bytes(Encoding.PEM)):
        raise VerificationError(f"the log entry ({INTOTO[0]}) is about something else")
    return kind, payload


def _identity(certificate: Any) -> str:
    """The address of the workflow that the certificate was given to, with the repository that it ran for."""
    from cryptography.x509 import ObjectIdentifier, SubjectAlternativeName, UniformResourceIdentifier

    names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    addresses = names.get_values_for_type(UniformResourceIdentifier)
    found = [it.value.value for it in certificate.extensions if it.oid == ObjectIdentifier(_REPOSITORY)]
    return read_identity(str(addresses[0]) if addresses else "", _text(found[0]) if found else "")


def _text(der: bytes) -> str:
    """A UTF8String of ASN.1: two bytes of type and length up to 127, one more of length up to 255."""
    return der[3 if der[1:2] == b"\x81" else 2 :].decode("utf-8", "replace")
