"""The docs say what the code does."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import load_command_class

from letters import roles, signing
from letters.backups import keys
from letters.models import Stage, State
from letters.workflow import TRANSITIONS
from tests.letters_at_stages import make_edition

ROOT = Path(settings.BASE_DIR)
WORKFLOW = ROOT / "docs" / "workflow.md"


def stage_after(verb: str) -> list[str]:
    """The stages a verb can lead to, for the diagram."""
    if verb in ("correct", "withdraw", "restore"):
        return {"correct": ["live"], "withdraw": ["withdrawn"], "restore": ["live"]}[verb]
    to = TRANSITIONS[verb].to
    if to is None:
        return []
    return ["scheduled", "live"] if to == State.PUBLISHED else [str(to)]


def transitions_in_words() -> str:
    rows = ["| verb | from | to | who |", "| --- | --- | --- | --- |"]
    arrows = ["```mermaid", "stateDiagram-v2", "    [*] --> draft: start, translate"]
    for verb, transition in TRANSITIONS.items():
        stages = ", ".join(stage.value for stage in transition.stages)
        to = " or ".join(stage_after(verb)) if transition.to else "stays"
        who = [
            group
            for group, permissions in roles.GROUPS.items()
            if transition.permission in permissions
        ]
        rows.append(f"| `{verb}` | {stages} | {to} | {', '.join(who)} |")
        if verb == "correct":
            arrows.append("    live --> draft: correct (the next edition)")
            continue
        arrows += [
            f"    {stage.value} --> {after}: {verb}"
            for stage in transition.stages
            for after in stage_after(verb)
            if stage.value != after
        ]
    arrows += [
        "    scheduled --> live: its moment",
        "    live --> superseded: its correction's moment",
    ]
    return "\n".join([*rows, "", *arrows, "```"])


def test_the_workflow_page_carries_the_table_of_transitions() -> None:
    page = WORKFLOW.read_text(encoding="utf-8")
    parts = re.fullmatch(
        r"(.*<!-- transitions -->\n)(.*)(<!-- /transitions -->.*)", page, flags=re.DOTALL
    )
    assert parts is not None
    if os.environ.get("UPDATE_DOCS"):
        WORKFLOW.write_text(f"{parts[1]}{transitions_in_words()}\n{parts[3]}", encoding="utf-8")
    else:
        assert parts[2].strip() == transitions_in_words()


def test_every_state_and_stage_is_named_on_the_workflow_page() -> None:
    page = WORKFLOW.read_text(encoding="utf-8")
    for name in {*State.values, *Stage.values}:
        assert name in page


def test_every_setting_is_in_the_table_and_in_the_example() -> None:
    code = (ROOT / "pressoffice" / "settings.py").read_text(encoding="utf-8")
    names = {f"PRESSOFFICE_{name}" for name in re.findall(r'env(?:_\w+)?\(\s*"(\w+)"', code)}
    table = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert names
    assert names == set(re.findall(r"^\| `(PRESSOFFICE_\w+)`", table, flags=re.MULTILINE))
    assert names <= set(re.findall(r"PRESSOFFICE_\w+", example))


def test_every_path_that_the_docs_name_is_there() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        text = page.read_text(encoding="utf-8")
        for path in re.findall(
            r"`((?:letters|tests|docs|deploy|pressoffice|static|templates)/[\w./-]+)`", text
        ):
            assert (ROOT / path).exists(), f"{page.name} names {path}"
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_backups_are_made_and_opened_as_the_page_says(tmp_path) -> None:
    page = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8").replace("\\\n", "")
    commands = re.findall(r"manage\.py (backup|restore)([^`\n|]*)$", page, re.MULTILINE)
    assert len(commands) == 3
    for name, options in commands:
        parser = load_command_class("letters", name).create_parser("manage.py", name)
        assert parser.parse_args(shlex.split(options)).dir
    make, opened = (
        shlex.split(line) for line in re.findall(r"^ +(openssl .*)", page, re.MULTILINE)
    )
    subprocess.run(make, cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "keys.p7m").write_bytes(keys.seal((tmp_path / "backup.crt").read_text()))
    done = subprocess.run(opened, cwd=tmp_path, check=True, capture_output=True)
    assert done.stdout.endswith(signing.pem())


def test_the_backup_page_knows_every_option_and_what_is_refused() -> None:
    page = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")
    for name in ("backup", "restore"):
        code = ROOT / "letters" / "management" / "commands" / f"{name}.py"
        for option in re.findall(r'"(--[a-z-]+)"', code.read_text(encoding="utf-8")):
            assert option in page
    said = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "letters" / "backups").glob("*.py")
    )
    by_the_system = {"cannot be read", "No such file", "No space left on device"}
    rows = re.findall(r"^\| (`.*`) \|", page.partition("| it says |")[2], re.MULTILINE)
    assert len(rows) == 7
    for sentence in {part for row in rows for part in re.findall(r"`([^`…]+)", row)}:
        assert sentence.strip() in said or sentence in by_the_system, sentence


def test_every_make_target_that_the_readme_names_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^    |`)make (\w+)", readme, flags=re.MULTILINE))
    assert {"run", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_the_check_with_nothing_of_ours_works_as_printed(clock, citizen, tmp_path) -> None:
    edition = make_edition(clock=clock, headline="Grüße an die Königin Ə")
    page = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    files = {
        "letter.json": citizen.get(f"{edition.get_absolute_url()}letter.json").content,
        "jwks.json": citizen.get("/.well-known/jwks.json").content,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    run = [sys.executable, "-c", program, *(str(tmp_path / name) for name in files)]
    done = subprocess.run(run, capture_output=True, text=True)
    assert done.stdout == f"genuine: {edition.letter.reference}\n", done.stderr
    changed = files["letter.json"].replace("Königin".encode(), b"Prinzessin")
    (tmp_path / "letter.json").write_bytes(changed)
    assert subprocess.run(run, capture_output=True).returncode != 0


def test_every_promise_of_the_readme_has_an_attacker() -> None:
    promised = re.findall(r"^- (\*\*.+?\*\*)", (ROOT / "README.md").read_text(), re.MULTILINE)
    page = (ROOT / "docs" / "promises.md").read_text()
    rows = dict(re.findall(r"^\| (\*\*.+?\*\*) \| (.+) \|$", page, re.MULTILINE))
    assert list(rows) == promised
    for promise, named in rows.items():
        attackers = re.findall(r"`(tests/\S+?\.py)::(\w+)`", named)
        assert attackers, promise
        for path, test in attackers:
            assert f"def {test}(" in (ROOT / path).read_text(), (path, test)
