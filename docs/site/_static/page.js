// A page opened as a file may not read its neighbours, so search lists titles without summaries.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// What the theme lacks for readers who use a keyboard or a screen reader.
const each = (selector, act) => document.querySelectorAll(selector).forEach(act);
each('[role="heading"]:not([aria-level])', (caption) => caption.setAttribute("aria-level", "2"));
each(".sidebar-drawer", (aside) => aside.setAttribute("aria-label", "Pages"));
each(".toc-drawer", (aside) => aside.setAttribute("aria-label", "On this page"));
each("article pre, .cell_output", (box) => { if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; });
