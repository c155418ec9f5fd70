"""The house rules that no linter knows, and the proof that each of them can fail."""

from __future__ import annotations

import ast
import configparser
import io
import re
import tokenize
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

ROOT = Path(__file__).parents[1]
LINE_MAX = 100
FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 500
TEST_FILE_LINES_MAX = 700
WRITTEN = ("conformance", "tests", "examples", "loadtests", ".ci")
SKIPPED = {"__pycache__", "_data", "build", "dist", "node_modules", "reports", "target"}
KEPT_HIDDEN = {".ci", ".gitignore", ".importlinter", ".github"}
PROTOCOLS_ONLY = {"contracts"}
"""Packages without behaviour of their own, hence without tests of their own."""


class Source(NamedTuple):
    """One file: where it is, relative to the root, and what it says."""

    path: Path
    text: str

    @property
    def tree(self) -> ast.Module:
        with warnings.catch_warnings(action="error"):
            return ast.parse(self.text)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


Rule: TypeAlias = Callable[[Source], Iterator[str]]


def files(folder: Path = ROOT) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        name = path.name
        if name in SKIPPED or (name.startswith(".") and name not in KEPT_HIDDEN):
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def texts() -> Iterator[Source]:
    for path in files():
        raw = path.read_bytes()
        if b"\0" not in raw:
            yield Source(path.relative_to(ROOT), raw.decode(errors="replace"))


def sources() -> Iterator[Source]:
    for source in texts():
        if source.path.suffix == ".py" and source.path.parts[0] in WRITTEN:
            yield source


def calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


# Rules about Python files


def lines_are_short(source: Source) -> Iterator[str]:
    for number, line in enumerate(source.lines, 1):
        length = len(re.sub(r"  # (noqa|type: ignore)\b.*", "", line))  # ruff's reading too
        if length > LINE_MAX:
            yield f"{number}: {length} characters, at most {LINE_MAX}"


def files_are_short(source: Source) -> Iterator[str]:
    bound = TEST_FILE_LINES_MAX if source.path.parts[0] == "tests" else FILE_LINES_MAX
    if len(source.lines) > bound:
        yield f"{len(source.lines)} lines, at most {bound}"


def functions_are_short(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield f"{node.lineno}: {node.name} has {length} lines"


def modules_say_what_they_are(source: Source) -> Iterator[str]:
    if source.path.parts[0] != "tests" and not ast.get_docstring(source.tree):
        yield "no module docstring"


def packages_hold_names_only(source: Source) -> Iterator[str]:
    if source.path.name != "__init__.py":
        return
    for node in source.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Assign | ast.AnnAssign) and not _computes(node):
            continue
        if isinstance(node, ast.FunctionDef) and node.name in ("__getattr__", "__dir__"):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield f"{node.lineno}: more than a name: {ast.unparse(node).splitlines()[0]}"


def _computes(node: ast.AST) -> bool:
    busy = (ast.Call, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    return any(isinstance(child, busy) for child in ast.walk(node))


def no_code_in_comments(source: Source) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT and _is_code(token.string.lstrip("#! ").rstrip()):
            yield f"{token.start[0]}: commented-out code"


def _is_code(comment: str) -> bool:
    try:
        with warnings.catch_warnings(action="ignore"):
            body = ast.parse(comment).body
    except (SyntaxError, ValueError):
        return False
    for node in body:
        if isinstance(node, ast.Expr):
            if isinstance(node.value, ast.Call | ast.Await | ast.Yield):
                return True
        elif not isinstance(node, ast.AnnAssign):  # "noqa: E501" parses as an annotation
            return True
    return False


def no_swallowed_errors(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and all(_idle(child) for child in node.body):
            yield f"{node.lineno}: an error vanishes; name it with contextlib.suppress or act"


def _idle(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def no_stubs(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            yield f"{node.lineno}: NotImplementedError"


def no_blind_waits(source: Source) -> Iterator[str]:
    if source.path.parts[:2] == ("tests", "virtual"):
        return  # there it is the thing under test
    for number, name in calls(source.tree):
        if name == "time.sleep":
            yield f"{number}: wait for a condition instead of sleeping"


# Rules about every text file


def no_promises(source: Source) -> Iterator[str]:
    words = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    for number, line in enumerate(source.lines, 1):
        if found := words.search(line):
            yield f"{number}: {found.group()}"


def no_package_hosts(source: Source) -> Iterator[str]:
    hosts = (
        r"(^|[/@.])(pypi\.org|python" + r"hosted\.org|registry\.npm|npm" + r"js\.|crates\.io|"
        r"static\.rust-lang)|--(extra-)?index" + r"-url|--find" + r"-links"
    )
    for number, line in enumerate(source.lines, 1):
        if re.search(hosts, line):
            yield f"{number}: names a package host: {line.strip()[:60]}"


def no_paths_of_one_machine(source: Source) -> Iterator[str]:
    if source.path.suffix == ".json":
        return  # payloads of venues, not ours
    for number, line in enumerate(source.lines, 1):
        if re.search(r"(?<![\w.}/~-])/(work|home|root|Users|tmp|opt|mnt)/[\w.]", line):
            yield f"{number}: a path of one machine: {line.strip()[:60]}"


SECRETS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----(\\n|\s)*[A-Za-z0-9+/]{32}",
    "an access key": r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token": r"\b(gh[pousr]_[A-Za-z0-9]{30,}|xox[abp]-[\w-]{10,}|pypi-[\w-]{40,})",
    "an API key": r"\b(?=[A-Za-z]*\d)(?=\w*[a-z])(?=\w*[A-Z])[A-Za-z0-9]{64}\b",
}


def no_secrets(source: Source) -> Iterator[str]:
    if re.search(r"throw-?away", source.text, re.IGNORECASE):
        return  # keys that say what they are
    for what, pattern in SECRETS.items():
        if re.search(pattern, source.text):
            yield f"{what} that does not say that it is a throw-away"


PYTHON_RULES: dict[Rule, tuple[str, str]] = {
    lines_are_short: ("conformance/a.py", "a = '" + "x" * 100 + "'"),
    files_are_short: ("conformance/a.py", "a = 1\n" * 501),
    functions_are_short: ("conformance/a.py", "def f():\n" + " a = 1\n" * 50),
    modules_say_what_they_are: ("conformance/a.py", "a = 1"),
    packages_hold_names_only: ("conformance/a/__init__.py", "def f(): return 1"),
    no_code_in_comments: ("conformance/a.py", "a = 1\n# b = f(a)"),
    no_swallowed_errors: ("conformance/a.py", "try:\n f()\nexcept E:\n pass"),
    no_stubs: ("conformance/a.py", "def f(): raise NotImplementedError"),
    no_blind_waits: ("tests/a.py", "time.sleep(1)"),
}
TEXT_RULES: dict[Rule, tuple[str, str]] = {
    no_promises: ("docs/a.md", "TO" + "DO later"),
    no_package_hosts: ("constraints.txt", "--index" + "-url somewhere"),
    no_paths_of_one_machine: ("docs/a.md", "see /ho" + "me/me/a"),
    no_secrets: ("docs/a.md", "A1b" + "2c3D4" * 12 + "x"),
}


@pytest.mark.parametrize("rule", PYTHON_RULES, ids=lambda rule: rule.__name__)
def test_every_python_file_keeps(rule: Rule) -> None:
    assert [f"{s.path}:{broken}" for s in sources() for broken in rule(s)] == []


@pytest.mark.parametrize("rule", TEXT_RULES, ids=lambda rule: rule.__name__)
def test_every_text_file_keeps(rule: Rule) -> None:
    assert [f"{s.path}:{broken}" for s in texts() for broken in rule(s)] == []


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [(rule, *sample) for rule, sample in (PYTHON_RULES | TEXT_RULES).items()],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_rule_objects_to_what_it_forbids(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(Path(path), text)))


def test_a_private_key_is_a_secret_unless_it_says_that_it_is_none() -> None:
    key = "-----BEGIN PRIVATE" + " KEY-----\n" + "MC4CAQAwBQYDK2Vw" * 3
    assert list(no_secrets(Source(Path("a.pem"), key)))
    assert not list(no_secrets(Source(Path("a.pem"), "a throw-away key\n" + key)))


@pytest.mark.parametrize(
    "comment", ["why: the venue says so", "noqa: E501", "type: ignore", "one word", "see f(x)"]
)
def test_prose_in_a_comment_is_not_taken_for_code(comment: str) -> None:
    assert not _is_code(comment)


def floors() -> tuple[set[str], set[str]]:
    """Return the floors there are, and those of them (in brackets) that may be missing."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    layers = contracts["importlinter:contract:floors"]["layers"]
    return set(re.findall(r"\w+", layers)), set(re.findall(r"\((\w+)\)", layers))


def modules(folder: Path) -> set[str]:
    return {
        path.stem
        for path in folder.iterdir()
        if path.name not in SKIPPED | {"__init__.py"} and (path.is_dir() or path.suffix == ".py")
    }


def test_the_floors_are_what_the_package_holds() -> None:
    known, optional = floors()
    assert known - optional <= modules(ROOT / "conformance") <= known


def test_every_package_has_its_tests() -> None:
    missing = [
        folder.name
        for folder in sorted((ROOT / "conformance").iterdir())
        if folder.is_dir() and folder.name not in SKIPPED | PROTOCOLS_ONLY
        if not any((ROOT / "tests" / folder.name).rglob("test_*.py"))
    ]
    assert missing == []


def test_every_folder_of_tests_mirrors_something() -> None:
    mirrored = modules(ROOT / "conformance") | {"examples", "loadtests"}
    assert {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()} <= (
        mirrored | SKIPPED
    )


def test_the_makefile_gives_no_absolute_path() -> None:
    text = (ROOT / "Makefile").read_text()
    assert re.findall(r"(?<![\w.})$])/(?!dev/null)[a-z]+/\S*", text) == []


def test_constraints_pin_every_package_exactly() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.+]+", pin)] == []
