"""Reading pages as a strict reader would: tags that close, ids that are unique, labels."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"br", "input", "link", "meta"}


@dataclass
class Element:
    """A tag with its attributes and the text directly inside it."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    parents: list[Element] = field(default_factory=list, repr=False)

    def get(self, name: str) -> str | None:
        return self.attributes.get(name)


def token_in(page: str) -> str:
    """What the forms of a page carry, so that they are known when they come back."""
    found = re.search("name=token value=([0-9a-f.]+)", page)
    assert found, page
    return found[1]


class Page(HTMLParser):
    """All elements of a page in order. Raises AssertionError where tags do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = Counter(name for name, _ in attrs)
        assert max(names.values(), default=1) == 1, f"an attribute twice: {tag} {attrs}"
        element = Element(tag, dict(attrs), parents=list(self._open))
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs), parents=list(self._open)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"nothing to close: {tag}"
        assert self._open.pop().tag == tag, f"closes another: {tag}"

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements with this tag and these attributes."""
        return [
            element
            for element in self.elements
            if element.tag == tag and attributes.items() <= element.attributes.items()
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only such element."""
        (element,) = self.all(tag, **attributes)
        return element

    def shape(self) -> Counter[str]:
        """How many of each tag."""
        return Counter(element.tag for element in self.elements)

    def check(self) -> None:
        """Hold the page to the basics of HTML and of people who cannot see it."""
        ids = Counter(element.get("id") for element in self.elements if element.get("id"))
        assert not [name for name, count in ids.items() if count > 1]
        assert self.one("html").get("lang")
        assert self.one("title").text.strip()
        assert self.one("h1").text.strip()
        assert self.one("main")
        labels = {label.get("for") for label in self.all("label")}
        for control in self.all("input"):
            if control.get("type") == "hidden":
                continue
            if control.get("type") == "hidden":
                continue
            inside = any(parent.tag == "label" for parent in control.parents)
            assert inside or control.get("id") in labels, f"no label: {control}"
        for element in self.elements:
            assert not [name for name in element.attributes if name.startswith("on")]
            assert "style" not in element.attributes
            for name in (element.get("aria-describedby") or "").split():
                assert name in ids
            for name in ("src", "href", "action"):
                target = element.get(name) or "/"
                assert target.startswith(("/", "#", "data:,")), f"leaves the device: {target}"
                assert not target.startswith("//")
