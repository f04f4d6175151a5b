import json
import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from course_utils import views
from course_utils.messages.browser import texts
from course_utils.messages.numbers import chance, number, percent

NUMBERS = {0: "0", 0.57: "0.57", 5049: "5050", -1.5: "−1.5", 5.09e39: "5.09·10³⁹", 1e-7: "10⁻⁷", -2e-9: "−2·10⁻⁹"}
NUMBERS |= {-1e-7: "−10⁻⁷", float("inf"): "infinite", -float("inf"): "minus infinite", float("nan"): "no number"}
SHARES = {0: "0%", 1: "100%", 0.97: "97%", 0.9999: "above 99%", 0.0057: "0.57%", 3e-7: "3·10⁻⁵%"}
CHANCES = {0.75: "0.75", 9.1e-7: "9.1·10⁻⁷", 0.9999: "above 0.99", 1: "1"}


@pytest.mark.parametrize(("write", "table"), [(number, NUMBERS), (percent, SHARES), (chance, CHANCES)])
def test_numbers_have_few_digits_and_are_never_rounded_to_none_or_all(write, table):
    assert {value: write(value) for value in table} == table


def test_the_browser_writes_numbers_as_python_does(tmp_path):
    sizes = [0.0, 1, 0.57, 5049, 1.125, 1.135, 2.5, 1005, 1015, 99949, 99950, 0.00099949, 0.001, 1e-7, 2e-9, 5.09e39]
    sizes += [1.5e5, 123456, 1e5, 9.995, 0.1 + 0.2, 1 / 3, 1e-300, 1.7976931348623157e308, 12345.5, float("inf")]
    values = [sign * size for size in sizes for sign in (1, -1)]
    module = tmp_path / "views.mjs"
    module.write_text((Path(views.__file__).parent / "views.js").read_text(encoding="utf-8"), encoding="utf-8")
    load = "globalThis.document = { createElement: () => ({ getContext: () => ({}) }) };\n"
    load += f"const {{ format }} = await import({json.dumps(module.as_uri())});\n"
    sent = json.dumps([repr(value).replace("inf", "Infinity") for value in values])
    run = f"console.log(JSON.stringify({sent}.map((value) => format(Number(value), {json.dumps(texts())}))));"
    node = [str(compute_driver_executable()[0]), "--input-type=module"]
    written = subprocess.run(node, input=load + run, capture_output=True, text=True, check=True).stdout
    assert list(zip(values, json.loads(written), strict=True)) == [(value, number(value)) for value in values]
