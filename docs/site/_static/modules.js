// RequireJS would look for anywidget beside the page; it is beside this script.
window.require = { paths: { anywidget: new URL("scripts/anywidget", document.currentScript.src).href } };
// Widgets pass every label to MathJax through the API of version 2. No label holds a formula, so this does nothing.
const Hub = { Queue() {} };
window.MathJax = { ...window.MathJax, Hub, startup: { ready() { Object.assign(MathJax, { Hub }).startup.defaultReady(); } } };
