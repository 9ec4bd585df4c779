from access.endpoints import endpoints
from access.scopes import ROLES, SCOPES
from config.commands import RegistryCommand


class Command(RegistryCommand):
    help = "List every scope and role, what it means and which calls ask for it."

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--format", choices=["table", "json", "markdown"], default="table"
        )

    def handle(self, *, format, **options) -> None:
        if format == "markdown":
            self.stdout.write(markdown())
        else:
            self.print_rows(rows(), format=format)


def rows() -> list[dict[str, str]]:
    """Each scope, then each role, with its sentence and its calls."""
    return [
        {"name": name, "means": says, "asked_for_by": calls_that_ask(kind, name)}
        for kind, known in (("scopes", SCOPES), ("roles", ROLES))
        for name, says in known.items()
    ]


def calls_that_ask(kind: str, name: str) -> str:
    calls = [
        str(endpoint)
        for endpoint in endpoints()
        if not endpoint.is_public and name in endpoint.required[kind]
    ]
    return ", ".join(calls)


def markdown() -> str:
    """The table of docs/access."""
    lines = [
        "| scope or role | what it opens | calls that ask for it |",
        "|---|---|---|",
    ]
    for row in rows():
        calls = ", ".join(
            f"`{call}`" for call in row["asked_for_by"].split(", ") if call
        )
        lines.append(f"| `{row['name']}` | {row['means']} | {calls} |")
    return "\n".join(lines)
