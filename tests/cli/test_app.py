"""What all commands share, seen through the installed command."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from gsctl import __version__
from gsctl.cli import app as app_module
from gsctl.cli.app import COMMANDS, build, leaves, load
from tests.cli.conftest import COMMAND, Gsctl, OneLine

PRESENT = [entry for entry in COMMANDS if entry.exists()]


def every_leaf() -> Iterator[tuple[str, Any]]:
    for entry in PRESENT:
        for path, leaf in leaves(load(entry), (entry.name,)):
            yield " ".join(path), leaf


def test_version(gsctl: Gsctl) -> None:
    done = gsctl("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"gsctl {__version__}\n", "")


def test_help_lists_every_command_on_stdout(gsctl: Gsctl) -> None:
    done = gsctl("--help")
    assert done.returncode == 0
    assert done.stderr == ""
    for entry in PRESENT:
        assert re.search(rf"^  {entry.name}\s+\S", done.stdout, re.MULTILINE), entry.name
    assert gsctl("-h").stdout == done.stdout


def test_without_arguments_help_goes_to_stderr(gsctl: Gsctl) -> None:
    done = gsctl()
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Usage: gsctl" in done.stderr


def test_output_is_plain_in_a_narrow_terminal() -> None:
    """No colour codes and no boxes, even where a terminal would take them."""
    try:
        child, terminal = pty.fork()
    except OSError as error:  # a chroot without /dev/pts
        pytest.skip(f"no pseudo-terminals here: {error}")
    if child == 0:
        os.environ.update(COLUMNS="60", TERM="xterm-256color")
        os.execv(COMMAND, ["gsctl", "--help"])
    seen = b""
    try:
        while chunk := os.read(terminal, 4096):
            seen += chunk
    except OSError:  # the terminal is gone with its program
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert b"\x1b" not in seen
    assert max(len(line) for line in seen.decode().splitlines()) <= 60
    assert "│" not in seen.decode()


@pytest.mark.parametrize("option", ["--versoin", "--quite", "--debgu"])
def test_an_unknown_option_names_the_nearest(gsctl: Gsctl, one_line: OneLine, option: str) -> None:
    meant = {"--versoin": "--version", "--quite": "--quiet", "--debgu": "--debug"}[option]
    one_line(gsctl(option), 2, f"no such option {option}", f"did you mean {meant}?")


def test_an_unknown_command_names_the_nearest(gsctl: Gsctl, one_line: OneLine) -> None:
    one_line(gsctl("docter"), 2, "docter", "did you mean doctor?")
    one_line(gsctl("xyzzy"), 2, "xyzzy", "there are")


def test_every_command_has_a_one_line_summary() -> None:
    for entry in COMMANDS:
        assert entry.summary.endswith("."), entry.name
        assert len(entry.summary) < 100, entry.name


def test_every_command_and_option_has_help() -> None:
    missing = []
    for name, leaf in every_leaf():
        if not leaf.help:
            missing.append(name)
        for parameter in leaf.params:
            if not getattr(parameter, "help", None):
                missing.append(f"{name} {parameter.opts[0]}")
    assert missing == []


def test_short_options_mean_what_the_contract_says() -> None:
    meaning = {
        "-d": "--device",
        "-f": "--frequency",
        "-s": "--sample-rate",
        "-g": "--gain",
        "-p": "--ppm",
        "-t": "--setting",
        "-w": "--write",
        "-F": "--format",
        "-T": "--duration",
        "-n": "--dry-run",
        "-v": "--verbose",
        "-q": "--quiet",
        "-h": "--help",
    }
    wrong = []
    for name, leaf in every_leaf():
        for parameter in leaf.params:
            for short in (option for option in parameter.opts if re.fullmatch("-[A-Za-z]", option)):
                # A letter that the contract leaves free means one thing in all commands.
                if meaning.setdefault(short, parameter.opts[0]) not in parameter.opts:
                    wrong.append(f"{name} {parameter.opts}")
    assert wrong == []


def test_every_command_takes_the_shared_options() -> None:
    for name, leaf in every_leaf():
        options = {option for parameter in leaf.params for option in parameter.opts}
        assert {"--verbose", "--quiet", "--debug"} <= options, name


def test_help_of_every_command_works() -> None:
    for name, leaf in every_leaf():
        with leaf.make_context(name, [], resilient_parsing=True) as context:
            assert leaf.get_help(context).startswith("Usage:"), name


def test_help_needs_none_of_the_heavy_libraries(installed: Gsctl) -> None:
    done = installed("--help", env={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "gsctl.cli.app" in imported
    heavy = {
        "numpy",
        "scipy",
        "numba",
        "skyfield",
        "matplotlib",
        "pyais",
        "rich",
        "httpx",
        "construct",
        "pydantic",
    }
    assert imported & heavy == set()


def test_commands_import_lightly() -> None:
    """Loading a command for its help costs no numpy: what is heavy is imported where it is used."""
    for entry in PRESENT:
        source = Path(app_module.__file__).with_name(f"{entry.name}.py")
        package = Path(app_module.__file__).with_name(entry.name)
        files = [source] if source.is_file() else sorted(package.glob("*.py"))
        assert files, entry.name
        for file in files:
            heavy = re.findall(
                r"^(?:import|from) (numpy|scipy|numba|skyfield|matplotlib|pyais|rich|httpx|soundfile)\b",
                file.read_text(),
                re.MULTILINE,
            )
            assert heavy == [], file


def test_compiled_kernels_go_to_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from gsctl.cli.places import keep_compiled_kernels

    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    keep_compiled_kernels()
    assert Path(os.environ["NUMBA_CACHE_DIR"]).parent == tmp_path / "gsctl" / "numba"
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/elsewhere")
    keep_compiled_kernels()
    assert os.environ["NUMBA_CACHE_DIR"] == "/elsewhere"


def test_edited_kernels_are_compiled_with_all_that_call_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Numba sees only that a function's own file was edited; and what nobody uses any more is removed."""
    from gsctl.cli import places

    package = tmp_path / "gsctl"
    (package / "cli").mkdir(parents=True)
    (package / "dsp").mkdir()
    monkeypatch.setattr(places, "__file__", str(package / "cli" / "places.py"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kernels = package / "dsp" / "some_kernels.py"
    folders = []
    for text in ("one", "two!", "two!"):
        if not kernels.exists() or kernels.read_text() != text:
            kernels.write_text(text)
        monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
        places.keep_compiled_kernels()
        folders.append(Path(os.environ["NUMBA_CACHE_DIR"]))
        folders[-1].mkdir(parents=True, exist_ok=True)
    assert folders[0] != folders[1] == folders[2]
    os.utime(folders[0], (0, 0))
    kernels.write_text("three")
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    places.keep_compiled_kernels()
    assert [folder.exists() for folder in folders[:2]] == [False, True]


def test_without_a_writable_cache_kernels_are_compiled_for_this_run_only(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    script = (
        "import os; from pathlib import Path; from gsctl.cli.places import keep_compiled_kernels as keep;"
        "keep(); folder = Path(os.environ['NUMBA_CACHE_DIR']); assert folder.is_dir(); print(folder);"
        "import json, numba; import numba.core"
    )
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    environment["XDG_CACHE_HOME"] = str(tmp_path / "file")
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert "gsctl-kernels-" in done.stdout
    assert not Path(done.stdout.strip()).exists()
    assert done.stderr.startswith(f"gsctl: {tmp_path}/file/gsctl/numba cannot be written")
    assert "XDG_CACHE_HOME or NUMBA_CACHE_DIR" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_signal_ends_a_receiver_with_zero() -> None:
    """Commands that are meant to be stopped exit 0 once their ``finally`` blocks ran through."""
    closed = []

    def listen() -> None:
        try:
            raise KeyboardInterrupt
        finally:
            closed.append(True)

    with pytest.raises(typer.Exit) as caught:
        app_module._ended_by_signal(listen)()
    assert caught.value.exit_code == 0
    assert closed == [True]


def test_the_contract_s_list_of_commands_that_signals_end_well() -> None:
    assert {entry.name for entry in COMMANDS if entry.stops_cleanly} == {
        "receive",
        "record",
        "ais",
        "track",
        "station",
    }
    assert next(entry for entry in COMMANDS if entry.name == "station").stops_cleanly == ("run",)


def test_shell_completion_offers_the_commands(gsctl: Gsctl) -> None:
    env = {
        "_GSCTL_COMPLETE": "complete_bash",
        "COMP_WORDS": "gsctl ",
        "COMP_CWORD": "1",
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
    }
    done = gsctl(env=env)
    assert done.returncode == 0
    assert set(done.stdout.split()) == {entry.name for entry in PRESENT}


def test_the_command_tree_builds_without_importing_commands() -> None:
    assert build().list_commands(None) == [entry.name for entry in PRESENT]


@pytest.mark.parametrize(
    "line",
    [
        "satellites list",
        "satellites show HIBARI",
        "protocols list",
        "decode --list",
        "passes NanoDragon --at OL21sa --start 2026-06-17",
    ],
)
def test_piped_output_is_plain_data_and_nothing_else(gsctl: Gsctl, line: str) -> None:
    """No colours, boxes or progress bars in a pipe, even where the environment asks for them."""
    done = gsctl(*line.split(), env={"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "TERM": "xterm-256color"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert done.stderr == ""
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u2500-\u257f]", done.stdout)


def test_summaries_name_only_subcommands_that_exist() -> None:
    for entry in PRESENT:
        subcommands = getattr(load(entry), "commands", None)
        named = re.search(r": ((?:\w+(?:, )?)+)\.$", entry.summary)
        if subcommands and named:
            assert set(named[1].split(", ")) <= set(subcommands), entry.name
