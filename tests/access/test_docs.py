"""docs/access says what is so."""

from pathlib import Path

from access.management.commands.listscopes import markdown

PAGE = Path(__file__).parents[2] / "docs" / "access.md"


def test_its_table_of_scopes_is_the_one_that_the_code_makes():
    _, _, rest = PAGE.read_text().partition("<!-- scopes -->\n")
    table, _, _ = rest.partition("\n<!-- /scopes -->")
    assert table == markdown()
