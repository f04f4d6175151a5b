// What an explorer shows, as one SVG: drawings, colours, titles, legends, where they are on the screen.

import { make } from "./tools.js";

const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "stroke-linejoin", "font-size",
  "font-style", "font-weight", "font-family", "text-anchor", "opacity", "paint-order", "visibility"];
const SPACE = 12;

function styled(svg) {
  const copy = svg.cloneNode(true), copies = [copy, ...copy.querySelectorAll("*")];
  [svg, ...svg.querySelectorAll("*")].forEach((node, at) => {
    const computed = getComputedStyle(node);
    for (const name of STYLES) copies[at].style.setProperty(name, computed.getPropertyValue(name));
  });
  copies.forEach((node) => { for (const name of ["tabindex", "role", "class"]) node.removeAttribute(name); });
  return copy;
}

/** Return `svg`, the text of the picture, and `png()`, its bytes at twice its size. */
export function snapshot(panel, title) {
  const frame = panel.getBoundingClientRect(), paper = getComputedStyle(panel.querySelector(".cu-view")), zoom = frame.width / panel.offsetWidth;
  const parts = [];
  let bottom = 0, top = Infinity, right = 0;
  const put = (box, make) => {
    if (!box.width || !box.height) return;
    const [x, y, width, height] = [box.left - frame.left, box.top - frame.top, box.width, box.height].map((pixels) => pixels / zoom);
    [top, bottom, right] = [Math.min(top, y), Math.max(bottom, y + height), Math.max(right, x + width)];
    parts.push(make({ x, y, width, height }));
  };
  const text = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const style = getComputedStyle(node.parentElement), size = parseFloat(style.fontSize);
    if (style.visibility === "hidden") return; // the name of a curve that is still to come
    put(range.getBoundingClientRect(), ({ x, y, height }) => make("text", { x, y: y + height / 2 + size * 0.35, fill: style.color, "font-size": size,
      "font-weight": style.fontWeight, "font-family": style.fontFamily }, node.textContent));
  };
  for (const view of panel.querySelectorAll(".cu-view:not(.cu-status)")) {
    for (const canvas of view.querySelectorAll("canvas")) put(canvas.getBoundingClientRect(), (box) => {
      const image = make("image", { ...box, href: canvas.toDataURL(), preserveAspectRatio: "none" });
      image.style.imageRendering = "pixelated";
      return image;
    });
    for (const svg of view.querySelectorAll(".plot > svg, .legend svg")) put(svg.getBoundingClientRect(), (box) => {
      const copy = styled(svg);
      for (const [name, value] of Object.entries(box)) copy.setAttribute(name, value);
      copy.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
      return copy;
    });
    for (const part of view.querySelectorAll(".title, .legend")) {
      const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) if (!walker.currentNode.parentElement.closest("svg")) text(walker.currentNode);
    }
  }
  const width = Math.ceil(right + SPACE), height = Math.ceil(bottom - top + 2 * SPACE);
  const whole = make("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 ${top - SPACE} ${width} ${height}` },
    make("title", {}, title), make("rect", { x: 0, y: top - SPACE, width, height, fill: paper.backgroundColor }), ...parts);
  const svg = new XMLSerializer().serializeToString(whole);
  return { svg, async png() {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    const canvas = make("canvas", { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  } };
}
