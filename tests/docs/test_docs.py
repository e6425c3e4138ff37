"""The documentation names everything there is, and nothing that is not."""

import ast
import dataclasses
import inspect
import json
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from explainers.agreement import METRICS, Verdict
from explainers.cli_options import parser
from explainers.explanation import MethodId
from explainers.methods import METHODS
from explainers.methods.base import Method

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PRODUCT = ("app.py", "pages", "components", "explainers", "models")
BY_ID = pytest.mark.parametrize("method", METHODS, ids=lambda m: m.card.id)


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def flat(text: str) -> str:
    """Text with every run of white space as one blank."""
    return " ".join(text.split())


def table(text: str) -> dict[str, list[str]]:
    """Rows of Markdown tables whose first cell is `code`: name -> other cells."""
    rows = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        name = re.fullmatch(r"`([^`]+)`", cells[0])
        if line.startswith("|") and name:
            assert name[1] not in rows, f"{name[1]} is documented twice"
            rows[name[1]] = cells[1:]
    return rows


def section(text: str, heading: str) -> str:
    """What stands under a level-2 heading."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"no section {heading!r}"
    return found[1]


def method_section(method: Method) -> str:
    return section(read("methods.md"), f"`{method.card.id}`: {method.card.title}")


def product_files() -> list[Path]:
    paths = [ROOT / name for name in PRODUCT]
    return [f for path in paths for f in ([path] if path.is_file() else path.rglob("*.py"))]


def test_methods_are_documented_in_their_order_and_no_others() -> None:
    headings = re.findall(r"^## `(\w+)`: ", read("methods.md"), re.M)
    assert headings == [method.card.id for method in METHODS]


def test_facts_of_every_method_are_those_of_its_card() -> None:
    facts = table(section(read("methods.md"), "Facts at a glance"))
    yes = {True: "yes", False: "no"}
    assert facts == {
        card.id: [
            ", ".join(sorted(card.modalities)),
            card.family,
            card.kind,
            yes[card.signed],
            yes[card.complete],
            yes[card.stochastic],
            yes[card.uses_baseline],
            ", ".join(sorted(card.needs)) or "-",
        ]
        for card in (method.card for method in METHODS)
    }


@BY_ID
def test_assumption_and_reference_are_those_of_the_card(method: Method) -> None:
    text = flat(method_section(method))
    assert f"**Assumes.** {flat(method.card.assumption)}" in text
    assert f"**Reference.** {flat(method.card.reference)}" in text
    assert "**Numbers.**" in text
    assert "**Cost.**" in text


@BY_ID
def test_settings_their_defaults_and_meanings_are_documented(method: Method) -> None:
    fields = {f.name: f.default for f in dataclasses.fields(method)}
    assert fields.keys() == method.card.settings.keys()
    documented = table(method_section(method))
    assert documented == {
        name: [str(default), method.card.settings[name]] for name, default in fields.items()
    }


@BY_ID
def test_departures_from_the_paper_are_documented(method: Method) -> None:
    text = method_section(method)
    departs = re.search(r"Differs|Departs", inspect.getdoc(type(method)) or "")
    assert "**Departures.**" in text
    assert not (departs and "**Departures.** None" in text)


@pytest.mark.parametrize("page", ["agreement.md", "report.md"])
def test_metrics_are_documented(page: str) -> None:
    text = read(page)
    missing = [
        name for name in METRICS if f"`{name}`" not in text and f"`agreement.{name}`" not in text
    ]
    assert not missing


def test_verdicts_are_in_the_glossary_and_the_report() -> None:
    terms = re.findall(r"^\| ([a-z]+) \|", read("glossary.md"), re.M)
    assert set(get_args(Verdict)) <= set(terms)
    assert all(f"`{verdict}`" in read("report.md") for verdict in get_args(Verdict))


def test_glossary_has_each_term_once() -> None:
    terms = re.findall(r"^\| ([^|]+) \|", read("glossary.md"), re.M)
    assert len(terms) == len(set(terms))


def test_error_classes_are_documented_with_their_parents() -> None:
    parents = {"ConsiliumError": "-"}
    found = True
    while found:  # subclasses of subclasses, wherever they are defined
        found = False
        for path in product_files():
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and node.name not in parents:
                    bases = [b.id for b in node.bases if isinstance(b, ast.Name)]
                    for base in set(bases) & parents.keys():
                        parents[node.name] = f"`{base}`"
                        found = True
    documented = table(read("errors.md"))
    assert {name: cells[0] for name, cells in documented.items()} == parents
    assert all(when and todo for _, when, todo in documented.values())


def test_environment_variables_are_documented() -> None:
    sources = [*product_files(), *(ROOT / "benchmarks").rglob("*.py"), ROOT / "Makefile"]
    used = {
        name
        for path in sources
        for name in re.findall(r"\bCONSILIUM_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    assert table(section(read("settings.md"), "Environment variables")).keys() == used


def test_make_variables_and_targets_are_documented() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    variables = set(re.findall(r"^(?:export )?([A-Z_]+) \?=", makefile, re.M))
    passed_on = {"ARGS"} & set(re.findall(r"\$\((\w+)\)", makefile))
    text = section(read("settings.md"), "make")
    assert table(text).keys() == variables | passed_on
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.M)
    assert targets
    assert set(re.findall(r"`make (\w+)`", text)) == set(targets[1].split())


def test_server_settings_are_documented() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    set_here = {f"{s}.{key}" for s, entries in config.items() if s != "theme" for key in entries}
    assert table(section(read("settings.md"), "Server")).keys() == set_here | {"theme"}


def test_command_line_options_and_defaults_are_documented() -> None:
    actions = {
        (action.option_strings[-1] if action.option_strings else "FILE"): action.default
        for action in parser()._actions
    }
    documented = table(section(read("settings.md"), "Command line"))
    assert documented.keys() == actions.keys()
    for name, default in actions.items():
        written = documented[name][0].strip("`")
        if isinstance(default, tuple):
            assert written == ",".join(default)
        elif (
            isinstance(default, (int, str))
            and not isinstance(default, bool)
            and default != "==SUPPRESS=="
        ):
            assert written == str(default)


def properties(schema: dict[str, Any], path: str = "") -> set[str]:
    """Dotted paths of all leaves and documented objects of a JSON Schema."""
    for option in schema.get("anyOf", [schema]):
        schema = option if "properties" in option else schema
    if schema.get("type") == "array":
        return properties(schema["items"], f"{path}[]")
    found = set()
    for name, part in schema.get("properties", {}).items():
        below = properties(part, f"{path}.{name}" if path else name)
        found |= below or {f"{path}.{name}" if path else name}
    return found


def test_report_fields_are_documented() -> None:
    schema = json.loads(read("report.schema.json"))
    documented = table(read("report.md")).keys()
    parents = {field.rsplit(".", 1)[0].removesuffix("[]") for field in documented if "." in field}
    leaves = {p for p in properties(schema) if not re.match(r"agreement\.(chance|noise)_\w+\.", p)}
    leaves |= {"agreement.chance_floor", "agreement.chance_band", "agreement.noise_ceiling"}
    assert leaves - documented == set()
    assert documented - leaves - parents - set(schema["properties"]) == set()


def test_report_schema_knows_every_method_verdict_and_metric() -> None:
    schema = json.loads(read("report.schema.json"))
    assert schema["$defs"]["method"]["enum"] == list(get_args(MethodId))
    agreement = schema["properties"]["agreement"]["anyOf"][0]["properties"]
    assert agreement["players"]["items"]["properties"]["verdict"]["enum"] == list(get_args(Verdict))
    assert [name for name in agreement if name in METRICS] == list(METRICS)


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        name, _, anchor = target.partition("#")
        if name.startswith(("http://", "https://")):
            continue
        linked = page.parent / name if name else page
        assert linked.exists(), target
        if anchor and linked.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.M)
            anchors = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
            assert anchor in anchors, target
