// Marks: a symbol and a colour for each of a few things that are shown in several places.

import { symbol, symbolCircle, symbolCross, symbolDiamond, symbolSquare, symbolStar, symbolTriangle, symbolWye } from "d3-shape";

const SYMBOLS = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond, symbolCross, symbolStar, symbolWye];
const COLOURS = [0, 2, 3, 4, 5, 6]; // of the figures; the second is left for what is special, such as a query

/** The colour of mark number `mark`; null is unmarked. */
export const tint = (mark, look) => look.lines[mark == null ? 0 : COLOURS[mark % COLOURS.length]];
/** The path of mark number `mark`, of `size` square pixels, around (0, 0). */
export const glyph = (mark, size) => symbol(SYMBOLS[(mark ?? 0) % SYMBOLS.length], size)();
