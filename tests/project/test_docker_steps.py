"""The image without Docker: the Dockerfile's steps are replayed in an empty folder and the result is started.

Replayed are FROM, ENV, WORKDIR, COPY (through .dockerignore) and RUN. Each stage has a folder of its own,
and every absolute path of a step is a path below that folder. This machine's Python 3.11 stands for the base
image: that is all that is taken on trust. Then the build stage is deleted, the write permission taken from
everything but the volume, and the entry point started as the image's user with the image's environment alone.
"""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.store.keyring import find_root_key, make_root_key
from tests.not_run import find_shared_python

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()
IMAGE_USER = "10001"
WE_ARE_ROOT = os.geteuid() == 0

needs_an_index = pytest.mark.needs("shared python", "package index")


def read_steps(text: str) -> list[tuple[str, str]]:
    """Split a Dockerfile into its instructions: the word and the rest."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in joined.splitlines()]


STEPS = read_steps(DOCKERFILE)


@dataclass
class Stage:
    """One stage of the build: a folder that stands for the root of its file system."""

    root: Path
    environment: dict[str, str]
    folder: str = "/"
    last: dict[str, str] = field(default_factory=dict)

    def below(self, text: str) -> str:
        """Turn every absolute path of a step into one below this stage's folder."""
        return re.sub(r"(?<![\w./$})])/(?=\w)", f"{self.root}/", text)

    def place(self, name: str) -> Path:
        return self.root / Path(self.folder, name).relative_to("/")


@dataclass
class Replay:
    """The state of one build: its context, its base and its stages."""

    context: Path
    base: Path
    top: Path
    stages: dict[str, Stage] = field(default_factory=dict)

    @property
    def stage(self) -> Stage:
        return list(self.stages.values())[-1]

    def step(self, word: str, rest: str) -> None:
        match word:
            case "FROM":
                self.begin(rest)
            case "ENV":
                self.set_environment(rest)
            case "WORKDIR":
                self.stage.folder = rest
                self.stage.place(".").mkdir(parents=True, exist_ok=True)
            case "COPY":
                self.copy(rest)
            case "RUN":
                self.run(rest)
            case "USER" | "VOLUME" | "HEALTHCHECK" | "ENTRYPOINT" | "CMD":
                self.stage.last[word] = rest
            case _:
                raise AssertionError(f"no replay for {word}")

    def begin(self, rest: str) -> None:
        image, _, name = rest.partition(" AS ")
        assert image == "python:3.11-slim-bookworm"
        root = self.top / (name or "final")
        root.mkdir()
        self.stages[name or "final"] = Stage(root, {"PATH": f"{self.base}:/usr/bin:/bin"})

    def set_environment(self, rest: str) -> None:
        for assignment in shlex.split(rest):
            name, value = assignment.split("=", maxsplit=1)
            value = self.stage.below(value).replace("$PATH", self.stage.environment["PATH"])
            self.stage.environment[name] = value

    def copy(self, rest: str) -> None:
        words = rest.split()
        origin, keep = self.context, words
        if words[0].startswith("--from="):
            origin, keep = self.stages[words[0].removeprefix("--from=")].root, words[1:]
        source, target = origin / keep[0].lstrip("/"), self.stage.place(keep[1])
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)

    def run(self, command: str) -> None:
        # Our own environment stays below the stage's: proxies and certificates are the machine's business.
        names = [f"{name}={value}" for name, value in self.stage.environment.items()]
        self.stage.place(".").mkdir(parents=True, exist_ok=True)
        done = run(["env", *names, "sh", "-euc", as_user(self.stage.below(command))], self.stage.place("."))
        assert done.returncode == 0, f"RUN {command}\n{done.stdout}{done.stderr}"


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a step as ourselves."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our steps


def as_user(command: str) -> str:
    """Let whoever runs the tests stand for the image's user, unless we are root and may become it."""
    return command if WE_ARE_ROOT else command.replace(IMAGE_USER, str(os.getuid()))


def fill_context(context: Path) -> None:
    """Copy what .dockerignore lets through."""
    rules = [rule for rule in (ROOT / ".dockerignore").read_text().splitlines() if rule and rule[0] != "#"]
    assert rules[0] == "*", "everything is left out unless it is named"
    dropped = [rule.removeprefix("**/") for rule in rules[1:] if not rule.startswith("!")]
    for name in (rule[1:] for rule in rules if rule.startswith("!")):
        source = ROOT / name
        for path in [source] if source.is_file() else source.rglob("*"):
            inside = path.relative_to(ROOT)
            if path.is_file() and not any(fnmatch.filter(inside.parts, pattern) for pattern in dropped):
                (context / inside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, context / inside)


def permit(root: Path, change: str, *, spare: Path | None = None) -> None:
    """Change the permissions of everything below a folder, but for one part of it."""
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink() and (spare is None or not path.is_relative_to(spare)):
            mode = path.stat().st_mode
            path.chmod(mode & ~0o222 if change == "a-w" else mode | 0o200)


@pytest.fixture(scope="module")
def image() -> Iterator[Stage]:
    """Build the image's final stage; nothing but it is left when it is handed over."""
    # Not tmp_path: pytest closes that to every other user, and the image's user is one.
    top = Path(tempfile.mkdtemp(prefix="volya-image-"))
    top.chmod(0o755)
    try:
        final = build(top)
        permit(final.root, "a-w", spare=final.root / "data")
        yield final
    finally:
        permit(top, "u+w")
        shutil.rmtree(top)


def build(top: Path) -> Stage:
    """Replay every step below a folder, then delete all that is not the final stage."""
    context, base = top / "context", top / "base"
    context.mkdir()
    base.mkdir()
    (base / "python").symlink_to(find_shared_python() or "none")
    fill_context(context)
    replay = Replay(context, base, top)
    for word, rest in STEPS:
        replay.step(word, rest)
    final = replay.stages.pop("final")
    for leftover in [context, *(stage.root for stage in replay.stages.values())]:
        shutil.rmtree(leftover)
    return final


def start(image: Stage, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Start a command in the image, as its user and with nothing but its environment."""
    user = int(IMAGE_USER) if WE_ARE_ROOT else None
    program = shutil.which(command[0], path=image.environment["PATH"])
    assert program is not None
    return subprocess.run(  # noqa: S603 - the image's own entry point
        [program, *command[1:]],
        cwd=image.place("."),
        env=image.environment | settings,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def entry_point() -> list[str]:
    words: list[str] = json.loads(dict(STEPS)["ENTRYPOINT"])
    return words


def health_check() -> list[str]:
    words: list[str] = json.loads(dict(STEPS)["HEALTHCHECK"].split(" CMD ")[1])
    return words


@needs_an_index
def test_the_image_shows_its_commands(image: Stage) -> None:
    shown = start(image, *entry_point(), "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert " run " in shown.stdout


@needs_an_index
def test_the_health_check_passes_with_good_settings(image: Stage) -> None:
    token, key = f"{10**9}:{'A' * 35}", image.place("/root-key")
    make_root_key(key)
    if WE_ARE_ROOT:
        os.chown(key, int(IMAGE_USER), int(IMAGE_USER))  # the image's user alone may read it
    settings = {"VOLYA_CONTROLLER": "An example organisation", "VOLYA_ROOT_KEY_FILE": str(key)}
    try:
        checked = start(image, *health_check(), VOLYA_BOT_TOKEN=token, **settings)
    finally:
        key.unlink()
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert token not in checked.stdout + checked.stderr


@needs_an_index
def test_the_image_is_for_a_user_who_may_write_to_the_volume_alone(image: Stage) -> None:
    attempt = (
        "import os, pathlib, bot\n"
        "code = pathlib.Path(bot.__file__).parent\n"
        "places = code, code.parent, os.environ['VOLYA_DATA_DIR']\n"
        "print(os.getuid() != 0, *(os.access(place, os.W_OK) for place in places))"
    )
    assert start(image, "python", "-c", attempt).stdout.split() == ["True", "False", "False", "True"]


@needs_an_index
def test_the_bytecode_is_there_already(image: Stage) -> None:
    for package in (
        image.root / "app" / "bot",
        *image.root.glob("opt/venv/lib/python3.11/site-packages/telegram"),
    ):
        sources = {path.stem for path in package.glob("*.py")}
        compiled = {path.name.split(".")[0] for path in (package / "__pycache__").glob("*.pyc")}
        assert compiled == sources


@needs_an_index
def test_the_image_holds_the_bot_and_nothing_of_the_checkout_around_it(image: Stage) -> None:
    assert {path.name for path in (image.root / "app").iterdir()} == {"LICENSE", "alembic", "bot", "locales"}
    assert {path.name for path in image.root.iterdir()} == {"app", "data", "opt"}


def test_nothing_the_image_installs_is_unpinned() -> None:
    installs = [rest for word, rest in STEPS if word == "RUN" and " install " in rest and "pip" in rest]
    assert len(installs) == 2
    assert re.search(r"uv==[\d.]+$", installs[0])
    assert "--require-hashes" in installs[1]


def test_no_secret_is_written_into_the_image() -> None:
    settings = re.findall(r"VOLYA_\w+", DOCKERFILE)
    assert settings == ["VOLYA_DATA_DIR"]
    assert not any(word in {"ARG", "ADD"} for word, _ in STEPS)


def test_the_image_ends_as_a_user_without_a_name_or_rights() -> None:
    assert dict(STEPS)["USER"] == f"{IMAGE_USER}:{IMAGE_USER}"


def composed(service: str) -> dict[str, str]:
    """Return what compose.yaml sets for a service; that wins over what its env_file says."""
    [block] = re.findall(rf"^  {service}:\n((?:    .*\n|\n)+)", COMPOSE, re.MULTILINE)
    [settings] = re.findall(r"^    environment:\n((?:      .*\n)+)", block, re.MULTILINE)
    found = re.findall(r"^      (\w+): (.*)$", settings, re.MULTILINE)
    return {name: value.strip('"') for name, value in found}


def test_a_path_that_root_key_has_one_write_into_env_is_not_looked_for_in_the_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "volya_root_key"
    make_root_key(secret)
    written = {"VOLYA_ROOT_KEY_FILE": str(secret), "VOLYA_KEYRING_FILE": "/srv/volya/keyring"}
    monkeypatch.chdir(tmp_path)
    for name, value in (written | composed("bot")).items():
        monkeypatch.setenv(name, value)
    settings = Settings()

    assert (settings.root_key_file, settings.keyring) == (None, Path("/data/keyring"))
    assert find_root_key(settings.root_key_file, None, tmp_path) == secret


@needs_an_index
def test_the_image_makes_its_root_key_as_compose_says(image: Stage) -> None:
    [words] = re.findall(
        r"^#   docker compose run --rm --volume \./secrets:/new bot (.+)$", COMPOSE, re.MULTILINE
    )
    secrets = Path(tempfile.mkdtemp(prefix="volya-secrets-"))
    try:
        if WE_ARE_ROOT:
            os.chown(secrets, int(IMAGE_USER), int(IMAGE_USER))
        made = start(image, *entry_point(), *words.replace("/new", str(secrets)).split(), **composed("bot"))
        assert (made.returncode, made.stderr) == (0, "")
        assert (secrets / "volya_root_key").stat().st_mode & 0o777 == 0o600
    finally:
        shutil.rmtree(secrets)
