// RequireJS would look for anywidget beside the page; it lies beside this script.
window.require = { paths: { anywidget: new URL("scripts/anywidget", document.currentScript.src).href } };
// Widgets offer every label to MathJax as version 2 knew it. No label holds a formula: nothing is to be done.
const Hub = { Queue() {} };
window.MathJax = { ...window.MathJax, Hub, startup: { ready() { Object.assign(MathJax, { Hub }).startup.defaultReady(); } } };
