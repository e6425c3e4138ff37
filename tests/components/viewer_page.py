"""Where things are on the test page of the viewer, and how they are drawn."""

from playwright.sync_api import Page

from tests.components import scenes

AXES = """() => {
  const layout = document.querySelector('.js-plotly-plot')._fullLayout;
  return ['', 2, 3, 4, 5].map((n) => {
    const [x, y] = [layout['xaxis' + n], layout['yaxis' + n]];
    return [x._offset, y._offset, x._length, y._length, ...x.range, ...y.range];
  });
}"""
BOXES = """(selector) => [...document.querySelectorAll(selector)].map((node) => {
  const box = node.getBoundingClientRect();
  return [box.left, box.top, box.width, box.height];
})"""


def spot(
    page: Page, *, panel: int, player: int, at: tuple[float, float] = (0.5, 0.5)
) -> tuple[float, float]:
    """Screen position inside a region of one panel; `at` are fractions of the square."""
    column, row = player % 4 + at[0], player // 4 + at[1]
    x, y = scenes.FRAME.left + 40 * column, scenes.FRAME.top + 40 * row
    a = page.evaluate(AXES)[panel]
    ((left, top, _, _),) = page.evaluate(BOXES, ".cs-layer")
    return (
        left + a[0] + (x - a[4]) / (a[5] - a[4]) * a[2],
        top + a[1] + (y - a[7]) / (a[6] - a[7]) * a[3],
    )


def wait_until_drawn(page: Page, *, overlays: int = 4) -> None:
    page.wait_for_function(
        "(n) => document.querySelectorAll('.cs-layer image').length === n"
        " && document.querySelector('.imagelayer image')",
        arg=overlays,
    )
    page.wait_for_timeout(700)  # the last resize has settled


def drag(page: Page, *spots: tuple[float, float]) -> None:
    """Press at the first place, pass the others, release at the last."""
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*spot, steps=4)
    page.mouse.up()
