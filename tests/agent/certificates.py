"""Certificates of a small authority, made with openssl."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from scheduler.agent.address import TlsFiles

EC_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates; all files are in its folder."""

    folder: Path
    name: str = "authority"

    @property
    def certificate(self) -> Path:
        return self.folder / f"{self.name}.crt"

    def found(self) -> Authority:
        key = self.folder / f"{self.name}.key"
        openssl(
            *("req", "-x509", *EC_KEY, "-days", "2", "-subj", f"/CN={self.name}"),
            *("-keyout", str(key), "-out", str(self.certificate)),
        )
        return self

    def files_of(self, who: str) -> TlsFiles:
        """Return a new certificate for localhost, its key, and this authority as the other's."""
        key, request, crt = (self.folder / f"{who}.{kind}" for kind in ("key", "csr", "crt"))
        alternatives = self.folder / "names.cnf"
        alternatives.write_text("subjectAltName=DNS:localhost\n", encoding="utf-8")
        openssl("req", *EC_KEY, "-subj", f"/CN={who}", "-keyout", str(key), "-out", str(request))
        openssl(
            *("x509", "-req", "-in", str(request), "-days", "2", "-extfile", str(alternatives)),
            *("-CA", str(self.certificate), "-CAkey", str(self.folder / f"{self.name}.key")),
            *("-CAcreateserial", "-out", str(crt)),
        )
        return TlsFiles(self.certificate, crt, key)


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
