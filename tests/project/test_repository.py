"""What is never in the repository: secrets, paths of one machine, addresses among the pins."""

import hashlib
import re
import shutil
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINS = sorted((ROOT / "requirements").glob("*.txt"))

# Larger than a MiB, and worth it; say why beside the name.
LARGE_FILES = frozenset({"locales/questions.model"})  # what was learned from the bank of questions
LARGEST = 1024 * 1024

SECRETS = {
    "a bot's token": re.compile(r"(?<!\d)\d{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "an access key": re.compile(
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16}|xox[abp]-[0-9A-Za-z-]{20,})"
    ),
}
MACHINE_PATHS = re.compile(r"(?<![\w./-])/(?:root|work|home/\w+|Users/\w+)/")
TEMPORARY_PATHS = re.compile(r"(?<![\w./-])/tmp/\w")
AN_ADDRESS = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|file:")


def tracked_files() -> list[Path]:
    """List what git holds or would take; without git, everything that is not hidden, installed or stored."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        found = [
            path
            for path in ROOT.rglob("*")
            if not re.match(r"\.venv|\.tools|var/", str(path.relative_to(ROOT)))
        ]
    else:
        # A checkout made by another user is still ours to read.
        asked = [
            git,
            "-c",
            "safe.directory=*",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]
        listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603 - git
        found = [ROOT / name for name in listed.split("\0") if name]
    return sorted(path for path in found if path.is_file())


FILES = tracked_files()
WRITTEN = re.compile(r"(?:--key|backup|backup-registry|restore|mv \S+) (\w\S*)")


@pytest.mark.parametrize("readme", sorted(ROOT.glob("README*.md")), ids=lambda path: path.name)
def test_what_the_commands_of_a_readme_write_here_is_not_taken_by_git(readme: Path) -> None:
    blocks = re.findall(r"^```\n(.*?)^```$", readme.read_text(), re.MULTILINE | re.DOTALL)
    written = {name for block in blocks for name in WRITTEN.findall(block)}
    assert written >= {"anna.pem", "rows", "registry.new"}
    ignored = [line for line in (ROOT / ".gitignore").read_text().splitlines() if line.startswith("/")]
    assert [name for name in written if not any(fnmatch(f"/{name}", line) for line in ignored)] == []


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


TEXTS = {name(path): path.read_text(errors="ignore") for path in FILES if path.stat().st_size <= LARGEST}


def places(pattern: re.Pattern[str], *, outside: tuple[str, ...] = ()) -> list[str]:
    """Name the file and line of every match, never the match itself: it may be a secret."""
    return [
        f"{file}:{text.count(chr(10), 0, found.start()) + 1}"
        for file, text in TEXTS.items()
        if not file.startswith(outside)
        for found in pattern.finditer(text)
    ]


def test_the_files_were_found() -> None:
    assert {"Makefile", "pyproject.toml", "bot/__init__.py"} <= set(TEXTS)


@pytest.mark.parametrize("kind", SECRETS)
def test_no_secret_is_in_any_file(kind: str) -> None:
    assert places(SECRETS[kind]) == []


def test_a_token_would_be_found() -> None:
    assert SECRETS["a bot's token"].search(f"TOKEN={10**9}:{'Ab_-7' * 7}")


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    assert places(MACHINE_PATHS) == []
    assert places(TEMPORARY_PATHS, outside=("tests/",)) == []


def test_no_file_is_large_without_a_reason() -> None:
    assert {name(path) for path in FILES if path.stat().st_size > LARGEST} == set(LARGE_FILES)


def test_the_pins_are_the_only_lock() -> None:
    # uv.lock and its like hold the addresses of the registry that one developer happened to use.
    assert [file for file in TEXTS if file.endswith((".lock", "Pipfile", "poetry.toml"))] == []


@pytest.mark.parametrize("pins", PINS, ids=lambda path: path.stem)
def test_the_pins_hold_hashes_and_no_address(pins: Path) -> None:
    text = pins.read_text()
    pinned = re.split(r"\n(?=[a-z0-9])", text)
    assert AN_ADDRESS.findall(text) == []
    assert [line.splitlines()[0] for line in pinned if "--hash=sha256:" not in line] == []


def canonical(requirement: str) -> str:
    """Read the name out of a requirement, the way package indexes compare names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()


def asked_for() -> dict[str, list[str]]:
    """Tell which requirement file pins what pyproject.toml asks for."""
    return {"run": PROJECT["project"]["dependencies"], **PROJECT["dependency-groups"]}


def test_every_group_has_its_file_of_pins() -> None:
    assert {pins.stem for pins in PINS} == set(asked_for())


@pytest.mark.parametrize("group", asked_for())
def test_the_pins_are_those_of_what_is_asked_for(group: str) -> None:
    text = (ROOT / "requirements" / f"{group}.txt").read_text()
    suffix = f"(pyproject.toml{'' if group == 'run' else ':' + group})"
    direct = {
        canonical(block)
        for block in re.split(r"\n(?=[a-z0-9])", text)
        if any(line.strip(" #").removeprefix("via ") == f"volya {suffix}" for line in block.splitlines())
    }
    assert direct == {canonical(requirement) for requirement in asked_for()[group]}


def test_no_two_files_pin_one_package_at_two_versions() -> None:
    versions: dict[str, set[str]] = {}
    for pins in PINS:
        for package, version in re.findall(r"^([a-z0-9][\w.-]*)==(\S+)", pins.read_text(), re.MULTILINE):
            versions.setdefault(package, set()).add(version)
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}


def test_uv_is_the_same_everywhere() -> None:
    stated = re.search(r"^UV_VERSION := (\S+)$", TEXTS["Makefile"], re.MULTILINE)
    assert stated is not None
    assert re.findall(r"uv==([\d.]+)", TEXTS["Dockerfile"]) == [stated[1]]


def test_the_licence_is_the_official_text() -> None:
    official = "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == official
    assert PROJECT["project"]["license"] == "AGPL-3.0-or-later"
