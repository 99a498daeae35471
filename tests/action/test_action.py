"""The GitHub Action, run from its first step to its last in real checkouts.

A repository of 200 configs has a branch that edits three. The checkout is the one of
`actions/checkout`: the merge of the branch, one commit deep.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from action_runner import ACTION, ROOT, STEPS, Runner
from github_api import Hub, serving
from repositories import commit, repository, run

CONFIG = """\
[job]
model = "Qwen/Qwen3-4B"

[compute]
gpu_type = "H100"
gpu_count = 1

[hyperparameters]
per_device_batch = 1
gradient_accumulation_steps = 64
n_epochs = 1
"""
MARK = "<!-- sftc-diff -->\n"
GOLDEN = Path(__file__).with_name("comment.md")
FINDINGS = "Lint and check"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository of 200 configs and their artifacts."""
    path = repository(tmp_path_factory.mktemp("origin") / "repo")
    (path / "configs").mkdir()
    for number in range(200):
        (path / "configs" / f"c{number:03}.toml").write_text(CONFIG)
    (path / "mains.toml").write_text(CONFIG)
    run("sftc", "compile", "--write", cwd=path)
    run("git", "config", "uploadpack.allowAnySHA1InWant", "true", cwd=path)  # as GitHub has it
    commit(path)
    return path


@pytest.fixture
def origin(original: Path, tmp_path: Path) -> Path:
    """Return a copy of the repository, on a branch to be edited."""
    path = tmp_path / "origin"
    shutil.copytree(original, path)
    run("git", "switch", "-q", "-c", "branch", cwd=path)
    return path


@pytest.fixture
def hub() -> Iterator[Hub]:
    """Return GitHub, with a pull request without comments."""
    with serving() as hub:
        yield hub


Opened = Callable[..., Runner]


@pytest.fixture
def opened(hub: Hub, tmp_path: Path) -> Opened:
    """Return what opens a pull request of the branch, and returns its runner."""

    def open_one(origin: Path, *options: str) -> Runner:
        commit(origin)
        run("git", "switch", "-q", "main", cwd=origin)
        base = run("git", "rev-parse", "HEAD", cwd=origin).strip()
        (origin / "README.md").write_text("Meanwhile.\n")
        (origin / "mains.toml").write_text(CONFIG.replace("= 64", "= 32"))
        run("sftc", "compile", "--write", cwd=origin)
        commit(origin)
        run("git", "switch", "-q", "-c", "merge", cwd=origin)
        run("git", "merge", "-q", "--no-edit", "branch", cwd=origin)
        checkout = tmp_path / "checkout"
        options = options or ("--depth", "1")
        url = f"file://{origin}"
        run("git", "clone", "-q", *options, "-b", "merge", url, str(checkout), cwd=tmp_path)
        (tmp_path / "temporary").mkdir()
        runner = Runner(checkout, tmp_path / "temporary", hub.address)
        # The event is older than the merge: what main got since is not the branch's doing.
        runner.event["github.event.pull_request.base.sha"] = base
        runner.environment["GITHUB_SHA"] = run("git", "rev-parse", "HEAD", cwd=checkout).strip()
        return runner

    return open_one


def edit(config: Path, old: str, new: str) -> None:
    text = config.read_text()
    assert old in text
    config.write_text(text.replace(old, new))


@pytest.fixture
def edited(origin: Path) -> Path:
    """Return the repository with three configs edited."""
    edit(origin / "configs" / "c003.toml", "per_device_batch = 1", "per_device_batch = 4")
    edit(origin / "configs" / "c050.toml", "n_epochs = 1", "n_epochs = 2")
    edit(origin / "configs" / "c199.toml", "gpu_count = 1", "gpu_count = 8")
    run("sftc", "compile", "--write", cwd=origin)
    return origin


def commands(output: str) -> list[str]:
    """Return the workflow commands that the runner heeds."""
    heeded = re.sub(
        r"^::stop-commands::(\w+)\n.*?^::\1::\n", "", output, flags=re.MULTILINE | re.DOTALL
    )
    return re.findall(r"^\s*::.*", heeded, re.MULTILINE)


@pytest.mark.slow
def test_three_of_200_configs_are_one_comment(edited: Path, opened: Opened, hub: Hub) -> None:
    runner = opened(edited)
    ran = runner.run()
    assert [*ran] == [step["name"] for step in STEPS]
    for name, (code, output) in ran.items():
        assert (code, commands(output)) == (0, []), (name, output)
    (body,) = hub.bodies
    if os.environ.get("SFTC_REWRITE"):
        GOLDEN.write_text(body, "utf-8")
    assert body == GOLDEN.read_text("utf-8")
    assert body == runner.summary
    runner.run()
    assert hub.writes == 1


@pytest.mark.slow
def test_the_action_installs_itself_and_leaves_the_jobs_python_alone(
    edited: Path, opened: Opened
) -> None:
    runner = opened(edited)
    runner.action = runner.temporary / "action"
    listed = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).splitlines()
    for name in listed:
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/", "benchmarks/")):
            (runner.action / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, runner.action / name)
    runner.installs = True
    runner.environment["GITHUB_PATH"] = str(runner.temporary / "path")
    # A package of the pull request's own must not be taken for one of sftc's.
    for name in ("sftc", "typer", "httpx2"):
        (runner.checkout / name).mkdir()
        (runner.checkout / name / "__init__.py").write_text("raise SystemExit('not this one')\n")
    ran = runner.run()
    assert all(code == 0 for code, _ in ran.values()), ran
    assert "### 3 payloads change\n" in runner.summary
    assert not (runner.temporary / "path").exists()


@pytest.mark.slow
def test_python_is_set_up_and_packages_are_cached(edited: Path, opened: Opened) -> None:
    runner = opened(edited)
    runner.run()
    python, cache = runner.used
    assert runner.used[python] == {"python-version": "3.13", "update-environment": "False"}
    assert re.fullmatch(r"sftc-pip-Linux-3\.[\d.]+-\w+-[0-9a-f]{16}", runner.used[cache]["key"])
    assert runner.used[cache]["path"] == str(runner.temporary / "sftc" / "pip")
    runner.used.clear()
    runner.inputs["python-version"] = ""
    runner.run()
    assert [*runner.used] == [cache]


@pytest.mark.slow
def test_a_later_push_rewrites_the_comment(edited: Path, opened: Opened, hub: Hub) -> None:
    runner = opened(edited)
    runner.run()
    for name in ("c003", "c050", "c199"):
        (runner.checkout / "configs" / f"{name}.toml").write_text(CONFIG)
    run("sftc", "compile", "--write", cwd=runner.checkout)
    runner.run()
    assert hub.bodies == [f"{MARK}### No payload changes\n"]


def test_a_pull_request_without_payloads_has_no_comment(
    origin: Path, opened: Opened, hub: Hub
) -> None:
    (origin / "notes.md").write_text("Some notes.\n")
    runner = opened(origin)
    assert runner.run()["Comment"] == (0, "")
    assert hub.bodies == []
    assert runner.summary == f"{MARK}### No payload changes\n"


@pytest.mark.slow
def test_renames_alone_are_commented(origin: Path, opened: Opened, hub: Hub) -> None:
    for suffix in ("toml", "job.json"):
        run("git", "mv", f"configs/c007.{suffix}", f"configs/first.{suffix}", cwd=origin)
    opened(origin).run()
    assert hub.bodies[0].startswith(f"{MARK}### No payload changes, 1 is renamed\n")


@pytest.mark.slow
def test_broken_configs_alone_are_commented_and_annotated_once(
    origin: Path, opened: Opened, hub: Hub
) -> None:
    edit(origin / "configs" / "c005.toml", "gpu_type", "gpu_typ")
    ran = opened(origin).run()
    assert [name for name, (code, _) in ran.items() if code] == [FINDINGS]
    (annotation,) = commands(ran[FINDINGS].output)
    assert annotation.startswith("::error file=configs/c005.toml,line=5,endLine=5,col=1,")
    assert "\nconfigs/c005.toml:5:1: error[SFT112 misspelt-required-key]: " in ran[FINDINGS].output
    assert commands(ran["Diff"].output) == []
    assert hub.bodies[0].startswith(f"{MARK}### No payload changes, 1 does not compile\n")


@pytest.mark.slow
def test_lint_and_check_are_both_heard(origin: Path, opened: Opened) -> None:
    edit(origin / "configs" / "c004.toml", "n_epochs = 1", "n_epochs = 5")
    edit(origin / "configs" / "c005.toml", "gpu_type", "gpu_typ")
    code, output = opened(origin).run()[FINDINGS]
    assert code == 1
    assert [line.split(",")[0] for line in commands(output)] == [
        "::error file=configs/c005.toml",
        "::error file=configs/c004.job.json",
    ]


@pytest.mark.slow
def test_what_the_runner_would_drop_is_counted_and_listed(origin: Path, opened: Opened) -> None:
    for number in range(8):
        edit(origin / "configs" / f"c{number:03}.toml", "gpu_type", "gpu_typ")
        edit(origin / "configs" / f"c{number + 20:03}.toml", "n_epochs = 1", "n_epochs = 2")
    output = opened(origin).run()[FINDINGS].output
    annotations = commands(output)
    assert len(annotations) == 10
    assert annotations[-1] == "::error title=sftc::7 more of this severity are listed in the log"
    assert len(re.findall(r"^configs/c\d+\.\S+:\d+:\d+: error\[", output, re.MULTILINE)) == 16


@pytest.mark.slow
def test_strict_is_for_lint_and_check(origin: Path, opened: Opened) -> None:
    edit(origin / "configs" / "c000.toml", "n_epochs = 1\n", "n_epochs = 1\nlr = 1e-5\n")
    run("sftc", "compile", "--write", cwd=origin)
    runner = opened(origin)
    code, output = runner.run()[FINDINGS]
    assert (code, len(commands(output))) == (0, 1)
    runner.inputs["strict"] = "true"
    assert runner.run()[FINDINGS].code == 1


@pytest.mark.slow
def test_what_is_quoted_does_not_steer_the_runner(origin: Path, opened: Opened) -> None:
    hostile = origin / "::error file=x::"
    hostile.mkdir()
    (hostile / "a.toml").write_text(CONFIG.replace("gpu_type", '"##[error]x"'))
    ran = opened(origin).run()
    (annotation,) = commands(ran[FINDINGS].output)
    assert annotation.startswith("::error file=%3A%3Aerror file=x%3A%3A/a.toml,")
    assert commands(ran["Diff"].output) == []


@pytest.mark.slow
def test_a_command_that_cannot_work_says_why_once(origin: Path, opened: Opened) -> None:
    (origin / "sftc.toml").write_text("out-dir = 5\n")
    ran = opened(origin).run()
    assert len(commands(ran[FINDINGS].output)) == 1
    assert ran[FINDINGS].code
    assert ran["Diff"].code == 2
    assert "Comment" not in ran


@pytest.mark.slow
def test_hundreds_of_changes_fit_and_the_summary_has_more(
    origin: Path, opened: Opened, hub: Hub
) -> None:
    for number in range(200):
        new = f"n_epochs = {number + 2}\nlearning_rate = {number + 1}e-7\nwarmup_steps = {number}"
        edit(origin / "configs" / f"c{number:03}.toml", "n_epochs = 1", new)
    run("sftc", "compile", "--write", cwd=origin)
    runner = opened(origin)
    runner.run()
    (body,) = hub.bodies
    assert 50_000 < len(body) <= 60_000
    said = "\nCut to fit. The job's summary holds more, and `sftc diff` shows everything.\n"
    assert body.endswith(said)
    assert "Cut to fit" not in runner.summary
    assert runner.summary.count("\n#### `configs/") == 200


@pytest.mark.slow
def test_a_summary_that_is_cut_does_not_promise_the_full_text(
    origin: Path, opened: Opened, hub: Hub
) -> None:
    for number in range(200):
        knobs = "".join(f"knob_{number}_{row} = '{'ä' * 60}'\n" for row in range(20))
        with (origin / "configs" / f"c{number:03}.toml").open("a", encoding="utf-8") as config:
            config.write(f"\n[hyperparameters.parallelism]\n{knobs}")
    run("sftc", "compile", "--write", cwd=origin)
    runner = opened(origin)
    runner.run()
    said = "\nCut to fit. The job's summary holds more, and `sftc diff` shows everything.\n"
    assert len(runner.summary) > 200_000
    assert runner.summary.endswith(said)
    assert hub.bodies[0].endswith(said)


@pytest.mark.slow
def test_two_folders_of_a_repository_have_two_comments(
    origin: Path, opened: Opened, hub: Hub
) -> None:
    for team in ("chat", "code"):
        (origin / "teams" / team).mkdir(parents=True)
        (origin / "teams" / team / "a.toml").write_text(CONFIG)
        (origin / "teams" / team / "sftc.toml").write_text('out-dir = "jobs"\n')
        run("sftc", "compile", "--write", cwd=origin / "teams" / team)
    edit(origin / "teams" / "chat" / "a.toml", "gpu_type", "gpu_typ")
    edit(origin / "configs" / "c005.toml", "gpu_type", "gpu_typ")
    runner = opened(origin)
    for folder in ("teams/chat", "./teams/code/"):
        runner.inputs["working-directory"] = folder
        ran = runner.run()
        files = [line.split(",")[0] for line in commands(ran[FINDINGS].output)]
        assert files == (["::error file=teams/chat/a.toml"] if "chat" in folder else [])
    assert [body.splitlines()[0] for body in hub.bodies] == [
        "<!-- sftc-diff teams/chat -->",
        "<!-- sftc-diff teams/code -->",
    ]


@pytest.mark.slow
def test_a_checkout_in_a_folder_of_the_workspace(edited: Path, opened: Opened) -> None:
    runner = opened(edited)
    runner.checkout = runner.checkout.parent
    runner.inputs["working-directory"] = "checkout"
    edit(runner.checkout / "checkout" / "configs" / "c005.toml", "gpu_type", "gpu_typ")
    (annotation,) = commands(runner.run()[FINDINGS].output)
    assert annotation.startswith("::error file=configs/c005.toml,")


@pytest.mark.slow
def test_a_full_clone_needs_no_fetch(edited: Path, opened: Opened, hub: Hub) -> None:
    runner = opened(edited, "--no-tags")
    run("git", "remote", "set-url", "origin", "file:///nowhere", cwd=runner.checkout)
    assert runner.run()["Fetch the history"] == (0, "")
    assert "### 3 payloads change\n" in hub.bodies[0]


@pytest.mark.slow
def test_a_history_that_cannot_be_fetched_is_said(edited: Path, opened: Opened) -> None:
    runner = opened(edited)
    run("git", "remote", "set-url", "origin", "file:///nowhere", cwd=runner.checkout)
    ran = runner.run()
    assert [line.split(" ")[0] for line in commands(ran["Fetch the history"].output)] == [
        "::warning",
        "::error",
    ]
    assert ran[FINDINGS].code == 0
    assert "Diff" not in ran


@pytest.mark.slow_but_first
@pytest.mark.parametrize("base", ["main", "origin/main"])
def test_a_base_that_is_named(edited: Path, opened: Opened, hub: Hub, base: str) -> None:
    runner = opened(edited)
    runner.inputs["base"] = base
    runner.run()
    assert "### 3 payloads change\n" in hub.bodies[0]


@pytest.mark.slow
def test_the_head_of_the_branch_instead_of_the_merge(
    edited: Path, opened: Opened, hub: Hub
) -> None:
    runner = opened(edited)
    run("git", "fetch", "-q", "--depth", "1", "origin", "branch", cwd=runner.checkout)
    run("git", "switch", "-q", "--detach", "FETCH_HEAD", cwd=runner.checkout)
    runner.run()
    assert "### 3 payloads change\n" in hub.bodies[0]


@pytest.mark.slow
def test_a_push_has_no_diff_and_a_merge_queue_has_no_comment(
    edited: Path, opened: Opened, hub: Hub
) -> None:
    runner = opened(edited)
    base = runner.event["github.event.pull_request.base.sha"]
    runner.event.clear()
    runner.environment["GITHUB_REF"] = "refs/heads/main"
    ran = runner.run()
    assert [*ran][-1] == FINDINGS
    runner.event["github.event.merge_group.base_sha"] = base
    assert [*runner.run()][-1] == "Diff"
    assert "payloads change" in runner.summary
    assert hub.bodies == []


@pytest.mark.slow
def test_no_comment_is_written_where_none_is_wanted(edited: Path, opened: Opened, hub: Hub) -> None:
    runner = opened(edited)
    runner.inputs["comment"] = "false"
    assert "Comment" not in runner.run()
    assert hub.bodies == []


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_repository_of_another_user_is_trusted(edited: Path, opened: Opened, hub: Hub) -> None:
    runner = opened(edited)
    for path in (runner.checkout, *runner.checkout.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    runner.run()
    assert "### 3 payloads change\n" in hub.bodies[0]
    trusted = (runner.temporary / "gitconfig").read_text()
    assert trusted == f"[safe]\n\tdirectory = {runner.checkout}\n"


@pytest.mark.slow
def test_a_folder_without_a_repository_is_said(edited: Path, opened: Opened) -> None:
    runner = opened(edited)
    shutil.rmtree(runner.checkout / ".git")
    ran = runner.run()
    (said,) = commands(ran["Fetch the history"].output)
    assert said.startswith("::error title=sftc::there is no git repository here")
    assert "Diff" not in ran


def test_windows_has_its_python_elsewhere(tmp_path: Path) -> None:
    runner = Runner(tmp_path, tmp_path, "")
    python = runner.temporary / "python"
    python.write_text(
        '#!/bin/sh\nmkdir -p "$3/Scripts"\n'
        'printf "#!/bin/sh\\necho installed" > "$3/Scripts/python.exe"\n'
        'chmod +x "$3/Scripts/python.exe"\n'
    )
    python.chmod(0o755)
    (step,) = (step for step in STEPS if step["name"] == "Install sftc")
    ran, outputs = runner.script(step, {"steps.cache.outputs.python": str(python)})
    assert ran == (0, "installed\n")
    assert outputs["python"].endswith("/sftc/venv/Scripts/python.exe")


def test_nothing_from_outside_is_pasted_into_a_script() -> None:
    assert all("${{" not in step.get("run", "") for step in STEPS)
    assert len({step["name"] for step in STEPS}) == len(STEPS)
    assert all(inputs["description"].endswith(".") for inputs in ACTION["inputs"].values())


def test_other_peoples_actions_are_pinned() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    used = re.findall(r"uses: (.*)", text)
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", one) for one in used)
