"""The house as a test: which way imports point, where each library lives, how big rooms are."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).resolve().parent.parent
GENERATED = {ROOT / "scheduler" / "v1", ROOT / "scheduler" / "agent" / "v1"}
PACKAGES = ("scheduler", "exporters", "loadtests", "deploy")
SOURCES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if GENERATED.isdisjoint(path.parents)
)

# The only places that may import a library.
HOMES: Mapping[str, tuple[str, ...]] = {
    "ortools": ("scheduler/allocator/",),
    "sqlmodel": ("scheduler/store/",),
    "sqlalchemy": ("scheduler/store/",),
    "alembic": ("scheduler/store/",),
    "pyslurm": ("scheduler/backend/slurm_pyslurm",),
    "grpc": (
        "scheduler/rpc/",
        "scheduler/cli/",
        "scheduler/client/",
        "scheduler/agent/",
        "loadtests/",
    ),
    # Programs are started for a cluster by its backend, which lives in the agent, and for a
    # database's backup by the store; the others start our own processes.
    "subprocess": (
        "scheduler/backend/programs.py",
        "scheduler/backend/user_files.py",
        "scheduler/backend/slurm_pyslurm",
        "scheduler/agent/own.py",
        "scheduler/engine_process.py",
        "scheduler/cli/backups.py",
        "scheduler/store/backups/postgres_dump.py",
        "loadtests/",
        "deploy/",
    ),
    "prometheus_client": ("exporters/",),
    "pydantic_settings": ("scheduler/config.py",),
    "pydantic": (
        "scheduler/policy_files",
        "scheduler/register_files/",
        "scheduler/config.py",
        "scheduler/store/",
        "scheduler/receipts/",
    ),
    "msgspec": ("scheduler/receipts/",),
    "yaml": ("scheduler/cli/forms.py",),
    # Every start of the client would pay for it: it is imported where its words are said.
    "babel": ("scheduler/cli/reader_times.py", "loadtests/texts/"),
    "uvloop": ("scheduler/main.py", "loadtests/"),
}

# What each part of the house may import of the others. Adapters do not know each other.
CORE = ("scheduler.domain", "scheduler.errors", "scheduler.budget_errors", "scheduler.texts")
PORTS = (*CORE, "scheduler.ports", "scheduler.tenancy")
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "scheduler/domain/": CORE,
    "scheduler/texts.py": (),
    "scheduler/wrong_values.py": ("scheduler.texts",),
    "scheduler/errors.py": ("scheduler.texts",),
    "scheduler/budget_errors.py": ("scheduler.errors", "scheduler.texts"),
    "scheduler/ports.py": (*CORE, "scheduler.tenancy"),
    "scheduler/tenancy.py": CORE,
    "scheduler/view.py": CORE,
    "scheduler/clock.py": (),
    "scheduler/identity.py": PORTS,
    "scheduler/bootstrap.py": (*PORTS, "scheduler.identity"),
    "scheduler/policy_files": (*CORE, "scheduler.policy_files", "scheduler.wrong_values"),
    # It is read as policy files are, and says what is wrong in the same way.
    "scheduler/register_files/": (*CORE, "scheduler.policy_files", "scheduler.register_files"),
    "scheduler/use_cases/": (
        *PORTS,
        "scheduler.identity",
        "scheduler.policy_files",
        "scheduler.register_files",
        "scheduler.use_cases",
    ),
    "scheduler/service.py": (*PORTS, "scheduler.identity", "scheduler.use_cases"),
    "scheduler/engine/": (*PORTS, "scheduler.view", "scheduler.engine"),
    "scheduler/allocator/": (*PORTS, "scheduler.allocator"),
    "scheduler/forecast/": (*CORE, "scheduler.forecast"),
    "scheduler/store/": (*PORTS, "scheduler.policy_files", "scheduler.store"),
    "scheduler/backend/": (*PORTS, "scheduler.clock", "scheduler.backend"),
    # The program of the agent has the backends; the service has only the way to it.
    "scheduler/agent/main.py": (
        *PORTS,
        "scheduler.agent",
        "scheduler.backend.choose",
        "scheduler.clock",
        "scheduler.journal",
        "scheduler.languages",
    ),
    "scheduler/agent/": (*PORTS, "scheduler.agent"),
    # A replay drives the engine over stores and clusters in memory; the allocator is handed in.
    "scheduler/simulation/": (
        *PORTS,
        "scheduler.backend",
        "scheduler.clock",
        "scheduler.engine",
        "scheduler.policy_files",
        "scheduler.store",
        "scheduler.view",
        "scheduler.simulation",
    ),
    "scheduler/receipts/": (*PORTS, "scheduler.receipts"),
    # Which allocator a receipt names: made by the service, and made again to verify.
    "scheduler/deciders.py": (
        *PORTS,
        "scheduler.allocator",
        "scheduler.engine.cycle",
        "scheduler.receipts",
    ),
    "scheduler/languages/": ("scheduler.languages", "scheduler.texts"),
    "scheduler/rpc/": (
        *PORTS,
        "scheduler.identity",
        "scheduler.languages",
        "scheduler.service",
        "scheduler.use_cases",
        "scheduler.v1",
        "scheduler.rpc",
    ),
    # Verification decides again without a service: the one command that is no client.
    "scheduler/cli/receipt_check.py": (
        *CORE,
        "scheduler.cli",
        "scheduler.deciders",
        "scheduler.receipts",
    ),
    # A simulation of policies runs where it is asked for, with the allocator, beside the service.
    "scheduler/cli/simulation/": (
        *PORTS,
        "scheduler.allocator.greedy",
        "scheduler.cli",
        "scheduler.policy_files",
        "scheduler.simulation",
        "scheduler.v1",
    ),
    # What a history tells is judged without a service, too.
    "scheduler/cli/history.py": (*CORE, "scheduler.cli"),
    # A script is read where it is handed in too: for its name, its --wait, and to check it offline.
    "scheduler/cli/handed_in.py": ("scheduler.cli", "scheduler.domain", "scheduler.texts"),
    "scheduler/cli/compat.py": ("scheduler.cli", "scheduler.domain", "scheduler.texts"),
    # The client needs to know sbatch's options, what --export takes of its environment, and how a
    # ledger adds up: pure.
    "scheduler/cli/": (
        "scheduler.v1",
        "scheduler.languages",
        "scheduler.texts",
        "scheduler.cli",
        "scheduler.domain.budgets.ledger",
        "scheduler.domain.environment",
        "scheduler.domain.budgets.grants",
        "scheduler.domain.sbatch.directives",
        "scheduler.domain.sbatch.options",
        "scheduler.domain.budgets.statements",
    ),
    # What the clients share lies with the command line, until it moves; see decision 030.
    "scheduler/client/": (
        "scheduler.v1",
        "scheduler.client",
        "scheduler.languages",
        "scheduler.texts",
        "scheduler.cli.client",
        "scheduler.cli.config_file",
        "scheduler.cli.contexts",
        "scheduler.cli.errors",
        "scheduler.cli.exit_codes",
        "scheduler.cli.explained",
        "scheduler.cli.handed_in",
        "scheduler.cli.job_words",
        "scheduler.cli.own_environment",
        "scheduler.cli.service_errors",
        "scheduler.cli.session",
        "scheduler.cli.times",
        "scheduler.cli.waiting",
    ),
    "exporters/": (*PORTS, "exporters"),
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def is_within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_libraries_stay_in_their_homes(path: Path) -> None:
    for module in imported_by(path):
        homes = HOMES.get(module.split(".")[0])
        assert homes is None or name_of(path).startswith(homes), f"it imports {module}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_point_towards_the_domain(path: Path) -> None:
    allowed = next((to for part, to in ALLOWED.items() if name_of(path).startswith(part)), None)
    if allowed is None:
        return
    ours = [module for module in imported_by(path) if is_within(module, ("scheduler", "exporters"))]
    astray = [module for module in ours if not is_within(module, allowed)]
    assert astray == [], f"{name_of(path)} may import {allowed}"


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in SOURCES
        if name_of(path).startswith(("scheduler/domain/", "scheduler/forecast/"))
    ],
    ids=name_of,
)
def test_the_domain_and_forecasts_have_no_clock_and_no_random_source(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not {"random", "time", "os", "asyncio", "threading"} & set(imported_by(path))
    assert ".now(" not in text
    assert "utcnow(" not in text


# Where a process of the service begins; the agent's is another one.
SERVICE = ("scheduler.main", "scheduler.engine_child")
TOUCH_SLURM = ("scheduler.backend.programs", "scheduler.backend.choose", "scheduler.agent.main")


def imported_from(module: str) -> set[str]:
    """Return our modules that come with one, however many imports away."""
    files = {name_of(path).removesuffix(".py").replace("/", "."): path for path in SOURCES}
    found: set[str] = set()
    to_read = {module}
    while to_read:
        found |= to_read
        read = {name for one in to_read for name in imported_by(files[one])}
        to_read = (read & set(files)) - found
    return found


@pytest.mark.parametrize("module", SERVICE)
def test_the_service_has_no_code_that_touches_slurm(module: str) -> None:
    astray = imported_from(module) & set(TOUCH_SLURM)

    assert {"scheduler.engine_room", "scheduler.agent.client"} <= imported_from(module)
    assert astray == set()


def test_the_agents_program_is_where_slurm_is_touched() -> None:
    assert set(TOUCH_SLURM) <= imported_from("scheduler.agent.main")


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name_of(path)}:{node.name}", node


def test_functions_are_short_and_take_few_parameters() -> None:
    lengths = {}
    for name, node in functions():
        lengths[name] = (node.end_lineno or 0) - node.lineno + 1
        parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        own = [parameter for parameter in parameters if parameter.arg not in ("self", "cls")]
        assert len(own) <= 5 or name.startswith("scheduler/cli/"), name
    assert {name for name, lines in lengths.items() if lines > 45} == set()
    assert median(lengths.values()) <= 8
    assert quantiles(lengths.values(), n=20)[-1] <= 28


def test_files_are_small_and_named_for_what_they_do() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name_of(path) for path, count in lines.items() if count > 450} == set()
    assert median(lines.values()) <= 120
    assert quantiles(lines.values(), n=20)[-1] <= 350
    vague = {"utils", "common", "helpers", "misc"}
    assert not vague & {part for path in SOURCES for part in (*path.parts, path.stem)}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_module_opens_with_one_sentence(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, f"{name_of(path)} has no docstring"
    assert docstring.splitlines()[0].endswith((".", "?", ":"))


def test_the_environment_is_read_in_one_place() -> None:
    reading = ("os.environ", "getenv")
    readers = {
        name_of(path)
        for path in SOURCES
        if name_of(path).startswith(("scheduler/", "exporters/"))
        and any(word in path.read_text(encoding="utf-8") for word in reading)
    }
    # The clients run elsewhere, with a context file and variables of its own; a backend and
    # an own agent's keeper build the environment of what they start. click reads its language
    # there, which is set for it.
    clients = ("scheduler/cli/", "scheduler/client/", "scheduler/languages/programs.py")
    own = (*clients, "scheduler/backend/", "scheduler/agent/", "scheduler/config.py")
    assert {name for name in readers if not name.startswith(own)} == set()
