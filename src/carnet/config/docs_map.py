"""The diagram of ARCHITECTURE.md: packages in the layers the contract names, arrows from the imports as they are.

Only arrows that no other path already tells are drawn; everything else would be ink.
"""

import ast
import configparser
import functools
from pathlib import Path

Edges = dict[str, set[str]]


def layers(contract: Path) -> list[list[str]]:
    """Return the layers of `.importlinter`, top first, each with its packages."""
    parsed = configparser.ConfigParser()
    parsed.read(contract, encoding="utf-8")
    written = parsed["importlinter:contract:layers"]["layers"].strip().splitlines()
    return [[name.strip(" ()") for name in line.split("|")] for line in written]


@functools.cache
def imports(package: Path) -> Edges:
    """Return which package of the house imports which; read once, nobody changes what is returned."""
    edges: Edges = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package).with_suffix("").parts
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("carnet."):
                edges.setdefault(parts[0], set()).add(node.module.split(".")[1])
    return {source: targets - {source} for source, targets in edges.items()}


def told_once(edges: Edges) -> Edges:
    """Return the edges without those another path tells (transitive reduction; imports turn in no circle)."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = list(edges.get(start, ()))
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(edges.get(name, ()))
        return seen

    return {
        source: {one for one in targets if not any(one in reached(other) for other in targets - {one})}
        for source, targets in edges.items()
    }


def diagram(*, contract: Path, package: Path) -> str:
    """Return the Mermaid diagram."""
    edges = told_once(imports(package))
    lines = ["```mermaid", "flowchart TD"]
    rows = [[name for name in row if name != "__main__"] for row in layers(contract)]
    for number, row in enumerate(row for row in rows if row):
        if len(row) == 1:
            lines.append(f"  {row[0]}")
        else:
            lines.append(f'  subgraph row{number}[" "]')
            lines += [f"    {name}" for name in row]
            lines.append("  end")
    known = {name for row in rows for name in row}
    lines += [
        f"  {source} --> {target}"
        for source, targets in sorted(edges.items())
        for target in sorted(targets)
        if source in known and target in known
    ]
    return "\n".join([*lines, "```"])
