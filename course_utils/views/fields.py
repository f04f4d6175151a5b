"""Views that take something from a hand."""

import traitlets

from course_utils.views.widgets import BrowserHeld


class SketchView(BrowserHeld):
    """Axes into which a curve is drawn, with mouse, finger or arrow keys.

    `axes`: `x` (ascending), `ticks` (a text under each x, or None), `x_name`, `y_name`, `low` and `high` (the ends of
    the y axis), `log_x`, `log_y`. `heights`: the drawn value at each x; empty until the curve reaches from end to end.
    """

    kind = traitlets.Unicode("sketch").tag(sync=True)
    axes = traitlets.Dict().tag(sync=True)
    heights = traitlets.List(traitlets.Float()).tag(sync=True)

    def __repr__(self) -> str:
        return f"SketchView({self.axes['y_name']!r} over {self.axes['x_name']!r})"


class InOrder(BrowserHeld):
    """Nothing to see: in a card, it lets what is typed and chosen reach Python before a press of a button.

    Until Python has answered, a browser keeps the newest change of a control back, and sends a press at once.
    `controls`: the models' ids of what is typed and chosen with.
    """

    kind = traitlets.Unicode("order").tag(sync=True)
    controls = traitlets.List(traitlets.Unicode()).tag(sync=True)
