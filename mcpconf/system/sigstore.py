"""Signatures of Sigstore, verified on this machine with the roots that the library brings: nothing is asked of the network."""

from __future__ import annotations

import json
import logging
from typing import Any

from mcpconf.artifacts.attestations import Statement, Verifier, read_statement
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.base import Json

_ISSUERS = ("https://token.actions.githubusercontent.com", "https://gitlab.com")
"""Who says which workflow it was. An identity means nothing without its issuer."""

_HINT = "do not use it; ask its author, or take another version"


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
    from sigstore.errors import VerificationError
    from sigstore.verify import Verifier as Sigstore
    from sigstore.verify.policy import AnyOf, OIDCIssuer

    try:
        _, payload = Sigstore.production(offline=True).verify_dsse(bundle, AnyOf([OIDCIssuer(it) for it in _ISSUERS]))
    except VerificationError as error:
        return Problem("invalid", f"the signature does not hold ({error})", None, _HINT)
    return read_statement(_workflow(bundle.signing_certificate), payload)


def _workflow(certificate: Any) -> str:
    """The address of the workflow that the certificate was given to, with the branch or tag behind `@`."""
    from cryptography.x509 import SubjectAlternativeName, UniformResourceIdentifier

    names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    addresses = names.get_values_for_type(UniformResourceIdentifier)
    return str(addresses[0]) if addresses else ""
