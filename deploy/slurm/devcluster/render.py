"""Settings to the text of slurm.conf, gres.conf and slurmdbd.conf."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template

from deploy.slurm.devcluster.settings import Settings

TEMPLATES = Path(__file__).resolve().parents[1]
SCHEDULING = TEMPLATES / "scheduling"
CONF_FILES = ("slurm.conf", "gres.conf", "slurmdbd.conf")

ENFORCEMENT = "AccountingStorageEnforce=associations,limits"


def render(settings: Settings) -> Mapping[str, str]:
    """Return the text of every conf file by its name; templates may use no unknown word."""
    words = _words(settings)
    return {name: _template(name).substitute(words) for name in CONF_FILES}


def _template(name: str) -> Template:
    return Template((TEMPLATES / f"{name}.in").read_text())


def _words(settings: Settings) -> Mapping[str, str]:
    ports = settings.node_ports
    return {
        "folder": str(settings.folder),
        "munge_socket": str(settings.munge_socket),
        "slurmctld_port": str(settings.slurmctld_port),
        "slurmdbd_port": str(settings.slurmdbd_port),
        "node_names": f"n{_span(1, settings.nodes)}",
        "node_ports": _span(ports[0], ports[-1]),
        "gpus_per_node": str(settings.gpus_per_node),
        "gpu_files": f"{settings.folder}/gpu/gpu{_span(0, settings.gpus_per_node - 1)}",
        "min_job_age_s": str(settings.min_job_age_s),
        "gathering": "linux" if settings.measures else "none",
        "enforcement": ENFORCEMENT if settings.enforces else "",
        "scheduling": (SCHEDULING / f"{settings.scheduling}.conf").read_text().rstrip(),
    }


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"[{first}-{last}]"
