"""Make README's picture: lab 04 in JupyterLab, with a figure, a wrong answer, and the card that recognises it.

python tools/picture.py docs/_static/lab.png
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from lab_browser import NotebookPage, chromium, lab_server, user_environment
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
ANSWER = """# TODO 1: find these four numbers from the arrays X_train, y_train, X_test and y_test.
n_features, n_train = X_train.shape
n_test = len(X_test)
n_classes = len(np.unique(y_train))"""


def main(target: Path) -> None:
    """Work through the lab as far as its first check, and take the picture."""
    with tempfile.TemporaryDirectory(prefix="labs-picture-") as folder:
        course = Path(folder) / "course"
        shutil.copytree(ROOT / "notebooks", course / "notebooks", ignore=shutil.ignore_patterns(".*"))
        labs = [str(Path(sys.executable).with_name("labs"))]
        environment = user_environment(Path(folder) / "home")
        with lab_server(labs, course, environment, ["04"]) as (address, _), chromium() as browser:
            page = browser.new_page(viewport={"width": 1000, "height": 1240}, device_scale_factor=1.3)
            page.goto(address)
            notebook = NotebookPage(page)
            notebook.run_until("lab.use(train_set)")
            todo = notebook.cell(notebook.position)
            notebook.write(todo, ANSWER)
            notebook.run()
            card = notebook.run().get_by_role("status")
            card.wait_for()
            page.keyboard.press("ControlOrMeta+b")  # without the list of files
            card.evaluate("card => card.scrollIntoView({block: 'end'})")
            page.locator(".jp-WindowedPanel-outer").first.evaluate("panel => panel.scrollBy(0, 60)")
            page.wait_for_load_state("networkidle")
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    # A palette makes a screenshot a third as large, and it looks the same.
    picture.quantize(256, dither=Image.Dither.NONE).save(target, "png", optimize=True)
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB, {picture.width} x {picture.height}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
