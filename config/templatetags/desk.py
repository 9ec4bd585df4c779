"""What the templates of the desk say in one word."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

WIDTH = 96  # pixels of a meter


@register.filter
def number(value: int) -> str:
    """A whole number as people read it: 12,345."""
    return f"{value:,}"


@register.simple_tag
def about(value: int, is_about: bool) -> str:
    """The number, with the word where it is an estimate."""
    return f"about {value:,}" if is_about else f"{value:,}"


@register.simple_tag
def meter(part: int, whole: int) -> SafeString:
    """A bar of how much of the whole is done, with the same in words."""
    done = round(WIDTH * part / whole) if whole else 0
    percent = f"{100 * part // whole} %" if whole else "none"
    return format_html(
        '<span class="meter"><svg width="{0}" height="8" role="img" aria-label="{2}">'
        '<rect class="bar-rest" width="{0}" height="8" rx="4"/>'
        '<rect class="bar-done" width="{1}" height="8" rx="4"/></svg>'
        '<span class="small">{2}</span></span>',
        WIDTH,
        done,
        percent,
    )


@register.inclusion_tag("admin/pages.html", takes_context=True)
def pages(context, shown):
    """Links to the other pages of a list, which keep what was asked for."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {"shown": shown, "query": query.urlencode()}
