"""Open every page of the site in headless Chromium, without a network: `make docs-check`.

A page is as it should be if every formula on it was set, no formula shows an error, nothing that it asks for is
missing, and it is no wider than the screen, on a desk or on a telephone. The exit code is 1 if some page is not.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

SITE = Path(__file__).parent / "_build" / "html"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
DESK, TELEPHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
COUNT = """async () => {
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
  const count = selector => document.querySelectorAll(selector).length;
  return { asked: count(".math"), set: count("mjx-container"), broken: count("[data-mjx-error]") };
}"""
WIDTH = "document.documentElement.scrollWidth"


def pages(site: Path) -> list[Path]:
    """Return the pages of a site that people wrote or that show what people wrote: no indices and no source code."""
    return [page for page in sorted(site.rglob("*.html")) if "_modules" not in page.parts and page.stem != "genindex"]


def faults(page: Page, file: Path) -> list[str]:
    """Return what is wrong with a page, as sentences without a subject."""
    found: list[str] = []
    page.on("requestfailed", lambda request: found.append(f"asks for {request.url}, which is not there"))
    page.on("pageerror", lambda error: found.append(f"stops with an error: {error}"))
    page.set_viewport_size(DESK)
    page.goto(file.resolve().as_uri())
    mathematics = page.evaluate(COUNT)
    if mathematics["set"] < mathematics["asked"]:
        found.append(f"sets {mathematics['set']} of {mathematics['asked']} formulas")
    if mathematics["broken"]:
        found.append("has formulas that are not well formed")
    for screen in (DESK, TELEPHONE):
        page.set_viewport_size(screen)
        if page.evaluate(WIDTH) > screen["width"]:
            found.append(f"is {page.evaluate(WIDTH)} pixels wide on a screen of {screen['width']}")
    return found


def main(site: Path) -> int:
    """Check a site, and print one line for each fault, or how many pages are without."""
    checked, browser = pages(site), next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not checked:
        print(f"there are no pages in {site}: run `make docs` first", file=sys.stderr)
        return 2
    if browser is None or find_spec("playwright") is None:
        print("skipped: pages are checked where Chromium and the package playwright are installed", file=sys.stderr)
        return 0
    found = [f"{file.relative_to(site)} {fault}" for file, faults in _faults(checked, browser) for fault in faults]
    print("\n".join(found) or f"{len(checked)} pages are as they should be, with the network off")
    return int(bool(found))


def _faults(files: list[Path], browser: str) -> Iterator[tuple[Path, list[str]]]:
    """Open the pages one after the other, and give what is wrong with each."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch(executable_path=browser, args=OPTIONS).new_context(offline=True)
        for file in files:
            page = context.new_page()
            yield file, faults(page, file)
            page.close()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else SITE))
