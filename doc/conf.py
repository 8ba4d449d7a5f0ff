# SPDX-License-Identifier: GPL-2.0-or-later
# For both guides: sphinx-build -c doc doc/user DIR, as "make docs" does.
import os
import re

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "configure.ac"), encoding="utf-8") as file:
    release = version = re.search(r"AC_INIT\(\[frr-expressroute\], \[(.*?)\]\)", file.read())[1]

project = "frr-expressroute"
copyright = "the frr-expressroute authors"  # pylint: disable=redefined-builtin
root_doc = "index"
# configurations and screens are neither Python nor anything else that has colours
highlight_language = "none"
html_theme = "alabaster"
html_show_copyright = False
html_copy_source = False
html_theme_options = {"description": "The ExpressRoute edge for FRRouting", "page_width": "60em"}
