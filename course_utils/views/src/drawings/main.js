// The drawings of the lessons' machines, as a bundle of their own: `main.js` loads it where one of them is shown.

import { measureWith } from "../tools.js";
import { bottleneck as bottleneckOf } from "./bottleneck.js";
import { cell as cellOf } from "./cell.js";
import { chips as chipsOf } from "./chips.js";
import { clock as clockOf } from "./clock.js";
import { layer as layerOf } from "./layer.js";
import { heads as headsOf } from "./heads.js";
import { recurrence as recurrenceOf } from "./recurrence.js";
import { versions as versionsOf } from "./versions.js";

// What measures texts is this bundle's own copy, so it takes the font itself.
const measured = (kind) => (the) => {
  measureWith(the.font);
  return kind(the);
};

export const bottleneck = measured(bottleneckOf), cell = measured(cellOf), chips = measured(chipsOf), clock = measured(clockOf);
export const heads = measured(headsOf), layer = measured(layerOf), recurrence = measured(recurrenceOf), versions = measured(versionsOf);
