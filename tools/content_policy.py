"""Give an exported page a content security policy: it loads what it holds and what lies beside it, and no other host.

The policy is in the page itself, as a `<meta>`, so that it holds wherever the page is opened, from a file too.
"""

import base64
import hashlib
import re

from bs4 import BeautifulSoup, SoupStrainer

BESIDE = "'self' file:"  # browsers do not agree on what 'self' is for a page that was opened from a file
POLICY = {
    "default-src": "'none'",
    "style-src": f"{BESIDE} 'unsafe-inline'",  # views, formulas and figures set the style of their elements
    "img-src": f"{BESIDE} data:",
    "font-src": f"{BESIDE} data:",
    "connect-src": "'self'",  # the site's search reads the pages that it found
    "frame-src": BESIDE,  # the speaker's window shows two slides
    "form-action": BESIDE,
    "base-uri": "'none'",
}
# What a page with this text needs besides: views are modules made from text, and the manager of widgets compiles the
# schema of their state (Ajv, with `new Function`). It lets networks be compiled as WebAssembly, too. Neither RequireJS
# nor MathJax evaluates text.
WIDGETS = "application/vnd.jupyter.widget-state+json"
OF_WIDGETS = "blob: 'unsafe-eval'"


def hashes(page: str) -> list[str]:
    """Return the source expression (`'sha256-…'`) of each script in an HTML page, data left out, sorted."""
    scripts = BeautifulSoup(page, "html.parser", parse_only=SoupStrainer("script", src=False)).find_all("script")
    held = {script.get_text() for script in scripts if script.get("type") in (None, "module", "text/javascript")}
    digests = (hashlib.sha256(text.encode()).digest() for text in held)
    return sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def with_policy(page: str, opened: str = "") -> str:
    """Return an HTML page with its policy; to be called last, for a script that is changed later would not run.

    Args:
        page: the page; it names its charset, UTF-8.
        opened: HTML that the page writes into a window of its own. Such a window is under the page's policy.

    Raises:
        ValueError: the page names no charset.
    """
    scripts = " ".join([BESIDE, *hashes(page + opened), *([OF_WIDGETS] if WIDGETS in page else [])])
    policy = "; ".join(f"{name} {value}" for name, value in {**POLICY, "script-src": scripts}.items())
    # Below the charset, which has to be among the first 1,024 bytes.
    meta = rf'\g<0>\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    found, count = re.subn(r'<meta charset="utf-8"\s*/?>', meta, page, count=1)
    if not count:
        raise ValueError("no place for a policy: the page names no charset")
    return found
