"""Sphinx's settings for the course's web site; `tools/build_site.py` collects the pages and runs it.

No page loads anything from another host: every script is in `_static/scripts`, and fonts are the reader's own.
"""

project = html_title = "From the recurrent network to the Transformer"
project_copyright = "the course's authors; code MIT, texts CC BY 4.0"
language = "en"

extensions = ["myst_nb"]
exclude_patterns = ["texts", "downloads"]
# A page that is a section of the README begins one heading level lower than a page of its own.
suppress_warnings = ["myst.header"]

nb_execution_mode = "off"
nb_merge_streams = True
# In this order: where anywidget is, the loader that asks for it, and what draws widgets without a kernel.
nb_ipywidgets_js = {"modules.js": {}, "scripts/require.js": {}, "scripts/embed-amd.js": {}}

myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
mathjax_path = "scripts/mathjax.js"
mathjax3_config = {"options": {"enableMenu": False}}  # the menu would load more scripts

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_js_files = ["page.js"]
html_copy_source = html_show_sourcelink = html_use_index = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#005a8f", "color-brand-content": "#005a8f"},
    "dark_css_variables": {"color-brand-primary": "#6cb8ea", "color-brand-content": "#6cb8ea"},
}
