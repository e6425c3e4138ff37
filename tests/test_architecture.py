"""The rules that keep the layers apart, checked by machine."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from explainers.methods import METHODS
from explainers.methods.base import Method

ROOT = Path(__file__).parents[1]
LAYERS = ("pages", "components", "explainers", "models")
# What views receive and what a page imports before anything is computed.
TORCH_FREE = (
    "components",
    "components.export",
    "explainers.agreement",
    "explainers.cli",
    "explainers.explanation",
    "explainers.maskers.names",
    "explainers.players",
    "explainers.report",
    "explainers.report_csv",
    "explainers.report_json",
    "explainers.summary",
    "explainers.superpixels",
    "models.card",
    "models.case",
    "models.catalog",
    "models.errors",
    "models.inputs.image",
    "models.prediction",
)


def sources() -> list[Path]:
    """Every Python file of the product."""
    return [ROOT / "app.py", *(f for layer in LAYERS for f in sorted((ROOT / layer).rglob("*.py")))]


def imported(path: Path) -> set[str]:
    """Top-level packages that a file imports, lazily or not."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def test_import_contracts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", [str(ROOT), *sys.path])
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


def test_app_imports_nothing_but_streamlit_and_what_prepares_the_process() -> None:
    assert imported(ROOT / "app.py") - sys.stdlib_module_names == {"models", "streamlit"}
    assert imported(ROOT / "models" / "__init__.py") <= sys.stdlib_module_names


def method_files() -> dict[str, Path]:
    """Files under methods/ that define a card; the others are what methods share."""
    return {
        path.stem: path
        for path in (ROOT / "explainers" / "methods").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.AnnAssign) and node.value and ast.unparse(node.target) == "card"
    }


def test_every_method_is_listed_under_the_name_of_its_file() -> None:
    assert {method.card.id for method in METHODS} == method_files().keys()
    assert len(METHODS) == len(method_files())
    for method in METHODS:
        assert type(method).__module__ == f"explainers.methods.{method.card.id}"


def test_every_concrete_method_is_listed() -> None:
    def below(cls: type) -> set[type]:
        return {cls}.union(*(below(c) for c in cls.__subclasses__()))

    ours = {c for c in below(Method) if c.__module__.startswith("explainers.")}
    concrete = {c for c in ours if hasattr(c, "card")}  # the others are what methods share
    assert concrete == {type(method) for method in METHODS}


def test_methods_do_not_import_each_other() -> None:
    pattern = re.compile(r"explainers\.methods(?:\.(\w+)| import (\w+))")
    for name, path in method_files().items():
        used = {a or b for a, b in pattern.findall(path.read_text(encoding="utf-8"))}
        assert not used & method_files().keys(), name


def test_nothing_asks_streamlit_for_unsafe_markup() -> None:
    users = [
        f"{path.relative_to(ROOT)}:{node.value.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and str(node.arg).startswith("unsafe_allow")
    ]
    assert not users


@pytest.mark.parametrize("package", ["torch", "sklearn", "shap", "lime", "matplotlib"])
def test_modules_for_views_do_not_load(package: str) -> None:
    script = f"import sys, {', '.join(TORCH_FREE)}\nsys.exit({package!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("package", ["torch", "scipy", "sklearn", "skimage"])
def test_first_page_does_not_wait_for(package: str) -> None:
    script = "import sys, pages._consultation, pages._image_view\n"
    script += f"sys.exit({package!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_every_component_loads_without_torch() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "components").rglob("*.py"))
        if path.stem != "__init__"
    ]
    script = f"import sys, {', '.join(names)}\nsys.exit('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_files_are_small() -> None:
    """Soft limits: 250 lines a file, 80 a page."""
    too_long = []
    for path in sources():
        text = path.read_text(encoding="utf-8")
        limit = 80 if path.parent.name == "pages" and not path.stem.startswith("_") else 250
        if text.count("\n") > limit:
            too_long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
    assert not too_long
