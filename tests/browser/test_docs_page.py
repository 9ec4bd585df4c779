"""The page of the interfaces: it shows every operation under the strict policy."""

from playwright.sync_api import expect

from config.openapi import document


def test_it_shows_every_operation_and_breaks_no_policy(desk):
    operations = sum(len(each) for each in document()["paths"].values())
    page = desk()
    answer = page.goto("/docs")

    expect(page.locator(".opblock")).to_have_count(operations)
    assert (
        "unsafe"
        not in answer.headers["content-security-policy"]
        .partition("script-src")[2]
        .partition(";")[0]
    )


def test_it_unfolds_an_operation(desk):
    page = desk()
    page.goto("/docs")
    page.get_by_text("/api/academic/enrollments/{id}", exact=False).first.click()

    expect(
        page.get_by_text("Idempotency-Key").or_(page.get_by_text("If-None-Match")).first
    ).to_be_visible()
